package dmakit.kernel.dmaengine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.device.Device;
import dmakit.kernel.irq.Tasklet;
import dmakit.kernel.sched.Kthread;
import dmakit.kernel.sync.Completion;
import dmakit.machine.trace.TraceEvent;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which calls are a driver's own, and which the kernel's and its providers'. */
class WhoseCallsTest {
    private final EngineFixture kernel = new EngineFixture();
    private final List<String> own = new ArrayList<>();
    private final List<String> internal = new ArrayList<>();

    @AfterEach
    void switchOff() {
        kernel.close();
    }

    private void run(Runnable body) {
        kernel.machine.trace().addSink(this::hear);
        kernel.run(body);
    }

    private void hear(TraceEvent event) {
        if (event instanceof TraceEvent.Call call) {
            (call.internal() ? internal : own).add(call.function());
        }
    }

    @Test
    void whatAProviderCallsForItsClientIsNotTheClients() {
        Channel channel = kernel.provider(1, TransactionType.MEMCPY).channel(0);
        run(() -> {
            channel.prepMemcpy(0, 0, 4, 0).submit();
            channel.issuePending();
            channel.terminateAll();
        });
        assertThat(own)
                .containsExactly(
                        "dmaengine_prep_dma_memcpy",
                        "dmaengine_submit",
                        "dma_async_issue_pending",
                        "dmaengine_terminate_all");
        assertThat(internal).contains("spin_lock_irqsave").doesNotContainAnyElementsOf(own);
    }

    @Test
    void whatACallbackCallsIsTheClientsThoughATaskletRunsIt() {
        SoftwareProvider.Soft channel = kernel.provider(1, TransactionType.MEMCPY).channel(0);
        run(() -> {
            Completion done = new Completion(kernel.sched);
            channel.prepMemcpy(0, 0, 4, 0).callback(done::complete).submit();
            channel.issuePending();
            boolean outer = kernel.sched.calls().internal(true);
            channel.finish();
            kernel.sched.calls().internal(outer);
            done.waitFor();
        });
        assertThat(own)
                .containsExactly(
                        "init_completion",
                        "dmaengine_prep_dma_memcpy",
                        "dmaengine_submit",
                        "dma_async_issue_pending",
                        "wait_for_completion",
                        "complete");
        assertThat(internal).contains("tasklet_schedule");
    }

    @Test
    void whatATaskletCallsIsTheKernels() {
        Tasklet tasklet =
                new Tasklet(kernel.softirqs, "test", () -> new Completion(kernel.sched).complete());
        run(() -> {
            tasklet.schedule();
            kernel.settle();
        });
        assertThat(own).containsExactly("tasklet_schedule", "msleep");
        assertThat(internal).containsExactly("init_completion", "complete");
    }

    @Test
    void aTaskThatRunsWhileAProviderSleepsHasItsOwnCalls() {
        Channel channel =
                sleepingProvider(() -> {
                    kernel.sched.msleep(2);
                    new Completion(kernel.sched).complete();
                });
        run(() -> {
            Kthread other = kernel.sched.kthreadRun("other", () -> kernel.sched.msleep(1));
            channel.issuePending();
            assertThat(kernel.sched.calls().isInternal()).isFalse();
            other.stop();
        });
        assertThat(own)
                .startsWith("kthread_create")
                .containsSubsequence("dma_async_issue_pending", "msleep");
        assertThat(internal).containsExactly("msleep", "init_completion", "complete");
    }

    @Test
    void aRefusalByAProviderEndsItsCallsToo() {
        Channel channel =
                sleepingProvider(() -> {
                    throw new DmaException(Errno.EIO, "broken");
                });
        run(() -> {
            assertThatThrownBy(channel::issuePending).isInstanceOf(DmaException.class);
            kernel.sched.msleep(1);
        });
        assertThat(own).containsExactly("dma_async_issue_pending", "msleep");
    }

    @Test
    void aPollIsOneCallThatAsksForItself() {
        Channel channel = kernel.provider(1, TransactionType.MEMCPY).channel(0);
        run(() -> channel.isTxComplete(channel.syncWait(Cookies.MIN).ordinal() + 1, new TxState()));
        assertThat(own).containsExactly("dma_sync_wait", "dma_async_is_tx_complete");
        assertThat(internal)
                .contains("dma_async_issue_pending", "dma_async_is_tx_complete")
                .doesNotContain("dma_sync_wait");
    }

    /** A provider whose {@code issue_pending} does that and nothing else. */
    private Channel sleepingProvider(Runnable issuePending) {
        Device device = kernel.device("sleepy");
        ProviderOps ops =
                new ProviderOps(
                        (channel, cookie, state) -> DmaStatus.COMPLETE, _ -> issuePending.run());
        SoftwareProvider provider = new SoftwareProvider(kernel.engine, device, 1, ops);
        kernel.engine.register(provider.device());
        return provider.channel(0);
    }
}
