package dmakit.kernel.asynctx;

import dmakit.kernel.Calls;
import dmakit.kernel.DmaException;
import dmakit.kernel.Linux;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.DmaEngine;
import dmakit.kernel.dmaengine.DmaStatus;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.log.Log;
import dmakit.kernel.sched.Sched;
import dmakit.machine.time.Clock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Which channel an operation runs on, and after what.
 *
 * <pre>
 * depends on        of the same channel              of another channel
 * nothing           submitted
 * what runs         submitted: channels are queues   an interrupt descriptor behind it, chained
 * what waits        chained to it                    likewise, and that chained, too
 * </pre>
 */
final class Chains {
    private static final String FILE = "crypto/async_tx/async_tx.c";

    /** A CPU that is kept busy for so long is stuck. */
    private static final long LOCKUP_PS = 22_000_000_000_000L;

    private final Sched sched;
    private final Calls calls;
    private final Clock clock;
    private final Log log;
    private final DmaEngine engine;

    Chains(Sched sched, DmaEngine engine) {
        this.sched = sched;
        this.engine = engine;
        calls = sched.calls();
        clock = sched.machine().clock();
        log = sched.log();
    }

    /** The channel of what an operation depends on, if it can do it; else the public one. */
    @Linux(file = FILE, symbol = "__async_tx_find_channel")
    @Nullable Channel channelFor(AsyncSubmit submit, TransactionType type) {
        Descriptor depend = submit.dependTx();
        if (depend != null && depend.channel().device().capabilities().has(type)) {
            return depend.channel();
        }
        return engine.findChannel(type).orElse(null);
    }

    /** Whether any channel is there for an operation. */
    @Linux(file = "include/linux/async_tx.h", symbol = "async_dma_find_channel")
    boolean hasChannel(TransactionType type) {
        return engine.findChannel(type).isPresent();
    }

    /**
     * Prepares a descriptor. Where the provider has none left what runs must end first; providers
     * promise that this helps, so it is waited for without end.
     *
     * @throws IllegalStateException when it did not help for so long that the CPU is stuck
     */
    Descriptor prepare(Channel channel, AsyncSubmit submit, Supplier<Descriptor> prep) {
        Descriptor desc = tryPrepare(prep);
        if (desc != null) {
            return desc;
        }
        quiesce(submit);
        long deadline = clock.now() + LOCKUP_PS;
        while (desc == null) {
            if (clock.now() >= deadline) {
                log.emerg(
                        "watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [%s]",
                        sched.current().name());
                throw new IllegalStateException(
                        "%s never prepares a descriptor".formatted(channel.name()));
            }
            channel.issuePending();
            sched.spinRound();
            desc = tryPrepare(prep);
        }
        return desc;
    }

    /** Prepares a descriptor; null when the provider cannot. */
    static @Nullable Descriptor tryPrepare(Supplier<Descriptor> prep) {
        try {
            return prep.get();
        } catch (DmaException e) {
            return null;
        }
    }

    /**
     * Submits a descriptor behind what it depends on, which is acknowledged by that.
     *
     * @throws IllegalStateException where Linux stops by BUG_ON: the dependency was acknowledged
     *     before, or has a dependent, or the descriptor a parent
     */
    @Linux(file = FILE, symbol = "async_tx_submit")
    void submit(Channel channel, Descriptor desc, AsyncSubmit submit) {
        Descriptor depend = submit.dependTx();
        desc.callback(submit.callback());
        if (depend == null) {
            desc.clearParent();
            desc.submit();
        } else {
            checkDependency(depend, desc);
            if (!depend.channel().equals(channel)) {
                switchChannel(depend, desc);
            } else if (depend.parent() != null) {
                depend.chain(desc);
            } else {
                desc.clearParent();
                desc.submit();
            }
        }
        if (submit.has(AsyncTxFlags.ACK)) {
            desc.ack();
        }
        if (depend != null) {
            depend.ack();
        }
    }

    private static void checkDependency(Descriptor depend, Descriptor desc) {
        if (depend.isAcked()) {
            throw acknowledged(depend);
        }
        if (depend.next() != null || desc.parent() != null) {
            throw new IllegalStateException(
                    "two operations depend on one descriptor of " + depend.channel().name());
        }
    }

    private static IllegalStateException acknowledged(Descriptor depend) {
        return new IllegalStateException(
                "an operation depends on a descriptor of %s that was acknowledged before: it may"
                                .formatted(depend.channel().name())
                        + " be another transfer by now");
    }

    /** Has a descriptor submitted by an interrupt of the channel before. */
    @Linux(file = FILE, symbol = "async_tx_channel_switch")
    private void switchChannel(Descriptor depend, Descriptor desc) {
        Channel from = depend.channel();
        Descriptor interrupt =
                from.device().capabilities().has(TransactionType.INTERRUPT)
                        ? tryPrepare(() -> from.prepInterrupt(0))
                        : null;
        if (interrupt == null) {
            if (engine.waitForAsyncTx(depend) != DmaStatus.COMPLETE) {
                throw sched.oopses()
                        .stop("async_tx_channel_switch: DMA error waiting for depend_tx");
            }
            desc.submit();
            return;
        }
        interrupt.callback(null);
        interrupt.chain(desc);
        if (depend.parent() != null) {
            depend.chain(interrupt);
        } else {
            interrupt.clearParent();
            interrupt.submit();
        }
        interrupt.ack();
        from.issuePending();
    }

    /** Waits, busily, for what an operation depends on. */
    void quiesce(AsyncSubmit submit) {
        Descriptor depend = submit.dependTx();
        submit.dependTx(null);
        quiesce(depend);
    }

    /**
     * Waits, busily, for a descriptor, and acknowledges it.
     *
     * @param desc null for what is done
     * @throws IllegalStateException where Linux stops by BUG_ON: it was acknowledged before
     */
    @Linux(file = FILE, symbol = "async_tx_quiesce")
    void quiesce(@Nullable Descriptor desc) {
        if (desc == null) {
            return;
        }
        if (desc.isAcked()) {
            throw acknowledged(desc);
        }
        if (engine.waitForAsyncTx(desc) != DmaStatus.COMPLETE) {
            throw sched.oopses().stop("async_tx_quiesce: DMA error waiting for transaction");
        }
        desc.ack();
    }

    /** Calls back for an operation that the CPU has done. */
    @Linux(file = "include/linux/async_tx.h", symbol = "async_tx_sync_epilog")
    void callBack(AsyncSubmit submit) {
        Runnable callback = submit.callback();
        if (callback != null) {
            try (var _ = calls.asDriver()) {
                callback.run();
            }
        }
    }
}
