package dmakit.kernel.work;

import dmakit.kernel.Calls;
import dmakit.kernel.Linux;
import dmakit.kernel.sched.Jiffies;
import dmakit.kernel.sched.KernelTask;
import dmakit.kernel.sched.Kthread;
import dmakit.kernel.sched.Sched;
import dmakit.kernel.sched.TaskState;
import dmakit.machine.Check;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs work in worker threads, in the order in which it was queued.
 *
 * <p>While a work sleeps the next one runs in another worker, up to a limit; with a limit of 1 the
 * queue is ordered.
 */
@Linux(file = "kernel/workqueue.c", symbol = "workqueue_struct")
public final class WorkQueue {
    /** Works of one queue that may run at a time, {@code WQ_DFL_ACTIVE}. */
    public static final int ACTIVE_DEFAULT = 256;

    /** The highest limit, {@code WQ_MAX_ACTIVE}. */
    public static final int ACTIVE_MAX = 512;

    private static final String FILE = "kernel/workqueue.c";

    private final Sched sched;
    private final Calls calls;
    private final String name;
    private final int activeMax;
    private final Deque<Work> pending = new ArrayDeque<>();
    private final List<Worker> workers = new ArrayList<>();
    private int workerNumber;
    private boolean destroyed;

    private static final class Worker {
        @Nullable Kthread thread;
        @Nullable KernelTask task;
        @Nullable Work work;

        /** Whether it works and does not sleep over it. */
        boolean isBusy() {
            KernelTask me = task;
            return work != null && me != null && me.state() == TaskState.RUNNING;
        }
    }

    /**
     * Creates a queue without workers; they come with the work.
     *
     * @param name for the names of its workers
     * @param activeMax works that may run at a time, 1 to {@link #ACTIVE_MAX}
     */
    @Linux(file = FILE, symbol = "alloc_workqueue")
    public WorkQueue(Sched sched, String name, int activeMax) {
        Check.argument(
                activeMax >= 1 && activeMax <= ACTIVE_MAX,
                "a queue of %d at a time",
                (long) activeMax);
        this.sched = sched;
        this.name = name;
        this.activeMax = activeMax;
        calls = sched.calls();
    }

    /** The clock its delays count in. */
    public Jiffies jiffies() {
        return sched.jiffies();
    }

