package dmakit.kernel.irq;

import dmakit.kernel.Calls;
import dmakit.kernel.Linux;
import dmakit.kernel.sched.KernelTask;
import dmakit.kernel.sched.Sched;
import dmakit.kernel.sched.TaskQueue;
import dmakit.kernel.sched.TaskState;
import dmakit.machine.Check;
import org.jspecify.annotations.Nullable;

/**
 * A function that runs once in softirq context after it was scheduled, however often that was; it
 * never runs inside of itself, but may schedule itself again.
 */
@Linux(file = "include/linux/interrupt.h", symbol = "tasklet_struct")
public final class Tasklet {
    private static final String FILE = "kernel/softirq.c";

    private final Softirqs softirqs;
    private final Sched sched;
    private final Calls calls;
    private final String name;
    private final Runnable action;
    private final TaskQueue killers = new TaskQueue();
    private boolean scheduled;
    private boolean high;
    private boolean parked;
    private boolean running;
    private boolean takenBack;
    private int disabledCount;

    @Nullable Tasklet next;

    /**
     * Creates a tasklet that is not scheduled.
     *
     * @param name for traces and messages
     * @param action what it does; must not sleep
     */
    @Linux(file = FILE, symbol = "tasklet_setup")
    public Tasklet(Softirqs softirqs, String name, Runnable action) {
        this.softirqs = softirqs;
        this.name = name;
        this.action = action;
        sched = softirqs.sched();
        calls = sched.calls();
    }

    /** The tasklet's name. */
    public String name() {
        return name;
    }

    /** Lets the tasklet run soon; nothing changes where it waits to run already. */
    @Linux(file = FILE, symbol = "tasklet_schedule")
    public void schedule() {
        schedule(false);
    }

    /** Lets the tasklet run soon, before all ordinary ones. */
    @Linux(file = FILE, symbol = "tasklet_hi_schedule")
    public void scheduleHigh() {
        schedule(true);
    }

    private void schedule(boolean first) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(first ? "tasklet_hi_schedule" : "tasklet_schedule", name);
        }
        if (!scheduled) {
            scheduled = true;
            high = first;
            softirqs.schedule(this, first);
        }
    }

    /** Whether the tasklet waits to run. */
    public boolean isScheduled() {
        return scheduled;
    }

    /** Keeps the tasklet from running until {@link #enable}; it may be scheduled meanwhile. */
    @Linux(file = "include/linux/interrupt.h", symbol = "tasklet_disable")
    public void disable() {
        calls.enter();
        disabledCount++;
    }

    /** Undoes one {@link #disable}. */
    @Linux(file = "include/linux/interrupt.h", symbol = "tasklet_enable")
    public void enable() {
        calls.enter();
        Check.argument(disabledCount > 0, "tasklet %s enabled more often than disabled", name);
        disabledCount--;
        if (disabledCount == 0 && parked) {
            parked = false;
            softirqs.schedule(this, high);
        }
    }

    /** Whether it is kept from running. */
    public boolean isDisabled() {
        return disabledCount > 0;
    }

    /** Whether its function runs right now. */
    public boolean isRunning() {
        return running;
    }

    /** Keeps the tasklet from ever running again: its function is gone. */
    public void takeBack() {
        parked = false;
        scheduled = false;
        takenBack = true;
    }

    /** Waits until the tasklet neither runs nor waits to. The caller no longer schedules it. */
    @Linux(file = FILE, symbol = "tasklet_kill")
    public void kill() {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("tasklet_kill", name);
        }
        if (sched.contexts().inInterrupt()) {
            sched.log().notice("Attempt to kill tasklet from interrupt");
        }
        while (scheduled || running) {
            KernelTask me = sched.current();
            sched.contexts().mightSleep("tasklet_kill");
            killers.addExclusive(me);
            sched.sleep(TaskState.UNINTERRUPTIBLE);
            killers.remove(me);
        }
    }

    /**
     * Runs, or, while disabled, steps aside: Linux would try again without end and keep the CPU
     * busy; here it comes back with {@link #enable}.
     */
    void run() {
        if (takenBack) {
            return;
        }
        if (disabledCount > 0) {
            parked = true;
            return;
        }
        scheduled = false;
        running = true;
        long mark = sched.contexts().mark();
        try {
            action.run();
        } finally {
            running = false;
        }
        sched.contexts().checkLeft(mark, this);
        for (KernelTask killer = killers.first(); killer != null; killer = killers.first()) {
            killers.remove(killer);
            sched.wakeUp(killer);
        }
    }

    @Override
    public String toString() {
        return "tasklet " + name;
    }
}
