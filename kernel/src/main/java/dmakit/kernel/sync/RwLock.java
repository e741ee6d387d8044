package dmakit.kernel.sync;

import dmakit.kernel.Calls;
import dmakit.kernel.Linux;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Findings;
import dmakit.kernel.check.Role;
import dmakit.kernel.sched.Contexts;
import dmakit.kernel.sched.HeldLock;
import dmakit.kernel.sched.KernelTask;
import dmakit.kernel.sched.Sched;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A lock many readers or one writer hold at a time, and whose holders must not sleep.
 *
 * <p>On the one CPU it is never contended, as a {@link SpinLock}. Who needs interrupts or softirqs
 * off disables them first.
 */
@Linux(file = "include/linux/rwlock_types.h", symbol = "rwlock_t")
public final class RwLock {
    private static final String FILE = "include/linux/rwlock.h";

    private final Sched sched;
    private final Contexts contexts;
    private final Calls calls;
    private final Findings findings;
    private final String name;
    private final List<Hold> readers = new ArrayList<>();
    private @Nullable Hold writer;

    /** One who holds it. */
    private record Hold(KernelTask task, String name, long takenAt) implements HeldLock {
        @Override
        public boolean isSpinning() {
            return true;
        }
    }

    /**
     * Creates a lock that is free.
     *
     * @param name for messages
     */
    @Linux(file = FILE, symbol = "rwlock_init")
    public RwLock(Sched sched, String name) {
        this.sched = sched;
        this.name = name;
        contexts = sched.contexts();
        calls = sched.calls();
        findings = calls.findings();
    }

    /**
     * Takes it for reading.
     *
     * @throws LockViolation when a writer holds it: it would never become free
     */
    @Linux(file = FILE, symbol = "read_lock")
    public void lockRead() {
        enter("read_lock");
        Hold holder = writer;
        if (holder != null) {
            throw recursion(holder);
        }
        contexts.preemptDisable();
        readers.add(hold());
    }

    /**
     * Takes it for reading if no writer holds it.
     *
     * @return whether it did
     */
    @Linux(file = FILE, symbol = "read_trylock")
    public boolean tryRead() {
        calls.enter();
        if (writer != null) {
            return false;
        }
        lockRead();
        return true;
    }

    /**
     * Gives back what was taken for reading.
     *
     * @throws LockViolation when nobody reads, unless misuse is tolerated
     */
    @Linux(file = FILE, symbol = "read_unlock")
    public void unlockRead() {
        enter("read_unlock");
        if (readers.isEmpty()) {
            unbalanced("reading");
            return;
        }
        Hold hold = readers.removeLast();
        hold.task().lockReleased(hold);
        contexts.preemptEnable();
    }

    /**
     * Takes it for writing.
     *
     * @throws LockViolation when anybody holds it: it would never become free
     */
    @Linux(file = FILE, symbol = "write_lock")
    public void lockWrite() {
        enter("write_lock");
        Hold holder = writer != null ? writer : readers.isEmpty() ? null : readers.getLast();
        if (holder != null) {
            throw recursion(holder);
        }
        contexts.preemptDisable();
        writer = hold();
    }

    /**
     * Takes it for writing if nobody holds it.
     *
     * @return whether it did
     */
    @Linux(file = FILE, symbol = "write_trylock")
    public boolean tryWrite() {
        calls.enter();
        if (writer != null || !readers.isEmpty()) {
            return false;
        }
        lockWrite();
        return true;
    }

    /**
     * Gives back what was taken for writing.
     *
     * @throws LockViolation when nobody writes, unless misuse is tolerated
     */
    @Linux(file = FILE, symbol = "write_unlock")
    public void unlockWrite() {
        enter("write_unlock");
        Hold hold = writer;
        if (hold == null) {
            unbalanced("writing");
            return;
        }
        writer = null;
        hold.task().lockReleased(hold);
        contexts.preemptEnable();
    }

    private Hold hold() {
        KernelTask me = sched.current();
        Hold hold = new Hold(me, name, findings.here());
        me.lockTaken(hold);
        return hold;
    }

    private LockViolation recursion(Hold holder) {
        KernelTask me = sched.current();
        sched.log().emerg("BUG: rwlock recursion on CPU#0, %s", me);
        sched.log().emerg(" lock: %s, held by %s", name, holder.task());
        findings.report(
                        FindingId.DEADLOCK,
                        "%s, taken by %s, is wanted again by %s %s",
                        this,
                        holder.task(),
                        me,
                        contexts.describe())
                .site(Role.TAKEN, holder.takenAt())
                .add();
        return new LockViolation("deadlock: %s wants %s, which is taken".formatted(me, this));
    }

    private void unbalanced(String purpose) {
        findings.report(
                        FindingId.LOCK_IMBALANCE,
                        "%s is given back, but not held for %s",
                        this,
                        purpose)
                .add();
        if (!contexts.toleratesMisuse()) {
            throw new LockViolation(
                    "%s was given back but not taken for %s".formatted(this, purpose));
        }
    }

    private void enter(String function) {
        if (calls.isTraced()) {
            calls.report(function, name);
        }
    }

    @Override
    public String toString() {
        return "rwlock " + name;
    }
}
