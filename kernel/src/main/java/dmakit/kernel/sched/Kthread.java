package dmakit.kernel.sched;

import dmakit.kernel.Linux;
import org.jspecify.annotations.Nullable;

/**
 * A kernel thread. It starts with its first {@link #wakeUp}; its body goes on until it returns, and
 * asks {@link Sched#kthreadShouldStop} where it can end.
 */
@Linux(file = "include/linux/kthread.h", symbol = "kthread")
public final class Kthread {
    private final Sched sched;
    private final String name;
    private final Runnable body;
    private @Nullable KernelTask task;
    private boolean started;
    private boolean stopped;

    Kthread(Sched sched, String name, Runnable body) {
        this.sched = sched;
        this.name = name;
        this.body = body;
    }

    /** The thread's name. */
    public String name() {
        return name;
    }

    /** The task, or null before the first wake-up unless it was reserved. */
    public @Nullable KernelTask task() {
        return task;
    }

    /** Starts the thread, or wakes it where it sleeps. */
    @Linux(file = "kernel/sched/core.c", symbol = "wake_up_process")
    public void wakeUp() {
        if (started) {
            sched.wakeUp(reserveTask());
        } else if (!stopped) {
            started = true;
            sched.spawnKernel(reserveTask(), body);
        }
    }

    /** The thread's task, which gets its number now where it has none yet. */
    public KernelTask reserveTask() {
        KernelTask known = task;
        if (known == null) {
            known = sched.newTask(name);
            task = known;
        }
        return known;
    }

    /** Whether the thread began to run, or is about to. */
    public boolean isStarted() {
        return started;
    }

    /**
     * Asks the thread to end, wakes it, and waits until it has. A thread that never ran, or has
     * ended, is done at once.
     */
    @Linux(file = "kernel/kthread.c", symbol = "kthread_stop")
    public void stop() {
        sched.contexts().mightSleep("kthread_stop");
        stopped = true;
        KernelTask running = task;
        if (running != null && started) {
            running.shouldStop = true;
            sched.wakeUp(running);
            sched.waitForExit(running);
        } else if (running != null) {
            sched.forget(running);
        }
    }
}
