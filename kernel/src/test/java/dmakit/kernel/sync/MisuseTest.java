package dmakit.kernel.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.TestKernel;
import dmakit.kernel.check.Finding;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Findings;
import dmakit.kernel.check.Role;
import dmakit.kernel.irq.IrqReturn;
import dmakit.kernel.irq.Tasklet;
import dmakit.kernel.sched.AtomicContextViolation;
import dmakit.kernel.sched.KernelTask;
import dmakit.kernel.work.Work;
import dmakit.kernel.work.WorkQueue;
import dmakit.machine.task.Deadlock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the kernel makes of misuse by drivers that cannot be unwound: a finding, and on it goes. */
class MisuseTest {
    private final TestKernel kernel = new TestKernel();
    private final Findings findings = kernel.sched.calls().findings();
    private final List<String> heard = new ArrayList<>();

    @BeforeEach
    void tolerate() {
        findings.enable();
        kernel.sched.contexts().tolerateMisuse();
    }

    @AfterEach
    void close() {
        kernel.close();
    }

    private Finding only() {
        assertThat(findings.all()).hasSize(1);
        return findings.all().getFirst();
    }

    private int lineOf(Finding finding) {
        return findings.lineOf(finding.site()).line();
    }

    private static int line() {
        return StackWalker.getInstance()
                .walk(frames -> frames.skip(1).findFirst().orElseThrow().getLineNumber());
    }

    private void onInterrupt(Runnable action) {
        kernel.irqs.request(
                5,
                (_, _) -> {
                    kernel.line(5).set(false);
                    action.run();
                    return IrqReturn.HANDLED;
                },
                "dev",
                this);
        kernel.line(5).set(true);
    }

    @Test
    void sleepingUnderASpinlockIsFoundWithTheLineThatTookIt() {
        var lock = new SpinLock(kernel.sched, "s");
        int[] lines = new int[2];
        kernel.run(() -> {
            lines[0] = line() + 1;
            lock.lock();
            lines[1] = line() + 1;
            kernel.sched.msleep(1);
            lock.unlock();
            heard.add("on");
        });

        Finding finding = only();
        assertThat(finding.id()).isEqualTo(FindingId.SLEEP_IN_ATOMIC);
        assertThat(lineOf(finding)).isEqualTo(lines[1]);
        assertThat(finding.sites().getFirst().role()).isEqualTo(Role.TAKEN);
        assertThat(findings.lineOf(finding.sites().getFirst().site()).line()).isEqualTo(lines[0]);
        assertThat(heard).containsExactly("on");
    }

    @Test
    void sleepingUnderASpinlockLetsOthersRunAndKeepsTheContext() {
        var lock = new SpinLock(kernel.sched, "s");
        kernel.run(() -> {
            kernel.start("other", () -> heard.add("other"));
            lock.lock();
            kernel.sched.msleep(20);
            assertThat(kernel.sched.contexts().preemptCount()).isEqualTo(1);
            heard.add("main");
            lock.unlock();
            assertThat(kernel.sched.contexts().preemptCount()).isZero();
        });

        assertThat(heard).containsExactly("other", "main");
    }

    @Test
    void whoWantsTheSpinlockOfASleeperSpinsUntilItIsFree() {
        var lock = new SpinLock(kernel.sched, "s");
        kernel.run(() -> {
            kernel.start(
                    "other",
                    () -> {
                        lock.lock();
                        heard.add("other");
                        lock.unlock();
                    });
            lock.lock();
            kernel.sched.msleep(20);
            heard.add("main");
            lock.unlock();
            kernel.sched.msleep(20);
        });

        assertThat(heard).containsExactly("main", "other");
        assertThat(only().id()).isEqualTo(FindingId.SLEEP_IN_ATOMIC);
    }

    @Test
    void sleepingInAnInterruptOnlyLetsTimePass() {
        kernel.run(() -> {
            onInterrupt(() -> kernel.sched.msleep(10));
            kernel.start("other", () -> heard.add("other"));
            long before = kernel.machine.clock().now();
            kernel.sched.udelay(5);
            assertThat(kernel.machine.clock().now() - before).isGreaterThan(10 * TestKernel.MS);
            heard.add("main");
        });

        assertThat(only().message()).contains("msleep may sleep", "in an interrupt handler");
        assertThat(heard).first().isEqualTo("main");
    }

    @Test
    void sleepingInACompletionCallbackHasAnIdOfItsOwn() {
        var tasklet =
                new Tasklet(
                        kernel.softirqs,
                        "t",
                        () -> {
                            boolean outer = kernel.sched.contexts().callback(true);
                            kernel.sched.msleep(1);
                            kernel.sched.contexts().callback(outer);
                        });
        kernel.run(() -> {
            tasklet.schedule();
            kernel.sched.msleep(50);
        });

        assertThat(only().id()).isEqualTo(FindingId.CALLBACK_SLEEPS);
    }

