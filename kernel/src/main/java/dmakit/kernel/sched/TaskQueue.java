package dmakit.kernel.sched;

import org.jspecify.annotations.Nullable;

/**
 * Tasks that wait for the same thing, first come, first served. A task waits in one queue at a
 * time; adding and taking off allocate nothing.
 */
public final class TaskQueue {
    private @Nullable KernelTask first;
    private @Nullable KernelTask last;

    /** Creates an empty queue. */
    public TaskQueue() {}

    /** Whether nobody waits. */
    public boolean isEmpty() {
        return first == null;
    }

    /** Who has waited longest. */
    public @Nullable KernelTask first() {
        return first;
    }

    /** Who came after a task of this queue. */
    public @Nullable KernelTask after(KernelTask task) {
        return task.queueNext;
    }

    /** Whether a task waits here. */
    public boolean contains(KernelTask task) {
        return task.queue == this;
    }

    /** Whether a task of this queue waits alone for its turn, {@code WQ_FLAG_EXCLUSIVE}. */
    public boolean isExclusive(KernelTask task) {
        return task.exclusive;
    }

    /** Adds a task at the end; a wake-up gives its turn to no more than one such task. */
    public void addExclusive(KernelTask task) {
        enter(task);
        task.exclusive = true;
        task.queuePrevious = last;
        if (last == null) {
            first = task;
        } else {
            last.queueNext = task;
        }
        last = task;
    }

    /** Adds a task before all others: it is woken whenever anybody is. */
    public void addShared(KernelTask task) {
        enter(task);
        task.exclusive = false;
        task.queueNext = first;
        if (first == null) {
            last = task;
        } else {
            first.queuePrevious = task;
        }
        first = task;
    }

    /** Takes a task off; one that does not wait here stays as it is. */
    public void remove(KernelTask task) {
        if (task.queue != this) {
            return;
        }
        KernelTask previous = task.queuePrevious;
        KernelTask next = task.queueNext;
        if (previous == null) {
            first = next;
        } else {
            previous.queueNext = next;
        }
        if (next == null) {
            last = previous;
        } else {
            next.queuePrevious = previous;
        }
        task.queue = null;
        task.queueNext = null;
        task.queuePrevious = null;
    }

    private void enter(KernelTask task) {
        if (task.queue != null) {
            throw new IllegalStateException(
                    task + " waits in two queues: the condition of a wait must not sleep itself");
        }
        task.queue = this;
    }
}
