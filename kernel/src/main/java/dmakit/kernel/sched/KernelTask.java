package dmakit.kernel.sched;

import dmakit.kernel.Linux;
import dmakit.machine.task.Task;
import dmakit.machine.time.Alarm;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the kernel knows of one task. */
@Linux(file = "include/linux/sched.h", symbol = "task_struct")
public final class KernelTask {
    /** {@code SIGINT}. */
    public static final int SIGINT = 2;

    /** {@code SIGKILL}. */
    public static final int SIGKILL = 9;

    /** {@code SIGTERM}. */
    public static final int SIGTERM = 15;

    /** The highest signal number. */
    public static final int SIGNAL_MAX = 64;

    /** Locks of one task that are kept account of. */
    @Linux(file = "include/linux/sched.h", symbol = "MAX_LOCK_DEPTH")
    public static final int HELD_LOCKS_MAX = 48;

    private final int pid;
    private final String name;
    private final List<HeldLock> heldLocks = new ArrayList<>(HELD_LOCKS_MAX);
    final Alarm timeout;
    final TaskQueue exitWaiters = new TaskQueue();

    @Nullable Task machineTask;
    @Nullable Runnable beforeSleep;
    TaskState state = TaskState.RUNNING;
    boolean shouldStop;
    long signals;
    long wokenAtPs;
    long resumedAtPs;
    long sleepsAt;

    @Nullable TaskQueue queue;
    @Nullable KernelTask queueNext;
    @Nullable KernelTask queuePrevious;
    boolean exclusive;

    KernelTask(int pid, String name, Sched sched) {
        this.pid = pid;
        this.name = name;
        timeout = new Alarm("timeout of " + name, () -> sched.wakeUp(this));
    }

    /** Number of the task, from 1; 0 is the idle task. */
    public int pid() {
        return pid;
    }

    /** The task's name, {@code comm}. */
    public String name() {
        return name;
    }

    /** The machine's side of the task; null before it first runs. */
    public @Nullable Task machineTask() {
        return machineTask;
    }

    /** What the task may be woken by. */
    public TaskState state() {
        return state;
    }

    /** Whether the task has ended. */
    public boolean isDead() {
        return state == TaskState.DEAD;
    }

    /** Whether a signal waits for the task. */
    @Linux(file = "include/linux/sched/signal.h", symbol = "signal_pending")
    public boolean hasSignal() {
        return signals != 0;
    }

    /** Whether a signal that ends the process waits. */
    @Linux(file = "include/linux/sched/signal.h", symbol = "fatal_signal_pending")
    public boolean hasFatalSignal() {
        return (signals & (1L << (SIGKILL - 1))) != 0;
    }

    /** Takes the lowest waiting signal off; 0 when none waits. */
    public int takeSignal() {
        if (signals == 0) {
            return 0;
        }
        int number = Long.numberOfTrailingZeros(signals) + 1;
        signals &= signals - 1;
        return number;
    }

    /** When the task was last woken, in picoseconds; 0 before the first time. */
    public long wokenAtPs() {
        return wokenAtPs;
    }

    /** When the task last went on after sleeping, in picoseconds; 0 before the first time. */
    public long resumedAtPs() {
        return resumedAtPs;
    }

    /**
     * Where the driver is that lets the task sleep, as {@link dmakit.kernel.check.Findings#here}; 0
     * while it does not sleep, or when nothing is looked for.
     */
    public long sleepsAt() {
        return sleepsAt;
    }

    /** Calls somebody whenever the task is about to sleep, who may let another do its work. */
    @Linux(file = "kernel/workqueue.c", symbol = "wq_worker_sleeping")
    public void beforeSleep(@Nullable Runnable action) {
        beforeSleep = action;
    }

    /** Locks the task holds now, in the order in which it took them. */
    public List<HeldLock> heldLocks() {
        return List.copyOf(heldLocks);
    }

    /** How many locks the task holds now. */
    public int heldLockCount() {
        return heldLocks.size();
    }

    /** Notes that the task took a lock; beyond {@link #HELD_LOCKS_MAX} nobody keeps account. */
    public void lockTaken(HeldLock lock) {
        if (heldLocks.size() < HELD_LOCKS_MAX) {
            heldLocks.add(lock);
        }
    }

    /** Notes that the task gave a lock back. */
    @SuppressWarnings("ReferenceEquality") // of two locks of one name, that very one
    public void lockReleased(HeldLock lock) {
        for (int at = heldLocks.size() - 1; at >= 0; at--) {
            if (heldLocks.get(at) == lock) {
                heldLocks.remove(at);
                return;
            }
        }
    }

    boolean isWokenBySignal() {
        return switch (state) {
            case INTERRUPTIBLE -> signals != 0;
            case KILLABLE -> hasFatalSignal();
            case RUNNING, UNINTERRUPTIBLE, IDLE, DEAD -> false;
        };
    }

    @Override
    public String toString() {
        return name + "/" + pid;
    }
}
