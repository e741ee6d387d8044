package dmakit.kernel.sync;

import dmakit.kernel.Calls;
import dmakit.kernel.Linux;
import dmakit.kernel.sched.Contexts;
import dmakit.kernel.sched.Sched;
import dmakit.kernel.sched.TaskState;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Read-copy-update, as a kernel without preemption has it: readers only stay on the CPU, and what
 * they may still see goes after a grace period.
 */
@Linux(file = "include/linux/rcupdate.h", symbol = "rcu_head")
public final class Rcu {
    /** A grace period in jiffies; real ones take some ticks. */
    public static final long GRACE_JIFFIES = 2;

    private static final String TREE = "kernel/rcu/tree.c";

    private final Sched sched;
    private final Contexts contexts;
    private final Calls calls;
    private final KernelTimer graceEnds;
    private final WaitQueue barrier;
    private final Deque<Later> later = new ArrayDeque<>();
    private long asked;
    private long done;

    /** Something to be done after a grace period. */
    private record Later(long jiffies, Runnable action) {}

    /** Creates the RCU of one kernel. */
    public Rcu(Timers timers) {
        sched = timers.sched();
        contexts = sched.contexts();
        calls = sched.calls();
        graceEnds = new KernelTimer(timers, "rcu", this::runLater);
        barrier = new WaitQueue(sched);
    }

    /** Begins to read: the caller must not sleep until {@link #readUnlock}. */
    @Linux(file = "include/linux/rcupdate.h", symbol = "rcu_read_lock")
    public void readLock() {
        contexts.preemptDisable();
        contexts.disabledHere();
    }

    /** Ends reading. */
    @Linux(file = "include/linux/rcupdate.h", symbol = "rcu_read_unlock")
    public void readUnlock() {
        contexts.preemptEnable();
    }

    /** Waits until all who read now have ended. */
    @Linux(file = TREE, symbol = "synchronize_rcu")
    public void synchronize() {
        calls.enter();
        contexts.mightSleep("synchronize_rcu");
        long left = GRACE_JIFFIES;
        while (left > 0) {
            sched.setCurrentState(TaskState.UNINTERRUPTIBLE);
            left = sched.scheduleTimeout(left);
        }
    }

    /** Lets something be done in softirq context after a grace period. Any context. */
    @Linux(file = TREE, symbol = "call_rcu")
    public void call(Runnable action) {
        calls.enter();
        asked++;
        later.addLast(new Later(sched.jiffies().now() + GRACE_JIFFIES, action));
        if (!graceEnds.isPending()) {
            graceEnds.modify(later.getFirst().jiffies());
        }
    }

    private void runLater() {
        long now = sched.jiffies().now();
        while (!later.isEmpty() && later.getFirst().jiffies() <= now) {
            later.removeFirst().action().run();
            done++;
        }
        if (!later.isEmpty()) {
            graceEnds.modify(later.getFirst().jiffies());
        }
        barrier.wakeUpAll();
    }

    /** Waits until all that was asked for before has been done. */
    @Linux(file = TREE, symbol = "rcu_barrier")
    public void barrier() {
        calls.enter();
        contexts.mightSleep("rcu_barrier");
        long wanted = asked;
        barrier.waitEvent(() -> done >= wanted);
    }
}
