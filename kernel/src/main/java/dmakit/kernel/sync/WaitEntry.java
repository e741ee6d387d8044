package dmakit.kernel.sync;

import dmakit.kernel.Linux;
import dmakit.kernel.sched.KernelTask;
import dmakit.kernel.sched.Sched;
import dmakit.kernel.sched.TaskState;
import org.jspecify.annotations.Nullable;

/**
 * One who waits in a {@link WaitQueue}: a task, or a function that is called at each wake-up. It is
 * in one queue at a time; a task may wait with several entries.
 */
@Linux(file = "include/linux/wait.h", symbol = "wait_queue_entry")
public final class WaitEntry {
    private @Nullable KernelTask task;
    private final @Nullable WakeFunction function;
    private final boolean staysQueued;
    private @Nullable WaitQueue queue;
    private boolean exclusive;
    @Nullable WaitEntry next;
    @Nullable WaitEntry previous;

    /** What a wake-up calls instead of waking a task. */
    @FunctionalInterface
    @Linux(file = "include/linux/wait.h", symbol = "wait_queue_func_t")
    public interface WakeFunction {
        /**
         * Hears of a wake-up. Any context.
         *
         * @return whether that was the wake-up an exclusive entry waits for
         */
        boolean wake();
    }

    private WaitEntry(
            @Nullable KernelTask task, @Nullable WakeFunction function, boolean staysQueued) {
        this.task = task;
        this.function = function;
        this.staysQueued = staysQueued;
    }

    /** A task that is woken, and whose entry leaves the queue with that. */
    @Linux(file = "kernel/sched/wait.c", symbol = "autoremove_wake_function")
    public static WaitEntry of(KernelTask task) {
        return new WaitEntry(task, null, false);
    }

    /** A task that is woken, and whose entry stays until it is taken off. */
    @Linux(file = "kernel/sched/core.c", symbol = "default_wake_function")
    public static WaitEntry staying(KernelTask task) {
        return new WaitEntry(task, null, true);
    }

    /** A function that is called at each wake-up until the entry is taken off. */
    @Linux(file = "include/linux/wait.h", symbol = "init_waitqueue_func_entry")
    public static WaitEntry calling(WakeFunction function) {
        return new WaitEntry(null, function, true);
    }

    /** Whether it is in a queue. */
    public boolean isQueued() {
        return queue != null;
    }

    /** The queue it is in, or null. */
    public @Nullable WaitQueue queue() {
        return queue;
    }

    boolean isIn(WaitQueue wanted) {
        return queue == wanted;
    }

    boolean isExclusive() {
        return exclusive;
    }

    void reuse(KernelTask newTask) {
        task = newTask;
    }

    void enter(WaitQueue into, boolean alone) {
        WaitQueue before = queue;
        if (before != null) {
            before.remove(this);
        }
        queue = into;
        exclusive = alone;
    }

    void leave() {
        queue = null;
        next = null;
        previous = null;
    }

    /** Wakes whom it is for; whether that was worth a turn. */
    boolean wake(Sched sched, boolean interruptibleOnly) {
        WakeFunction called = function;
        if (called != null) {
            return called.wake();
        }
        KernelTask woken = task;
        if (woken == null) {
            return false;
        }
        boolean suits = !interruptibleOnly || woken.state() == TaskState.INTERRUPTIBLE;
        if (!suits || !sched.wakeUp(woken)) {
            return false;
        }
        WaitQueue in = queue;
        if (!staysQueued && in != null) {
            in.remove(this);
        }
        return true;
    }
}
