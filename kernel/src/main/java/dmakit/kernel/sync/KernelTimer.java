package dmakit.kernel.sync;

import dmakit.kernel.Calls;
import dmakit.kernel.Linux;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.sched.Contexts;
import dmakit.machine.time.Alarm;

/** A function that runs once in softirq context, some jiffies from now. It must not sleep. */
@Linux(file = "include/linux/timer_types.h", symbol = "timer_list")
public final class KernelTimer {
    private static final String FILE = "kernel/time/timer.c";

    private final Timers timers;
    private final Contexts contexts;
    private final Calls calls;
    private final String name;
    private final Runnable function;
    final Alarm alarm;
    private boolean pending;
    private boolean shutDown;
    private long expires;

    /**
     * Creates a timer that is not set.
     *
     * @param name for traces
     * @param function what it does
     */
    @Linux(file = "include/linux/timer.h", symbol = "timer_setup")
    public KernelTimer(Timers timers, String name, Runnable function) {
        this.timers = timers;
        this.name = name;
        this.function = function;
        contexts = timers.sched().contexts();
        calls = timers.sched().calls();
        alarm = new Alarm("timer " + name, () -> timers.expired(this));
    }

    /**
     * Sets the timer, or moves it. One that was shut down stays so.
     *
     * @param expiresJiffies a count of jiffies; it runs after that, never before
     * @return whether it was set already
     */
    @Linux(file = FILE, symbol = "mod_timer")
    public boolean modify(long expiresJiffies) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("mod_timer", name + ", " + expiresJiffies);
        }
        boolean was = pending;
        if (!shutDown) {
            pending = true;
            expires = expiresJiffies;
            timers.set(this, expiresJiffies);
        }
        return was;
    }

    /** Whether the timer is set and has not run yet. */
    @Linux(file = "include/linux/timer.h", symbol = "timer_pending")
    public boolean isPending() {
        return pending;
    }

    /** The count of jiffies it is, or was last, set for. */
    public long expires() {
        return expires;
    }

    /**
     * Takes the timer back.
     *
     * @return whether it was set
     */
    @Linux(file = FILE, symbol = "timer_delete")
    public boolean delete() {
        calls.enter();
        boolean was = pending;
        pending = false;
        timers.cancel(this);
        return was;
    }

    /**
     * Takes the timer back; it does not run any more when this returns. On one CPU its function
     * cannot be running then, unless it calls this itself.
     *
     * @return whether it was set
     * @throws LockViolation when the timer's own function calls: it would wait for itself
     */
    @Linux(file = FILE, symbol = "timer_delete_sync")
    public boolean deleteSync() {
        if (timers.isRunning(this)) {
            contexts.warn("timer_delete_sync", "timer %s waits for its own function to end", name);
            calls.findings()
                    .report(FindingId.DEADLOCK, "%s waits for its own function to end", this)
                    .add();
            throw new LockViolation(
                    "deadlock: timer_delete_sync of %s in its own function".formatted(name));
        }
        if (contexts.inHardIrq()) {
            contexts.warn("timer_delete_sync", "timer_delete_sync in an interrupt handler");
        }
        return delete();
    }

    /**
     * Takes the timer back for good: it cannot be set again.
     *
     * @return whether it was set
     */
    @Linux(file = FILE, symbol = "timer_shutdown_sync")
    public boolean shutdownSync() {
        shutDown = true;
        return deleteSync();
    }

    void run() {
        pending = false;
        function.run();
    }

    @Override
    public String toString() {
        return "timer " + name;
    }
}
