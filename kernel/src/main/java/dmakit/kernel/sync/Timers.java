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
    private final Deque<HrTimer> dueAtOnce = new ArrayDeque<>();
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

    private void request() {
        if (!requested) {
            requested = true;
            irqs.requestTimer(line.number(), "arch_timer", this::interrupt);
        }
    }

    void set(HrTimer timer, long atNs) {
        request();
        dueAtOnce.remove(timer);
        long atPs = HrTimer.atPs(atNs);
        if (atPs == Clock.NEVER) {
            clock.cancel(timer.alarm);
        } else {
            clock.setAt(timer.alarm, Math.max(atPs, clock.now()));
        }
    }

    void cancel(HrTimer timer) {
        clock.cancel(timer.alarm);
        dueAtOnce.remove(timer);
    }

    /** From the clock: no kernel code may run here. */
    void expired(HrTimer timer) {
        dueAtOnce.addLast(timer);
        line.set(true);
    }

    void set(KernelTimer timer, long expires) {
        request();
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
        HrTimer timer = dueAtOnce.pollFirst();
        while (timer != null) {
            long mark = sched.contexts().mark();
            timer.run();
            sched.contexts().checkLeft(mark, timer);
            timer = dueAtOnce.pollFirst();
        }
        if (!due.isEmpty()) {
            softirqs.raise(SoftIrq.TIMER);
        }
        return IrqReturn.HANDLED;
    }

    private void runDue() {
        KernelTimer timer = due.pollFirst();
        while (timer != null) {
            running = timer;
            long mark = sched.contexts().mark();
            try {
                timer.run();
            } finally {
                running = null;
            }
            sched.contexts().checkLeft(mark, timer);
            timer = due.pollFirst();
        }
    }
}
