package dmakit.kernel.work;

import dmakit.kernel.Linux;
import dmakit.kernel.sched.TaskQueue;
import org.jspecify.annotations.Nullable;

/** A function that a {@link WorkQueue} runs once for each time it was queued while not waiting. */
@Linux(file = "include/linux/workqueue_types.h", symbol = "work_struct")
public final class Work {
    private final String name;
    private final Runnable function;
    final TaskQueue waiters = new TaskQueue();
    @Nullable WorkQueue pendingIn;
    boolean running;

    /** While somebody waits for its end nobody queues it. */
    int cancellerCount;

    /** Counts the times it ran to its end. */
    long doneCount;

    /**
     * Creates work that is not queued.
     *
     * @param name for messages
     * @param function what it does; may sleep
     */
    @Linux(file = "include/linux/workqueue.h", symbol = "INIT_WORK")
    public Work(String name, Runnable function) {
        this.name = name;
        this.function = function;
    }

    /** The work's name. */
    public String name() {
        return name;
    }

    /** Whether it waits to run. */
    @Linux(file = "include/linux/workqueue.h", symbol = "work_pending")
    public boolean isPending() {
        return pendingIn != null;
    }

    /** Whether it waits to run, or runs. */
    @Linux(file = "kernel/workqueue.c", symbol = "work_busy")
    public boolean isBusy() {
        return running || pendingIn != null;
    }

    /** Whether its function runs right now, or sleeps. */
    public boolean isRunning() {
        return running;
    }

    void run() {
        function.run();
    }

    @Override
    public String toString() {
        return "work " + name;
    }
}