    @Test
    void anInterruptThatWaitsForWhatNeverComesStopsTheKernel() {
        assertThatThrownBy(() ->
                        kernel.run(() -> {
                            onInterrupt(() -> new Completion(kernel.sched).waitFor());
                            kernel.sched.udelay(5);
                        }))
                .hasRootCauseInstanceOf(AtomicContextViolation.class);

        assertThat(findings.all())
                .extracting(Finding::id)
                .containsExactly(FindingId.SLEEP_IN_ATOMIC, FindingId.DEADLOCK);
    }

    @Test
    void aMutexTakenTwiceIsFoundWithBothLines() {
        var mutex = new Mutex(kernel.sched, "m");
        int[] lines = new int[1];
        assertThatThrownBy(() ->
                        kernel.run(() -> {
                            lines[0] = line() + 1;
                            mutex.lock();
                            mutex.lock();
                        }))
                .isInstanceOf(Deadlock.class);

        Finding finding = only();
        assertThat(finding.id()).isEqualTo(FindingId.DEADLOCK);
        assertThat(lineOf(finding)).isEqualTo(lines[0] + 1);
        assertThat(findings.lineOf(finding.sites().getFirst().site()).line()).isEqualTo(lines[0]);
    }

    @Test
    void aMutexGivenBackByAnotherTaskIsFreeAfterwards() {
        var mutex = new Mutex(kernel.sched, "m");
        kernel.run(() -> {
            kernel.start("taker", mutex::lock);
            kernel.settle();
            mutex.unlock();
            assertThat(mutex.isLocked()).isFalse();
        });

        assertThat(findings.all())
                .extracting(Finding::id)
                .containsExactly(FindingId.LOCK_IMBALANCE, FindingId.LOCK_IMBALANCE);
    }

    @Test
    void aSpinlockGivenBackButNotTakenChangesNothing() {
        var lock = new SpinLock(kernel.sched, "s");
        kernel.run(() -> {
            lock.unlock();
            assertThat(kernel.sched.contexts().preemptCount()).isZero();
        });

        assertThat(findings.all())
                .extracting(Finding::id)
                .containsExactly(FindingId.LOCK_IMBALANCE, FindingId.ATOMIC_IMBALANCE);
    }

    @Test
    void aHandlerThatKeepsASpinlockIsFoundWhereItTookIt() {
        var lock = new SpinLock(kernel.sched, "s");
        int[] lines = new int[1];
        kernel.run(() -> {
            onInterrupt(() -> {
                lines[0] = line() + 1;
                lock.lock();
            });
            kernel.sched.udelay(5);
            assertThat(kernel.sched.contexts().inAtomic()).isFalse();
        });

        Finding finding = findings.all().getFirst();
        assertThat(finding.id()).isEqualTo(FindingId.LOCK_IMBALANCE);
        assertThat(finding.message()).isEqualTo("interrupt handler dev returned and still holds s");
        assertThat(lineOf(finding)).isEqualTo(lines[0]);
    }

    @Test
    void workThatLeavesPreemptionDisabledIsFoundAndRepaired() {
        var queue = new WorkQueue(kernel.sched, "q", 1);
        kernel.run(() -> {
            queue.queue(new Work("w", () -> kernel.sched.contexts().preemptDisable()));
            queue.queue(new Work("next", () -> heard.add("next")));
            queue.flush();
        });

        assertThat(only().id()).isEqualTo(FindingId.ATOMIC_IMBALANCE);
        assertThat(heard).containsExactly("next");
    }

    @Test
    void aTimerThatLeavesInterruptsDisabledIsFound() {
        var timer = new KernelTimer(kernel.timers, "t", () -> kernel.sched.contexts().irqDisable());
        kernel.run(() -> {
            timer.modify(kernel.sched.jiffies().now() + 1);
            kernel.sched.msleep(50);
        });

        assertThat(only().message())
                .isEqualTo("timer t was entered with interrupts enabled and left them disabled");
    }

    @Test
    void preemptionEnabledTooOftenIsFound() {
        kernel.run(() -> kernel.sched.contexts().preemptEnable());

        assertThat(only().id()).isEqualTo(FindingId.ATOMIC_IMBALANCE);
    }

    @Test
    void moreLocksThanAreKeptAccountOfDoNoHarm() {
        kernel.run(() -> {
            List<Mutex> all = new ArrayList<>();
            for (int i = 0; i <= KernelTask.HELD_LOCKS_MAX; i++) {
                all.add(new Mutex(kernel.sched, "m" + i));
            }
            all.forEach(Mutex::lock);
            all.forEach(Mutex::unlock);
        });

        assertThat(findings.all()).isEmpty();
    }
}
