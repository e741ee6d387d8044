package dmakit.kernel.sync;

import dmakit.kernel.Calls;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.sched.Jiffies;
import dmakit.kernel.sched.KernelTask;
import dmakit.kernel.sched.Sched;
import dmakit.kernel.sched.TaskQueue;
import dmakit.kernel.sched.TaskState;
import dmakit.machine.Check;

/** A count that tasks take from and add to; who finds none sleeps until there is one. */
@Linux(file = "include/linux/semaphore.h", symbol = "semaphore")
public final class Semaphore {
    private static final String FILE = "kernel/locking/semaphore.c";

    private final Sched sched;
    private final Calls calls;
    private final TaskQueue waiters = new TaskQueue();
    private int count;

    /**
     * Creates a semaphore.
     *
     * @param count at first, at least 0
     */
    @Linux(file = "include/linux/semaphore.h", symbol = "sema_init")
    public Semaphore(Sched sched, int count) {
        Check.argument(count >= 0, "a semaphore of %d", count);
        this.sched = sched;
        this.count = count;
        calls = sched.calls();
    }

    /** Takes one, however long that takes. */
    @Linux(file = FILE, symbol = "down")
    public void down() {
        take("down", Jiffies.MAX_TIMEOUT, TaskState.UNINTERRUPTIBLE);
    }

    /**
     * Takes one unless a signal comes first.
     *
     * @throws KernelException EINTR on a signal
     */
    @Linux(file = FILE, symbol = "down_interruptible")
    public void downInterruptible() {
        take("down_interruptible", Jiffies.MAX_TIMEOUT, TaskState.INTERRUPTIBLE);
    }

    /**
     * Takes one unless a signal comes first that ends the process.
     *
     * @throws KernelException EINTR on such a signal
     */
    @Linux(file = FILE, symbol = "down_killable")
    public void downKillable() {
        take("down_killable", Jiffies.MAX_TIMEOUT, TaskState.KILLABLE);
    }

    /**
     * Takes one within a limit.
     *
     * @param timeout in jiffies
     * @throws KernelException ETIME when the time is over
     */
    @Linux(file = FILE, symbol = "down_timeout")
    public void downTimeout(long timeout) {
        if (!take("down_timeout", timeout, TaskState.UNINTERRUPTIBLE)) {
            throw new KernelException(Errno.ETIME, "no semaphore within %d jiffies", timeout);
        }
    }

    /**
     * Takes one if there is one. Any context.
     *
     * @return whether it did
     */
    @Linux(file = FILE, symbol = "down_trylock")
    public boolean tryDown() {
        calls.enter();
        if (count == 0) {
            return false;
        }
        count--;
        return true;
    }

    /** Adds one and wakes who waits longest. Any context. */
    @Linux(file = FILE, symbol = "up")
    public void up() {
        calls.enter();
        count = Math.addExact(count, 1);
        KernelTask first = waiters.first();
        if (first != null) {
            waiters.remove(first);
            sched.wakeUp(first);
        }
    }

    private boolean take(String function, long timeout, TaskState state) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(function, "");
        }
        sched.contexts().mightSleep(function);
        KernelTask me = sched.current();
        long left = timeout;
        while (count == 0) {
            if (left == 0) {
                return false;
            }
            if (sched.isInterrupted(state)) {
                throw Interrupted.lock(me);
            }
            waiters.addExclusive(me);
            sched.setCurrentState(state);
            left = sched.scheduleTimeout(left);
            waiters.remove(me);
        }
        count--;
        return true;
    }
}
