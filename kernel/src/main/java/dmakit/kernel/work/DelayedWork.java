package dmakit.kernel.work;

import dmakit.kernel.Linux;
import dmakit.kernel.sched.Jiffies;
import dmakit.kernel.sync.KernelTimer;
import dmakit.kernel.sync.Timers;

/** Work that is queued some jiffies after it was asked for. */
@Linux(file = "include/linux/workqueue.h", symbol = "delayed_work")
public final class DelayedWork {
    private final WorkQueue queue;
    private final Jiffies jiffies;
    private final Work work;
    private final KernelTimer timer;

    /**
     * Creates work for one queue.
     *
     * @param name for messages
     * @param function what it does; may sleep
     */
    @Linux(file = "include/linux/workqueue.h", symbol = "INIT_DELAYED_WORK")
    public DelayedWork(WorkQueue queue, Timers timers, String name, Runnable function) {
        this.queue = queue;
        jiffies = queue.jiffies();
        work = new Work(name, function);
        timer = new KernelTimer(timers, name, () -> queue.queue(work));
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
        boolean timed = timer.delete();
        boolean queued = queue.cancel(work);
        start(delay);
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
