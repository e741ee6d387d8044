package dmakit.kernel.sync;

import dmakit.kernel.irq.IrqReturn;
import dmakit.kernel.irq.Irqs;
import dmakit.kernel.irq.SoftIrq;
import dmakit.kernel.irq.Softirqs;
import dmakit.kernel.sched.Jiffies;
import dmakit.kernel.sched.Sched;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The CPU's own timer, and what it has to run.
 *
 * <p>It interrupts when a timer is due and at no other time: like a kernel without periodic ticks.
 */
public final class Timers {
    private final Sched sched;
    private final Irqs irqs;
    private final Softirqs softirqs;
    private final Clock clock;
    private final IrqLine line;
    private final Deque<KernelTimer> due = new ArrayDeque<>();
    private @Nullable KernelTimer running;
    private boolean requested;

    /**
     * Creates a timer that is not set.
     *
     * @param lineNumber the CPU's own line, which no chip drives
     */
    public Timers(Sched sched, Irqs irqs, int lineNumber) {
        this.sched = sched;
        this.irqs = irqs;
        softirqs = irqs.softirqs();
        clock = sched.machine().clock();
        line = sched.machine().interrupts().line(lineNumber);
        softirqs.open(SoftIrq.TIMER, this::runDue);
    }

    Sched sched() {
        return sched;
    }

    void set(KernelTimer timer, long expires) {
        if (!requested) {
            requested = true;
            irqs.requestTimer(line.number(), "arch_timer", this::interrupt);
        }
        due.remove(timer);
        long atPs = Jiffies.atPs(sched.jiffies().wheelExpiry(expires));
        if (atPs == Clock.NEVER) {
            clock.cancel(timer.alarm);
        } else {
            clock.setAt(timer.alarm, Math.max(atPs, clock.now()));
        }
    }

    void cancel(KernelTimer timer) {
        clock.cancel(timer.alarm);
        due.remove(timer);
    }

    /** From the clock: no kernel code may run here. */
    void expired(KernelTimer timer) {
        due.addLast(timer);
        line.set(true);
    }

    boolean isRunning(KernelTimer timer) {
        return running == timer;
    }

    private IrqReturn interrupt(int irq, @Nullable Object devId) {
        line.set(false);
        softirqs.raise(SoftIrq.TIMER);
        return IrqReturn.HANDLED;
    }

    private void runDue() {
        KernelTimer timer = due.pollFirst();
        while (timer != null) {
            running = timer;
            try {
                timer.run();
            } finally {
                running = null;
            }
            timer = due.pollFirst();
        }
    }
}
