package dmakit.kernel.sync;

import dmakit.kernel.Calls;
import dmakit.kernel.Linux;
import dmakit.machine.time.Alarm;
import java.util.function.BooleanSupplier;

/**
 * A function that runs in hardirq context at a time in nanoseconds, not at a tick. It must not
 * sleep. Times count from power-on.
 */
@Linux(file = "include/linux/hrtimer_types.h", symbol = "hrtimer")
public final class HrTimer {
    private static final String FILE = "kernel/time/hrtimer.c";
    private static final long PS_PER_NS = 1_000;

    private final Timers timers;
    private final Calls calls;
    private final String name;
    private final BooleanSupplier function;
    final Alarm alarm;
    private boolean queued;
    private boolean running;
    private long expiresNs;

    /**
     * Creates a timer that is not set.
     *
     * @param name for traces
     * @param function what it does; whether it is to run again at the time it has then
     */
    @Linux(file = FILE, symbol = "hrtimer_setup")
    public HrTimer(Timers timers, String name, BooleanSupplier function) {
        this.timers = timers;
        this.name = name;
        this.function = function;
        calls = timers.sched().calls();
        alarm = new Alarm("hrtimer " + name, () -> timers.expired(this));
    }

    /**
     * Sets the timer, or moves it.
     *
     * @param atNs when it runs, in nanoseconds since power-on; at once where that is past
     */
    @Linux(file = FILE, symbol = "hrtimer_start_range_ns")
    public void start(long atNs) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("hrtimer_start", name + ", " + atNs);
        }
        expiresNs = atNs;
        queue();
    }

    private void queue() {
        queued = true;
        timers.set(this, Math.max(expiresNs, 0));
    }

    /** When it runs, or ran last, in nanoseconds since power-on. */
    @Linux(file = "include/linux/hrtimer.h", symbol = "hrtimer_get_expires")
    public long expiresNs() {
        return expiresNs;
    }

    /** Sets the time of a timer that is not set; it counts when its function lets it run again. */
    @Linux(file = "include/linux/hrtimer.h", symbol = "hrtimer_set_expires")
    public void expiresNs(long atNs) {
        expiresNs = atNs;
    }

    /** Whether it is set, or its function runs. */
    @Linux(file = FILE, symbol = "hrtimer_active")
    public boolean isActive() {
        return queued || running;
    }

    /** Whether it is set and its time has not come. */
    @Linux(file = "include/linux/hrtimer.h", symbol = "hrtimer_is_queued")
    public boolean isQueued() {
        return queued;
    }

    /** Whether its function runs right now. */
    @Linux(file = "include/linux/hrtimer.h", symbol = "hrtimer_callback_running")
    public boolean isRunning() {
        return running;
    }

    /**
     * Takes the timer back.
     *
     * @return whether it was set
     * @throws LockViolation when its own function calls: it would wait for itself
     */
    @Linux(file = FILE, symbol = "hrtimer_cancel")
    public boolean cancel() {
        calls.enter();
        if (running) {
            timers.sched().contexts().warn("hrtimer_cancel", "%s waits for its own function", this);
            throw new LockViolation(
                    "deadlock: hrtimer_cancel of %s in its function".formatted(name));
        }
        return takeBack();
    }

    /**
     * Takes the timer back unless its function runs.
     *
     * @return whether it was set
     */
    public boolean takeBack() {
        boolean was = queued;
        queued = false;
        timers.cancel(this);
        return was;
    }

    /**
     * Moves the time of a timer that is not set forward by whole intervals, until it is past a
     * time.
     *
     * @param nowNs the time to be past, in nanoseconds since power-on
     * @param intervalNs at least 1
     * @return how many intervals; 0 where it was past it already
     */
    @Linux(file = FILE, symbol = "hrtimer_forward")
    public long forward(long nowNs, long intervalNs) {
        long delta = nowNs - expiresNs;
        if (delta < 0 || queued) {
            return 0;
        }
        long interval = Math.max(intervalNs, 1);
        long count = delta / interval + 1;
        expiresNs += count * interval;
        return count;
    }

    void run() {
        queued = false;
        running = true;
        boolean again;
        try {
            again = function.getAsBoolean();
        } finally {
            running = false;
        }
        if (again && !queued) {
            queue();
        }
    }

    static long atPs(long ns) {
        return ns > Long.MAX_VALUE / PS_PER_NS - 1 ? Long.MAX_VALUE : ns * PS_PER_NS;
    }

    @Override
    public String toString() {
        return "hrtimer " + name;
    }
}
