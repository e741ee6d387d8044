package dmakit.kernel.sync;

import dmakit.kernel.Calls;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.sched.Jiffies;
import dmakit.kernel.sched.KernelTask;
import dmakit.kernel.sched.Sched;
import dmakit.kernel.sched.TaskQueue;
import dmakit.kernel.sched.TaskState;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Tasks that wait until a condition holds. Who makes it hold wakes them; each looks for itself.
 *
 * <p>A condition must not sleep. Timeouts are in jiffies; a wait with a timeout answers 0 when the
 * time is over and the condition does not hold, else what was left, at least 1.
 */
@Linux(file = "include/linux/wait.h", symbol = "wait_queue_head")
public final class WaitQueue {
    private static final String FILE = "include/linux/wait.h";
    private static final int ALL = Integer.MAX_VALUE;

    private final Sched sched;
    private final Calls calls;
    private final TaskQueue waiters = new TaskQueue();
    private final List<Runnable> listeners = new ArrayList<>();

    /** Creates a queue nobody waits in. */
    @Linux(file = FILE, symbol = "init_waitqueue_head")
    public WaitQueue(Sched sched) {
        this.sched = sched;
        calls = sched.calls();
    }

    // Waiting.

    /** Waits until the condition holds. */
    @Linux(file = FILE, symbol = "wait_event")
    public void waitEvent(BooleanSupplier condition) {
        await("wait_event", condition, Jiffies.MAX_TIMEOUT, TaskState.UNINTERRUPTIBLE, false);
    }

    /** Waits up to a limit. */
    @Linux(file = FILE, symbol = "wait_event_timeout")
    public long waitEventTimeout(BooleanSupplier condition, long timeout) {
        return await("wait_event_timeout", condition, timeout, TaskState.UNINTERRUPTIBLE, false);
    }

    /**
     * Waits until the condition holds or a signal comes.
     *
     * @throws KernelException ERESTARTSYS on a signal
     */
    @Linux(file = FILE, symbol = "wait_event_interruptible")
    public void waitEventInterruptible(BooleanSupplier condition) {
        await(
                "wait_event_interruptible",
                condition,
                Jiffies.MAX_TIMEOUT,
                TaskState.INTERRUPTIBLE,
                false);
    }

    /**
     * Waits up to a limit, or until a signal.
     *
     * @throws KernelException ERESTARTSYS on a signal
     */
    @Linux(file = FILE, symbol = "wait_event_interruptible_timeout")
    public long waitEventInterruptibleTimeout(BooleanSupplier condition, long timeout) {
        return await(
                "wait_event_interruptible_timeout",
                condition,
                timeout,
                TaskState.INTERRUPTIBLE,
                false);
    }

    /**
     * Waits until the condition holds or a signal comes; a wake-up goes to one such task only.
     *
     * @throws KernelException ERESTARTSYS on a signal
     */
    @Linux(file = FILE, symbol = "wait_event_interruptible_exclusive")
    public void waitEventInterruptibleExclusive(BooleanSupplier condition) {
        await(
                "wait_event_interruptible_exclusive",
                condition,
                Jiffies.MAX_TIMEOUT,
                TaskState.INTERRUPTIBLE,
                true);
    }

    /**
     * Waits until the condition holds or a signal ends the process.
     *
     * @throws KernelException ERESTARTSYS on such a signal
     */
    @Linux(file = FILE, symbol = "wait_event_killable")
    public void waitEventKillable(BooleanSupplier condition) {
        await("wait_event_killable", condition, Jiffies.MAX_TIMEOUT, TaskState.KILLABLE, false);
    }

    private long await(
            String function,
            BooleanSupplier condition,
            long timeout,
            TaskState state,
            boolean exclusive) {
        enter(function);
        sched.contexts().mightSleep(function);
        if (condition.getAsBoolean()) {
            return Math.max(timeout, 1);
        }
        KernelTask me = sched.current();
        long left = timeout;
        try {
            while (true) {
                prepare(me, state, exclusive);
                if (condition.getAsBoolean()) {
                    return Math.max(left, 1);
                }
                if (left == 0) {
                    return 0;
                }
                if (sched.isInterrupted(state)) {
                    throw Interrupted.restart(me);
                }
                left = sched.scheduleTimeout(left);
            }
        } finally {
            waiters.remove(me);
            sched.setCurrentState(TaskState.RUNNING);
        }
    }

    /** In the queue before the condition is looked at: a wake-up meanwhile is not lost. */
    private void prepare(KernelTask me, TaskState state, boolean exclusive) {
        if (!waiters.contains(me)) {
            if (exclusive) {
                waiters.addExclusive(me);
            } else {
                waiters.addShared(me);
            }
        }
        sched.setCurrentState(state);
    }

    // Waking.

    /** Wakes all who wait, of exclusive ones the one who waits longest. Any context. */
    @Linux(file = FILE, symbol = "wake_up")
    public void wakeUp() {
        wake("wake_up", 1, false);
    }

    /**
     * Wakes as {@link #wakeUp()}, but several exclusive ones. Any context.
     *
     * @param exclusiveCount how many of them, at least 1
     */
    @Linux(file = FILE, symbol = "wake_up_nr")
    public void wakeUp(int exclusiveCount) {
        wake("wake_up_nr", exclusiveCount, false);
    }

    /** Wakes everybody. Any context. */
    @Linux(file = FILE, symbol = "wake_up_all")
    public void wakeUpAll() {
        wake("wake_up_all", ALL, false);
    }

    /** Wakes as {@link #wakeUp()}, but only those whom a signal could wake. Any context. */
    @Linux(file = FILE, symbol = "wake_up_interruptible")
    public void wakeUpInterruptible() {
        wake("wake_up_interruptible", 1, true);
    }

    /** Whether anybody waits. */
    @Linux(file = FILE, symbol = "waitqueue_active")
    public boolean isActive() {
        return !waiters.isEmpty();
    }

    /** Calls somebody at each wake-up, who waits for more than one queue, as {@code poll} does. */
    @Linux(file = "kernel/sched/wait.c", symbol = "add_wait_queue")
    public void addListener(Runnable listener) {
        listeners.add(listener);
    }

    /** Stops calling. */
    @Linux(file = "kernel/sched/wait.c", symbol = "remove_wait_queue")
    public void removeListener(Runnable listener) {
        listeners.remove(listener);
    }

    private void wake(String function, int exclusiveCount, boolean interruptibleOnly) {
        enter(function);
        for (int i = 0; i < listeners.size(); i++) {
            listeners.get(i).run();
        }
        int left = exclusiveCount;
        KernelTask task = waiters.first();
        while (task != null && left > 0) {
            KernelTask next = waiters.after(task);
            if (!interruptibleOnly || task.state() == TaskState.INTERRUPTIBLE) {
                boolean exclusive = waiters.isExclusive(task);
                if (sched.wakeUp(task)) {
                    waiters.remove(task);
                    if (exclusive) {
                        left--;
                    }
                }
            }
            task = next;
        }
    }

    private void enter(String function) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(function, "");
        }
    }
}
