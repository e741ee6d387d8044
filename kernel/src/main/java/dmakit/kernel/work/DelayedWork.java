package dmakit.kernel.work;

import dmakit.kernel.Linux;
import dmakit.kernel.sched.Jiffies;
import dmakit.kernel.sync.KernelTimer;
import dmakit.kernel.sync.Timers;

/** Work that is queued some jiffies after it was asked for. */
@Linux(file = "include/linux/workqueue.h", symbol = "delayed_work")
public final class DelayedWork {
    private final Jiffies jiffies;
    private final Work work;
    private final KernelTimer timer;
    private WorkQueue queue;

    /**
     * Creates work for one queue, unless another is named when it is scheduled.
     *
     * @param name for messages
     * @param function what it does; may sleep
     */
    @Linux(file = "include/linux/workqueue.h", symbol = "INIT_DELAYED_WORK")
    public DelayedWork(WorkQueue queue, Timers timers, String name, Runnable function) {
        this(queue, timers, new Work(name, function));
    }

    /**
     * Creates delayed work around work that is queued without delay as well.
     *
     * @param work which must not be part of another delayed work
     */
    public DelayedWork(WorkQueue queue, Timers timers, Work work) {
        this.queue = queue;
        this.work = work;
        jiffies = queue.jiffies();
        timer = new KernelTimer(timers, work.name(), () -> this.queue.queue(work));
    }

    /** The work that is delayed. */
    public Work work() {
        return work;
    }

    /** As {@link #schedule(long)}, for another queue, also next time. */
    @Linux(file = "kernel/workqueue.c", symbol = "queue_delayed_work_on")
    public boolean schedule(WorkQueue on, long delay) {
        if (isPending()) {
            return false;
        }
        queue = on;
        start(delay);
        return true;
    }

    /** As {@link #modify(long)}, for another queue, also next time. */
    @Linux(file = "kernel/workqueue.c", symbol = "mod_delayed_work_on")
    public boolean modify(WorkQueue on, long delay) {
        boolean waited = cancel();
        queue = on;
        start(delay);
        return waited;
    }

    /**
     * Lets it run after a delay; nothing changes where it waits already.
     *
     * @param delay in jiffies; 0 queues it at once
     * @return whether it did not wait already
     */
    @Linux(file = "kernel/workqueue.c", symbol = "queue_delayed_work_on")
    public boolean schedule(long delay) {
        if (isPending()) {
            return false;
        }
        start(delay);
        return true;
    }

    /**
     * Lets it run after a delay, whatever was before.
     *
     * @param delay in jiffies
     * @return whether it waited already
     */
    @Linux(file = "kernel/workqueue.c", symbol = "mod_delayed_work_on")
    public boolean modify(long delay) {
        return modify(queue, delay);
    }

    /**
     * Takes it back where it waits, and does not wait where it runs.
     *
     * @return whether it waited
     */
    @Linux(file = "kernel/workqueue.c", symbol = "cancel_delayed_work")
    public boolean cancel() {
        boolean timed = timer.delete();
        boolean queued = queue.cancel(work);
        return timed || queued;
    }

    private void start(long delay) {
        if (delay == 0) {
            queue.queue(work);
        } else {
            timer.modify(jiffies.now() + delay);
        }
    }

    /** Whether it waits: for its time, or to run. */
    @Linux(file = "include/linux/workqueue.h", symbol = "delayed_work_pending")
    public boolean isPending() {
        return timer.isPending() || work.isPending();
    }

    /**
     * Takes it back, and waits until it does not run any more.
     *
     * @return whether it waited
     */
    @Linux(file = "kernel/workqueue.c", symbol = "cancel_delayed_work_sync")
    public boolean cancelSync() {
        boolean timed = timer.deleteSync();
        boolean queued = queue.cancelSync(work);
        return timed || queued;
    }

    /**
     * Waits until it has run where it is queued, but not for its time.
     *
     * @return false when there was nothing to wait for
     */
    @Linux(file = "kernel/workqueue.c", symbol = "flush_work")
    public boolean flushWork() {
        return queue.flush(work);
    }

    /**
     * Queues it at once where it waits for its time, and waits until it has run.
     *
     * @return false when there was nothing to wait for
     */
    @Linux(file = "kernel/workqueue.c", symbol = "flush_delayed_work")
    public boolean flush() {
        if (timer.delete()) {
            queue.queue(work);
        }
        return queue.flush(work);
    }
}