    /**
     * Queues work. Any context.
     *
     * @return false when it waits already
     */
    @Linux(file = FILE, symbol = "queue_work_on")
    public boolean queue(Work work) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("queue_work", name + ", " + work.name());
        }
        Check.argument(!destroyed, "work %s for queue %s, which is destroyed", work, name);
        if (work.pendingIn != null || work.cancellerCount > 0) {
            return false;
        }
        work.pendingIn = this;
        pending.addLast(work);
        letSomebodyWork();
        return true;
    }

    /** Wakes or starts a worker unless one is at it. */
    private void letSomebodyWork() {
        if (pending.isEmpty()) {
            return;
        }
        int active = 0;
        Worker idle = null;
        for (int i = 0; i < workers.size(); i++) {
            Worker worker = workers.get(i);
            if (worker.isBusy()) {
                return;
            }
            if (worker.work != null) {
                active++;
            } else {
                idle = worker;
            }
        }
        if (active >= activeMax) {
            return;
        }
        Worker next = idle == null ? addWorker() : idle;
        Kthread thread = next.thread;
        if (thread != null) {
            thread.wakeUp();
        }
    }

    private Worker addWorker() {
        Worker worker = new Worker();
        worker.thread =
                sched.kthreadCreate(
                        "kworker/0:%d-%s".formatted(workerNumber++, name), () -> work(worker));
        workers.add(worker);
        return worker;
    }

    private void work(Worker worker) {
        worker.task = sched.current();
        try {
            while (!sched.kthreadShouldStop()) {
                Work next = takeNext();
                if (next == null) {
                    sched.sleep(TaskState.IDLE);
                } else {
                    run(next, worker);
                }
            }
        } finally {
            workers.remove(worker);
        }
    }

    /** The oldest work that does not run right now. */
    private @Nullable Work takeNext() {
        for (Work work : pending) {
            if (!work.running) {
                pending.remove(work);
                work.pendingIn = null;
                return work;
            }
        }
        return null;
    }

    private void run(Work work, Worker worker) {
        KernelTask me = sched.current();
        worker.work = work;
        work.running = true;
        me.beforeSleep(this::letSomebodyWork);
        long mark = sched.contexts().mark();
        try {
            work.run();
            sched.contexts().checkLeft(mark, work);
        } finally {
            me.beforeSleep(null);
            work.running = false;
            worker.work = null;
            work.doneCount++;
            wakeWaiters(work);
        }
    }

    private void wakeWaiters(Work work) {
        for (KernelTask task = work.waiters.first(); task != null; ) {
            work.waiters.remove(task);
            sched.wakeUp(task);
            task = work.waiters.first();
        }
    }

    /**
     * Takes work back. Any context.
     *
     * @return whether it waited to run
     */
    @Linux(file = FILE, symbol = "cancel_work")
    public boolean cancel(Work work) {
        calls.enter();
        WorkQueue in = work.pendingIn;
        if (in == null) {
            return false;
        }
        in.pending.remove(work);
        work.pendingIn = null;
        wakeWaiters(work);
        return true;
    }

    /**
     * Takes work back, and waits until it does not run any more.
     *
     * @return whether it waited to run
     */
    @Linux(file = FILE, symbol = "cancel_work_sync")
    public boolean cancelSync(Work work) {
        sched.contexts().mightSleep("cancel_work_sync");
        boolean was = cancel(work);
        work.cancellerCount++;
        try {
            waitUntilDone(work, work.doneCount + (work.running ? 1 : 0));
        } finally {
            work.cancellerCount--;
        }
        return was;
    }

    /**
     * Waits until work that was queued has run.
     *
     * @return false when there was nothing to wait for
     */
    @Linux(file = FILE, symbol = "flush_work")
    public boolean flush(Work work) {
        calls.enter();
        sched.contexts().mightSleep("flush_work");
        int left = (work.running ? 1 : 0) + (work.isPending() ? 1 : 0);
        waitUntilDone(work, work.doneCount + left);
        return left > 0;
    }

    /** Waits until all work that was queued before has run. */
    @Linux(file = FILE, symbol = "__flush_workqueue")
    public void flush() {
        calls.enter();
        sched.contexts().mightSleep("flush_workqueue");
        List<Work> all = new ArrayList<>(pending);
        for (Worker worker : workers) {
            Work work = worker.work;
            if (work != null) {
                all.add(work);
            }
        }
        for (Work work : all) {
            flush(work);
        }
    }

    private void waitUntilDone(Work work, long doneCount) {
        KernelTask me = sched.current();
        while (work.doneCount < doneCount && (work.running || work.isPending())) {
            work.waiters.addExclusive(me);
            sched.sleep(TaskState.UNINTERRUPTIBLE);
            work.waiters.remove(me);
        }
    }

    /** Runs all work that waits, also what it queues itself. */
    @Linux(file = FILE, symbol = "drain_workqueue")
    public void drain() {
        while (!pending.isEmpty()) {
            flush();
        }
        flush();
    }

    /** The queue's name. */
    public String name() {
        return name;
    }

    /** Runs what is queued, ends the workers, and takes no more work. */
    @Linux(file = FILE, symbol = "destroy_workqueue")
    public void destroy() {
        drain();
        destroyed = true;
        for (Worker worker : List.copyOf(workers)) {
            Kthread thread = worker.thread;
            if (thread != null) {
                thread.stop();
            }
        }
    }

    @Override
    public String toString() {
        return "workqueue " + name;
    }
}
