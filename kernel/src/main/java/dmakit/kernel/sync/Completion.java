package dmakit.kernel.sync;

import dmakit.kernel.Calls;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.sched.Jiffies;
import dmakit.kernel.sched.KernelTask;
import dmakit.kernel.sched.Sched;
import dmakit.kernel.sched.TaskQueue;
import dmakit.kernel.sched.TaskState;

/**
 * Something that gets done once per {@link #complete}, and can be waited for.
 *
 * <p>A completion that comes before the wait is remembered: completions are counted. Who waits
 * longest is served first. Where a signal and a completion meet, the completion wins.
 *
 * <p>The timeouts are in jiffies; {@link Jiffies#ofMillis} makes them.
 */
@Linux(file = "include/linux/completion.h", symbol = "completion")
public final class Completion {
    private static final String FILE = "kernel/sched/completion.c";

    /** {@code UINT_MAX}: done for ever. */
    private static final int DONE_FOR_EVER = -1;

    private final Sched sched;
    private final Calls calls;
    private final TaskQueue waiters = new TaskQueue();

    /** Unsigned. */
    private int done;

    /** Creates a completion of something that is not done. */
    @Linux(file = "include/linux/completion.h", symbol = "init_completion")
    public Completion(Sched sched) {
        this.sched = sched;
        calls = sched.calls();
        // Stores a few words in C too: no time of a call.
        if (calls.isTraced()) {
            calls.report("init_completion", "");
        }
    }

    /** Makes it not done, whatever was counted; who waits goes on waiting. */
    @Linux(file = "include/linux/completion.h", symbol = "reinit_completion")
    public void reinit() {
        enter("reinit_completion");
        done = 0;
    }

    /** Counts once and wakes who waits longest. Any context. */
    @Linux(file = FILE, symbol = "complete")
    public void complete() {
        enter("complete");
        if (done != DONE_FOR_EVER) {
            done++;
        }
        KernelTask first = waiters.first();
        if (first != null) {
            waiters.remove(first);
            sched.wakeUp(first);
        }
    }

    /** Makes it done until {@link #reinit}, and wakes all who wait. Any context. */
    @Linux(file = FILE, symbol = "complete_all")
    public void completeAll() {
        enter("complete_all");
        done = DONE_FOR_EVER;
        for (KernelTask task = waiters.first(); task != null; task = waiters.first()) {
            waiters.remove(task);
            sched.wakeUp(task);
        }
    }

    /** Waits, however long it takes. Signals do not matter. */
    @Linux(file = FILE, symbol = "wait_for_completion")
    public void waitFor() {
        await("wait_for_completion", Jiffies.MAX_TIMEOUT, TaskState.UNINTERRUPTIBLE);
    }

    /**
     * Waits up to a limit.
     *
     * @param timeout in jiffies
     * @return 0 when the time is over, else what was left, at least 1
     */
    @Linux(file = FILE, symbol = "wait_for_completion_timeout")
    public long waitForTimeout(long timeout) {
        return await("wait_for_completion_timeout", timeout, TaskState.UNINTERRUPTIBLE);
    }

    /**
     * Waits until it is done or a signal comes.
     *
     * @throws KernelException ERESTARTSYS on a signal
     */
    @Linux(file = FILE, symbol = "wait_for_completion_interruptible")
    public void waitForInterruptible() {
        await("wait_for_completion_interruptible", Jiffies.MAX_TIMEOUT, TaskState.INTERRUPTIBLE);
    }

    /**
     * Waits up to a limit, or until a signal.
     *
     * @param timeout in jiffies
     * @return 0 when the time is over, else what was left, at least 1
     * @throws KernelException ERESTARTSYS on a signal
     */
    @Linux(file = FILE, symbol = "wait_for_completion_interruptible_timeout")
    public long waitForInterruptibleTimeout(long timeout) {
        return await("wait_for_completion_interruptible_timeout", timeout, TaskState.INTERRUPTIBLE);
    }

    /**
     * Waits until it is done or a signal ends the process.
     *
     * @throws KernelException ERESTARTSYS on such a signal
     */
    @Linux(file = FILE, symbol = "wait_for_completion_killable")
    public void waitForKillable() {
        await("wait_for_completion_killable", Jiffies.MAX_TIMEOUT, TaskState.KILLABLE);
    }

    /**
     * Waits up to a limit, or until a signal ends the process.
     *
     * @param timeout in jiffies
     * @return 0 when the time is over, else what was left, at least 1
     * @throws KernelException ERESTARTSYS on such a signal
     */
    @Linux(file = FILE, symbol = "wait_for_completion_killable_timeout")
    public long waitForKillableTimeout(long timeout) {
        return await("wait_for_completion_killable_timeout", timeout, TaskState.KILLABLE);
    }

    /**
     * Takes one count off without waiting. Any context.
     *
     * @return false when it is not done
     */
    @Linux(file = FILE, symbol = "try_wait_for_completion")
    public boolean tryWait() {
        enter("try_wait_for_completion");
        if (done == 0) {
            return false;
        }
        consume();
        return true;
    }

    /** How often it is done, as the member of the C structure: unsigned, all bits for ever. */
    public int done() {
        return done;
    }

    /** Whether it is done; takes nothing off. Any context. */
    @Linux(file = FILE, symbol = "completion_done")
    public boolean isDone() {
        enter("completion_done");
        return done != 0;
    }

    private long await(String function, long timeout, TaskState state) {
        enter(function);
        sched.contexts().mightSleep(function);
        long left = timeout;
        if (done == 0) {
            KernelTask me = sched.current();
            do {
                if (sched.isInterrupted(state)) {
                    throw Interrupted.restart(me);
                }
                waiters.addExclusive(me);
                sched.setCurrentState(state);
                left = sched.scheduleTimeout(left);
                waiters.remove(me);
            } while (done == 0 && left != 0);
            if (done == 0) {
                calls.waitedInVain();
                return 0;
            }
        }
        consume();
        return left == 0 ? 1 : left;
    }

    private void consume() {
        if (done != DONE_FOR_EVER) {
            done--;
        }
    }

    private void enter(String function) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(function, "");
        }
    }
}
