package dmakit.kernel.sync;

import dmakit.kernel.Calls;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Findings;
import dmakit.kernel.check.Role;
import dmakit.kernel.sched.HeldLock;
import dmakit.kernel.sched.KernelTask;
import dmakit.kernel.sched.Sched;
import dmakit.kernel.sched.TaskQueue;
import dmakit.kernel.sched.TaskState;
import org.jspecify.annotations.Nullable;

/** A lock one task holds at a time, and gives back itself. Who waits sleeps. */
@Linux(file = "include/linux/mutex_types.h", symbol = "mutex")
public final class Mutex implements HeldLock {
    private static final String FILE = "kernel/locking/mutex.c";

    private final Sched sched;
    private final Calls calls;
    private final Findings findings;
    private final String name;
    private final TaskQueue waiters = new TaskQueue();
    private @Nullable KernelTask owner;
    private long takenAt;

    /**
     * Creates a mutex nobody holds.
     *
     * @param name for messages
     */
    @Linux(file = "include/linux/mutex.h", symbol = "mutex_init")
    public Mutex(Sched sched, String name) {
        this.sched = sched;
        this.name = name;
        calls = sched.calls();
        findings = calls.findings();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long takenAt() {
        return takenAt;
    }

    /** Whether somebody holds it. */
    @Linux(file = "include/linux/mutex.h", symbol = "mutex_is_locked")
    public boolean isLocked() {
        return owner != null;
    }

    /**
     * Takes it, however long that takes.
     *
     * @throws LockViolation when the caller holds it already, unless misuse is tolerated: then it
     *     waits for itself, for ever
     */
    @Linux(file = FILE, symbol = "mutex_lock")
    public void lock() {
        lock("mutex_lock", TaskState.UNINTERRUPTIBLE);
    }

    /**
     * Takes it unless a signal comes first.
     *
     * @throws KernelException EINTR on a signal
     * @throws LockViolation when the caller holds it already, unless misuse is tolerated: then it
     *     waits for itself, for ever
     */
    @Linux(file = FILE, symbol = "mutex_lock_interruptible")
    public void lockInterruptible() {
        lock("mutex_lock_interruptible", TaskState.INTERRUPTIBLE);
    }

    /**
     * Takes it unless a signal comes first that ends the process.
     *
     * @throws KernelException EINTR on such a signal
     * @throws LockViolation when the caller holds it already, unless misuse is tolerated: then it
     *     waits for itself, for ever
     */
    @Linux(file = FILE, symbol = "mutex_lock_killable")
    public void lockKillable() {
        lock("mutex_lock_killable", TaskState.KILLABLE);
    }

    /**
     * Takes it if nobody holds it.
     *
     * @return whether it did
     */
    @Linux(file = FILE, symbol = "mutex_trylock")
    public boolean tryLock() {
        enter("mutex_trylock");
        if (owner != null) {
            return false;
        }
        take(sched.current());
        return true;
    }

    /**
     * Gives it back and wakes who waits longest.
     *
     * @throws LockViolation when the caller does not hold it, unless misuse is tolerated: then it
     *     is free afterwards
     */
    @Linux(file = FILE, symbol = "mutex_unlock")
    public void unlock() {
        enter("mutex_unlock");
        KernelTask me = sched.current();
        if (owner != me) {
            sched.log().warn("WARNING: bad unlock balance detected!");
            sched.log().warn("%s is trying to release lock (%s) held by %s", me, name, holder());
            findings.report(
                            FindingId.LOCK_IMBALANCE,
                            "%s gives back %s, which %s holds",
                            me,
                            this,
                            holder())
                    .site(Role.TAKEN, takenAt)
                    .add();
            if (!sched.contexts().toleratesMisuse()) {
                throw new LockViolation(
                        "%s gave mutex %s back, which %s holds".formatted(me, name, holder()));
            }
        }
        KernelTask holder = owner;
        if (holder == null) {
            return;
        }
        owner = null;
        takenAt = 0;
        holder.lockReleased(this);
        KernelTask first = waiters.first();
        if (first != null) {
            sched.wakeUp(first);
        }
    }

    private String holder() {
        KernelTask holder = owner;
        return holder == null ? "nobody" : holder.toString();
    }

    private void lock(String function, TaskState state) {
        enter(function);
        sched.contexts().mightSleep(function);
        KernelTask me = sched.current();
        if (owner == me) {
            sched.log().warn("WARNING: possible recursive locking detected");
            sched.log().warn("%s is trying to acquire lock: %s, which it holds", me, name);
            findings.report(FindingId.DEADLOCK, "%s wants %s, which it holds", me, this)
                    .site(Role.TAKEN, takenAt)
                    .add();
            if (!sched.contexts().toleratesMisuse()) {
                throw new LockViolation(
                        "deadlock: %s wants mutex %s, which it holds".formatted(me, name));
            }
        }
        while (owner != null) {
            if (sched.isInterrupted(state)) {
                throw Interrupted.lock(me);
            }
            waiters.addExclusive(me);
            sched.sleep(state);
            waiters.remove(me);
        }
        take(me);
    }

    private void take(KernelTask me) {
        owner = me;
        takenAt = findings.here();
        me.lockTaken(this);
    }

    private void enter(String function) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(function, name);
        }
    }

    @Override
    public String toString() {
        return "mutex " + name;
    }
}
