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
import org.jspecify.annotations.Nullable;

/**
 * A lock whose holder must not sleep.
 *
 * <p>On the one CPU a spinlock is never contended: whoever finds it taken interrupted its holder,
 * or is the holder, and would spin for ever. That is reported at once, and so is a lock that is
 * taken in interrupts as well as with interrupts enabled, before the seed comes that lets them
 * meet.
 */
@Linux(file = "include/linux/spinlock_types.h", symbol = "spinlock_t")
public final class SpinLock implements HeldLock {
    private static final String FILE = "include/linux/spinlock.h";

    private final Sched sched;
    private final Contexts contexts;
    private final Calls calls;
    private final Findings findings;
    private final String name;
    private @Nullable KernelTask owner;
    private String ownerContext = "";
    private long takenAt;
    private boolean usedInHardIrq;
    private boolean usedInSoftIrq;
    private boolean takenWithIrqsOn;
    private boolean takenWithSoftIrqsOn;
    private boolean reported;

    /**
     * Creates a lock that is free.
     *
     * @param name for messages
     */
    @Linux(file = FILE, symbol = "spin_lock_init")
    public SpinLock(Sched sched, String name) {
        this.sched = sched;
        this.name = name;
        contexts = sched.contexts();
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

    @Override
    public boolean isSpinning() {
        return true;
    }

    /** Whether somebody holds it. */
    @Linux(file = FILE, symbol = "spin_is_locked")
    public boolean isLocked() {
        return owner != null;
    }

    /**
     * Takes the lock.
     *
     * @throws LockViolation when it is taken: it would never become free
     */
    @Linux(file = FILE, symbol = "spin_lock")
    public void lock() {
        enter("spin_lock");
        contexts.preemptDisable();
        take();
    }

    /** Gives it back. */
    @Linux(file = FILE, symbol = "spin_unlock")
    public void unlock() {
        enter("spin_unlock");
        give();
        contexts.preemptEnable();
    }

    /**
     * Takes the lock if it is free.
     *
     * @return whether it was
     */
    @Linux(file = FILE, symbol = "spin_trylock")
    public boolean tryLock() {
        // Whoever spins on this needs time to pass.
        calls.enter();
        enter("spin_trylock");
        if (owner != null) {
            return false;
        }
        contexts.preemptDisable();
        take();
        return true;
    }

    /**
     * Disables interrupts and takes the lock.
     *
     * @return for {@link #unlockIrqRestore}: whether interrupts were enabled
     * @throws LockViolation when it is taken
     */
    @Linux(file = FILE, symbol = "spin_lock_irqsave")
    public boolean lockIrqSave() {
        enter("spin_lock_irqsave");
        boolean flags = contexts.irqSave();
        contexts.preemptDisable();
        take();
        return flags;
    }

    /** Gives the lock back and interrupts their state from before. */
    @Linux(file = FILE, symbol = "spin_unlock_irqrestore")
    public void unlockIrqRestore(boolean flags) {
        enter("spin_unlock_irqrestore");
        give();
        contexts.preemptEnable();
        contexts.irqRestore(flags);
    }

    /**
     * Disables interrupts and takes the lock.
     *
     * @throws LockViolation when it is taken
     */
    @Linux(file = FILE, symbol = "spin_lock_irq")
    public void lockIrq() {
        enter("spin_lock_irq");
        contexts.irqDisable();
        contexts.preemptDisable();
        take();
    }

    /** Gives the lock back and enables interrupts. */
    @Linux(file = FILE, symbol = "spin_unlock_irq")
    public void unlockIrq() {
        enter("spin_unlock_irq");
        give();
        contexts.preemptEnable();
        contexts.irqEnable();
    }

    /**
     * Keeps softirqs off and takes the lock.
     *
     * @throws LockViolation when it is taken
     */
    @Linux(file = FILE, symbol = "spin_lock_bh")
    public void lockBh() {
        enter("spin_lock_bh");
        contexts.bhDisable();
        contexts.preemptDisable();
        take();
    }

    /** Gives the lock back; softirqs that wait run now. */
    @Linux(file = FILE, symbol = "spin_unlock_bh")
    public void unlockBh() {
        enter("spin_unlock_bh");
        give();
        contexts.preemptEnable();
        contexts.bhEnable();
    }

    private void take() {
        KernelTask me = sched.current();
        KernelTask holder = owner;
        if (holder != null && holder != me && contexts.toleratesMisuse() && contexts.inTask()) {
            sched.spinUntil(() -> owner == null);
            holder = null;
        }
        if (holder != null) {
            contexts.preemptEnable();
            throw recursion(me, holder);
        }
        owner = me;
        ownerContext = contexts.describe();
        takenAt = findings.here();
        me.lockTaken(this);
        noteUse();
    }

    private void give() {
        KernelTask holder = owner;
        if (holder == null) {
            LockViolation violation = notTaken();
            if (contexts.toleratesMisuse()) {
                return;
            }
            throw violation;
        }
        owner = null;
        holder.lockReleased(this);
    }

    private LockViolation notTaken() {
        sched.log().emerg("BUG: spinlock already unlocked on CPU#0, %s", sched.current());
        sched.log().emerg(" lock: %s", name);
        findings.report(FindingId.LOCK_IMBALANCE, "%s is given back, but nobody holds it", this)
                .add();
        return new LockViolation("spinlock %s was given back but not taken".formatted(name));
    }

    private LockViolation recursion(KernelTask me, KernelTask holder) {
        sched.log().emerg("BUG: spinlock recursion on CPU#0, %s", me);
        sched.log().emerg(" lock: %s, .owner: %s, .owner_cpu: 0", name, holder);
        findings.report(
                        FindingId.DEADLOCK,
                        "%s, taken by %s %s, is wanted again by %s %s",
                        this,
                        holder,
                        ownerContext,
                        me,
                        contexts.describe())
                .site(Role.TAKEN, takenAt)
                .add();
        return new LockViolation(
                "deadlock: spinlock %s, taken by %s %s, is wanted again by %s %s"
                        .formatted(name, holder, ownerContext, me, contexts.describe()));
    }

    /** What {@code lockdep} keeps of a lock, as far as one lock by itself can hang the CPU. */
    private void noteUse() {
        usedInHardIrq |= contexts.inHardIrq();
        usedInSoftIrq |= contexts.inServingSoftIrq();
        takenWithIrqsOn |= !contexts.irqsDisabled();
        takenWithSoftIrqsOn |= !contexts.irqsDisabled() && !contexts.inInterrupt();
        boolean hard = usedInHardIrq && takenWithIrqsOn;
        boolean soft = usedInSoftIrq && takenWithSoftIrqsOn;
        if (!reported && (hard || soft)) {
            reported = true;
            String kind = hard ? "HARDIRQ" : "SOFTIRQ";
            sched.log().warn("WARNING: inconsistent lock state");
            sched.log().warn("inconsistent {%s-ON-W} -> {IN-%s-W} usage.", kind, kind);
            sched.log().warn("%s takes: %s", sched.current(), name);
        }
    }

    /** Taking a free lock is one atomic access: no time worth a moment for interrupts. */
    private void enter(String function) {
        if (calls.isTraced()) {
            calls.report(function, name);
        }
    }

    @Override
    public String toString() {
        return "spinlock " + name;
    }
}
