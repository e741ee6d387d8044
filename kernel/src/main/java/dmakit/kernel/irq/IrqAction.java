package dmakit.kernel.irq;

import dmakit.kernel.sched.Kthread;
import org.jspecify.annotations.Nullable;

/** One handler on a line. */
final class IrqAction {
    final @Nullable IrqHandler handler;
    final @Nullable IrqHandler threadHandler;
    final int flags;
    final String name;
    final @Nullable Object devId;
    @Nullable Kthread thread;
    boolean threadAsked;
    boolean threadRuns;

    IrqAction(
            @Nullable IrqHandler handler,
            @Nullable IrqHandler threadHandler,
            int flags,
            String name,
            @Nullable Object devId) {
        this.handler = handler;
        this.threadHandler = threadHandler;
        this.flags = flags;
        this.name = name;
        this.devId = devId;
    }

    boolean isThreadBusy() {
        return threadAsked || threadRuns;
    }

    @Override
    public String toString() {
        return "interrupt handler " + name;
    }
}
