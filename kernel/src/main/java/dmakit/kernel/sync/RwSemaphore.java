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
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A lock many readers or one writer hold at a time. Who waits sleeps, first come, first served: a
 * writer that waits keeps later readers waiting.
 */
@Linux(file = "include/linux/rwsem.h", symbol = "rw_semaphore")
public final class RwSemaphore {
    private static final String FILE = "kernel/locking/rwsem.c";

    private final Sched sched;
    private final Calls calls;
    private final Findings findings;
    private final String name;
    private final TaskQueue waiters = new TaskQueue();
    private final List<Hold> readers = new ArrayList<>();
    private @Nullable Hold writer;

    /** One who holds it. */
    private record Hold(KernelTask task, String name, long takenAt) implements HeldLock {}

    /**
     * Creates a lock nobody holds.
     *
     * @param name for messages
     */
    @Linux(file = "include/linux/rwsem.h", symbol = "init_rwsem")
    public RwSemaphore(Sched sched, String name) {
        this.sched = sched;
        this.name = name;
        calls = sched.calls();
        findings = calls.findings();
    }

    /** Whether anybody holds it. */
    @Linux(file = "include/linux/rwsem.h", symbol = "rwsem_is_locked")
    public boolean isLocked() {
        return writer != null || !readers.isEmpty();
    }

    /** Takes it for reading. */
    @Linux(file = FILE, symbol = "down_read")
    public void downRead() {
        down("down_read", false, TaskState.UNINTERRUPTIBLE);
    }

    /**
     * Takes it for reading unless a signal comes first.
     *
     * @throws KernelException EINTR on a signal
     */
    @Linux(file = FILE, symbol = "down_read_interruptible")
    public void downReadInterruptible() {
        down("down_read_interruptible", false, TaskState.INTERRUPTIBLE);
    }

    /**
     * Takes it for reading unless a signal comes first that ends the process.
     *
     * @throws KernelException EINTR on such a signal
     */
    @Linux(file = FILE, symbol = "down_read_killable")
    public void downReadKillable() {
        down("down_read_killable", false, TaskState.KILLABLE);
    }

    /** Takes it for writing. */
    @Linux(file = FILE, symbol = "down_write")
    public void downWrite() {
        down("down_write", true, TaskState.UNINTERRUPTIBLE);
    }

    /**
     * Takes it for writing unless a signal comes first that ends the process.
     *
     * @throws KernelException EINTR on such a signal
     */
    @Linux(file = FILE, symbol = "down_write_killable")
    public void downWriteKillable() {
        down("down_write_killable", true, TaskState.KILLABLE);
    }

    /**
     * Takes it for reading if that needs no waiting. Any context.
     *
     * @return whether it did
     */
    @Linux(file = FILE, symbol = "down_read_trylock")
    public boolean tryRead() {
        return tryTake("down_read_trylock", false);
    }

    /**
     * Takes it for writing if nobody holds it. Any context.
     *
     * @return whether it did
     */
    @Linux(file = FILE, symbol = "down_write_trylock")
    public boolean tryWrite() {
        return tryTake("down_write_trylock", true);
    }

    /**
     * Gives back what was taken for reading.
     *
     * @throws LockViolation when nobody reads, unless misuse is tolerated
     */
    @Linux(file = FILE, symbol = "up_read")
    public void upRead() {
        enter("up_read");
        Hold hold = readBy(sched.current());
        if (hold == null) {
            unbalanced("reading");
            return;
        }
        readers.remove(hold);
        hold.task().lockReleased(hold);
        if (readers.isEmpty()) {
            wakeFirst();
        }
    }

    /** The latest hold of a task; another's where it has none: Linux lets anybody give back. */
    private @Nullable Hold readBy(KernelTask me) {
        for (int i = readers.size() - 1; i >= 0; i--) {
            if (readers.get(i).task().equals(me)) {
                return readers.get(i);
            }
        }
        return readers.isEmpty() ? null : readers.getLast();
    }

    /**
     * Gives back what was taken for writing.
     *
     * @throws LockViolation when nobody writes, unless misuse is tolerated
     */
    @Linux(file = FILE, symbol = "up_write")
    public void upWrite() {
        enter("up_write");
        Hold hold = writer;
        if (hold == null) {
            unbalanced("writing");
            return;
        }
        writer = null;
        hold.task().lockReleased(hold);
        wakeFirst();
    }

    /**
     * Goes on reading what was taken for writing, and lets other readers in.
     *
     * @throws LockViolation when nobody writes, unless misuse is tolerated
     */
    @Linux(file = FILE, symbol = "downgrade_write")
    public void downgradeWrite() {
        enter("downgrade_write");
        Hold hold = writer;
        if (hold == null) {
            unbalanced("writing");
            return;
        }
        writer = null;
        readers.add(hold);
        wakeFirst();
    }

    private void unbalanced(String purpose) {
        findings.report(
                        FindingId.LOCK_IMBALANCE,
                        "%s is given back, but not held for %s",
                        this,
                        purpose)
                .add();
        if (!sched.contexts().toleratesMisuse()) {
            throw new LockViolation(
                    "%s was given back but not taken for %s".formatted(this, purpose));
        }
    }

    private boolean tryTake(String function, boolean write) {
        enter(function);
        if (!isFree(write)) {
            return false;
        }
        take(sched.current(), write);
        return true;
    }

    private boolean isFree(boolean write) {
        return writer == null && (!write || readers.isEmpty());
    }

    private void down(String function, boolean write, TaskState state) {
        enter(function);
        sched.contexts().mightSleep(function);
        KernelTask me = sched.current();
        Hold held = writer;
        if (held != null && held.task().equals(me)) {
            findings.report(FindingId.DEADLOCK, "%s wants %s, which it holds", me, this)
                    .site(Role.TAKEN, held.takenAt())
                    .add();
            if (!sched.contexts().toleratesMisuse()) {
                throw new LockViolation(
                        "deadlock: %s wants %s, which it holds".formatted(me, this));
            }
        }
        boolean mustQueue = !waiters.isEmpty();
        while (mustQueue || !isFree(write)) {
            mustQueue = false;
            if (sched.isInterrupted(state)) {
                wakeFirst();
                throw Interrupted.lock(me);
            }
            waiters.addExclusive(me);
            sched.sleep(state);
            waiters.remove(me);
        }
        take(me, write);
        if (!write) {
            wakeFirst();
        }
    }

    private void take(KernelTask me, boolean write) {
        Hold hold = new Hold(me, name, findings.here());
        me.lockTaken(hold);
        if (write) {
            writer = hold;
        } else {
            readers.add(hold);
        }
    }

    /** Who was woken looks for itself, and wakes the next where both may go on. */
    private void wakeFirst() {
        KernelTask first = waiters.first();
        if (first != null) {
            sched.wakeUp(first);
        }
    }

    private void enter(String function) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(function, name);
        }
    }

    @Override
    public String toString() {
        return "rw_semaphore " + name;
    }
}
