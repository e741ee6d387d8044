package dmakit.kernel.sync;

import dmakit.kernel.Calls;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.sched.Jiffies;
import dmakit.kernel.sched.Sched;
import dmakit.kernel.sched.TaskState;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

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
    private final List<Runnable> listeners = new ArrayList<>();
    private @Nullable WaitEntry first;
    private @Nullable WaitEntry last;
    private @Nullable WaitEntry spare;

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
        WaitEntry entry = takeSpare();
        long left = timeout;
        try {
            while (true) {
                prepare(entry, state, exclusive);
                if (condition.getAsBoolean()) {
                    return Math.max(left, 1);
                }
                if (left == 0) {
                    sched.calls().waitedInVain();
                    return 0;
                }
                if (sched.isInterrupted(state)) {
                    throw Interrupted.restart(sched.current());
                }
                left = sched.scheduleTimeout(left);
            }
        } finally {
            finish(entry);
            spare = entry;
        }
    }

    private WaitEntry takeSpare() {
        WaitEntry kept = spare;
        spare = null;
        if (kept == null) {
            return WaitEntry.of(sched.current());
        }
        kept.reuse(sched.current());
        return kept;
    }

    // The steps of a wait, for who writes its loop himself.

    /**
     * Puts an entry into the queue, unless it is in one, and says what may wake the current task.
     * In the queue before the condition is looked at: a wake-up meanwhile is not lost.
     *
     * @param exclusive whether a wake-up goes to no more than one such entry
     */
    @Linux(file = "kernel/sched/wait.c", symbol = "prepare_to_wait")
    public void prepare(WaitEntry entry, TaskState state, boolean exclusive) {
        if (!entry.isQueued()) {
            if (exclusive) {
                addLast(entry);
            } else {
                addFirst(entry);
            }
        }
        sched.setCurrentState(state);
    }

    /**
     * As {@link #prepare}, but where a signal ends such a wait the entry is taken off.
     *
     * @return false when a signal waits that ends it
     */
    @Linux(file = "kernel/sched/wait.c", symbol = "prepare_to_wait_event")
    public boolean prepareEvent(WaitEntry entry, TaskState state, boolean exclusive) {
        if (sched.isInterrupted(state)) {
            remove(entry);
            return false;
        }
        prepare(entry, state, exclusive);
        return true;
    }

    /** Takes an entry off, and lets the current task run on. */
    @Linux(file = "kernel/sched/wait.c", symbol = "finish_wait")
    public void finish(WaitEntry entry) {
        sched.setCurrentState(TaskState.RUNNING);
        remove(entry);
    }

    /** Adds an entry that is woken whenever anybody is. */
    @Linux(file = "kernel/sched/wait.c", symbol = "add_wait_queue")
    public void addFirst(WaitEntry entry) {
        entry.enter(this, false);
        WaitEntry next = first;
        entry.next = next;
        if (next == null) {
            last = entry;
        } else {
            next.previous = entry;
        }
        first = entry;
    }

    /** Adds an entry behind all others; a wake-up gives its turn to no more than one such. */
    @Linux(file = "kernel/sched/wait.c", symbol = "add_wait_queue_exclusive")
    public void addLast(WaitEntry entry) {
        entry.enter(this, true);
        WaitEntry previous = last;
        entry.previous = previous;
        if (previous == null) {
            first = entry;
        } else {
            previous.next = entry;
        }
        last = entry;
    }

    /** Takes an entry off; one that is not in this queue stays as it is. */
    @Linux(file = "kernel/sched/wait.c", symbol = "remove_wait_queue")
    public void remove(WaitEntry entry) {
        if (!entry.isIn(this)) {
            return;
        }
        WaitEntry previous = entry.previous;
        WaitEntry next = entry.next;
        if (previous == null) {
            first = next;
        } else {
            previous.next = next;
        }
        if (next == null) {
            last = previous;
        } else {
            next.previous = previous;
        }
        entry.leave();
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

    /**
     * Wakes several exclusive ones, and all others. Any context.
     *
     * @param exclusiveCount how many of them, at least 1
     * @param interruptibleOnly whether only those whom a signal could wake
     */
    @Linux(file = "kernel/sched/wait.c", symbol = "__wake_up")
    public void wakeUp(int exclusiveCount, boolean interruptibleOnly) {
        wake("__wake_up", exclusiveCount, interruptibleOnly);
    }

    /** Whether anybody waits. */
    @Linux(file = FILE, symbol = "waitqueue_active")
    public boolean isActive() {
        return first != null || !listeners.isEmpty();
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
        WaitEntry entry = first;
        while (entry != null && left > 0) {
            WaitEntry next = entry.next;
            boolean exclusive = entry.isExclusive();
            if (entry.wake(sched, interruptibleOnly) && exclusive) {
                left--;
            }
            entry = next;
        }
    }

    private void enter(String function) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(function, "");
        }
    }
}
