package dmakit.kernel.sched;

import dmakit.kernel.Linux;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Findings;
import dmakit.kernel.check.Role;
import dmakit.kernel.log.Log;
import dmakit.machine.Check;
import dmakit.machine.cpu.Cpu;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The context code runs in on the one CPU: task, softirq or hardirq, preemption and interrupts.
 *
 * <p>One count says it all, laid out as the kernel's: preemption in bits 7-0, softirqs in bits 15-8
 * (1 while they are served, 2 for each time they are kept off), hardirqs in bits 19-16. A task may
 * only be switched while the count is 0, so one count serves all tasks.
 */
@Linux(file = "include/linux/preempt.h", symbol = "preempt_count")
public final class Contexts {
    private static final String PREEMPT = "include/linux/preempt.h";
    private static final String IRQFLAGS = "include/linux/irqflags.h";

    private static final int PREEMPT_ONE = 1;
    private static final int PREEMPT_MASK = 0xff;
    private static final int SOFTIRQ_ONE = 0x100;
    private static final int SOFTIRQ_OFF_ONE = 0x200;
    private static final int SOFTIRQ_OFF_MAX = 0xfe00;
    private static final int SOFTIRQ_MASK = 0xff00;
    private static final int HARDIRQ_ONE = 0x1_0000;
    private static final int HARDIRQ_MASK = 0xf_0000;

    private static final long NOWHERE = -1;
    private static final int MARK_IRQS_SHIFT = 32;
    private static final int MARK_LOCKS_SHIFT = 33;

    private final Cpu cpu;
    private final Log log;
    private final Findings findings;
    private final Supplier<KernelTask> current;
    private int count;
    private boolean tolerant;
    private boolean inCallback;
    private long disabledAt;
    private long sleepReportedAt = NOWHERE;
    private @Nullable Runnable pendingSoftIrqs;

    Contexts(Cpu cpu, Log log, Findings findings, Supplier<KernelTask> current) {
        this.cpu = cpu;
        this.log = log;
        this.findings = findings;
        this.current = current;
    }

    /**
     * Lets misuse be reported and then done, as Linux does it, where it would be thrown otherwise:
     * for drivers in C, which cannot be unwound.
     */
    public void tolerateMisuse() {
        tolerant = true;
    }

    /** Whether misuse is reported and then done. */
    public boolean toleratesMisuse() {
        return tolerant;
    }

    /**
     * Says whether a completion callback of a driver runs from now on.
     *
     * @return what was said before, to be set again afterwards
     */
    public boolean callback(boolean now) {
        boolean before = inCallback;
        inCallback = now;
        return before;
    }

    /** Notes that the driver made its context atomic itself, at the current call. */
    public void disabledHere() {
        disabledAt = findings.here();
    }

    /** Sets what runs the softirqs that were raised while they were kept off. */
    public void onSoftIrqsEnabled(Runnable run) {
        pendingSoftIrqs = run;
    }

    /** Makes the CPU fit for other tasks where one ended in the middle of something. */
    void taskExits(KernelTask task, boolean ended) {
        boolean explained = !ended || holdsSpinning(task.heldLocks());
        if (irqsDisabled()) {
            log.info("note: %s[%d] exited with irqs disabled", task.name(), task.pid());
            if (!explained) {
                reportImbalance("%s ended with interrupts disabled", task);
            }
            irqEnable();
        }
        if (count != 0) {
            log.info("note: %s[%d] exited with preempt_count %d", task.name(), task.pid(), count);
            if (!explained) {
                reportImbalance("%s ended with preempt_count %d", task, count);
            }
            count = 0;
        }
    }

    private static boolean holdsSpinning(List<HeldLock> locks) {
        for (int i = 0; i < locks.size(); i++) {
            if (locks.get(i).isSpinning()) {
                return true;
            }
        }
        return false;
    }

    private void reportImbalance(String format, Object... values) {
        findings.report(FindingId.ATOMIC_IMBALANCE, format, values).at(disabledAt).add();
    }

    // What a function of a driver has to leave as it found it.

    /** The context and how many locks are held, as a number for {@link #checkLeft}. */
    public long mark() {
        long locks = current.get().heldLockCount();
        long irqsOff = irqsDisabled() ? 1L : 0L;
        return (locks << MARK_LOCKS_SHIFT) | (irqsOff << MARK_IRQS_SHIFT) | count;
    }

    /**
     * Reports what a function of a driver that returned did not leave as it found it: locks it
     * still holds, preemption, softirqs or interrupts. The context is restored.
     *
     * @param mark before it was called
     * @param function what returned, for messages
     */
    public void checkLeft(long mark, Object function) {
        if (mark() != mark) {
            repair(mark, function);
        }
    }

    private void repair(long mark, Object function) {
        KernelTask task = current.get();
        int known = (int) (mark >>> MARK_LOCKS_SHIFT);
        int wanted = (int) mark;
        boolean irqsWereDisabled = ((mark >>> MARK_IRQS_SHIFT) & 1) != 0;
        boolean explained = false;
        while (task.heldLockCount() > known) {
            HeldLock lock = task.heldLocks().getLast();
            // It stays taken, but nobody is to complain again.
            task.lockReleased(lock);
            explained |= lock.isSpinning();
            log.warn("WARNING: lock held when %s returned: %s", function, lock.name());
            findings.report(
                            FindingId.LOCK_IMBALANCE,
                            "%s returned and still holds %s",
                            function,
                            lock.name())
                    .at(lock.takenAt())
                    .site(Role.TAKEN, lock.takenAt())
                    .add();
        }
        if (count != wanted) {
            log.err(
                    "BUG: %s entered with preempt_count %08x, exited with %08x?",
                    function, wanted, count);
            if (!explained) {
                reportImbalance(
                        "%s was entered with preempt_count %x and left %x",
                        function, wanted, count);
            }
            count = wanted;
        }
        if (irqsDisabled() != irqsWereDisabled) {
            log.err("BUG: %s %s interrupts", function, irqsWereDisabled ? "enabled" : "disabled");
            if (!explained) {
                reportImbalance(
                        "%s was entered with interrupts %s and left them %s",
                        function,
                        irqsWereDisabled ? "disabled" : "enabled",
                        irqsWereDisabled ? "enabled" : "disabled");
            }
            cpu.restoreInterrupts(!irqsWereDisabled);
        }
    }

    /** Takes the count of a task that sleeps although it must not off the CPU. */
    int leave() {
        int kept = count;
        count = 0;
        return kept;
    }

    /** Gives a task that slept although it must not its count back. */
    void comeBack(int kept) {
        count = kept;
    }

    /** The count, as the kernel prints it. */
    public int preemptCount() {
        return count;
    }

    /** Enters a hardirq handler. */
    @Linux(file = "include/linux/hardirq.h", symbol = "__irq_enter")
    public void enterHardIrq() {
        Check.invariant((count & HARDIRQ_MASK) != HARDIRQ_MASK, "hardirqs nest too deep");
        count += HARDIRQ_ONE;
    }

    /** Leaves a hardirq handler. */
    @Linux(file = "include/linux/hardirq.h", symbol = "__irq_exit")
    public void exitHardIrq() {
        Check.invariant((count & HARDIRQ_MASK) != 0, "left a hardirq that was not entered");
        count -= HARDIRQ_ONE;
    }

    /** Starts serving softirqs. */
    public void enterSoftIrq() {
        count += SOFTIRQ_ONE;
    }

    /** Stops serving softirqs. */
    public void exitSoftIrq() {
        Check.invariant((count & SOFTIRQ_ONE) != 0, "left a softirq that was not entered");
        count -= SOFTIRQ_ONE;
    }

    /** Keeps the current task on the CPU. */
    @Linux(file = PREEMPT, symbol = "preempt_disable")
    public void preemptDisable() {
        if ((count & PREEMPT_MASK) == PREEMPT_MASK && tolerant) {
            reportImbalance("preemption is disabled %d times over", PREEMPT_MASK);
            return;
        }
        Check.invariant((count & PREEMPT_MASK) != PREEMPT_MASK, "preemption disabled too deep");
        count += PREEMPT_ONE;
    }

    /** Undoes one {@link #preemptDisable}. */
    @Linux(file = PREEMPT, symbol = "preempt_enable")
    public void preemptEnable() {
        if ((count & PREEMPT_MASK) == 0 && tolerant) {
            findings.report(
                            FindingId.ATOMIC_IMBALANCE,
                            "preemption was enabled more often than disabled")
                    .add();
            return;
        }
        Check.invariant((count & PREEMPT_MASK) != 0, "preemption enabled more often than disabled");
        count -= PREEMPT_ONE;
    }

    /** Keeps softirqs off. */
    @Linux(file = "include/linux/bottom_half.h", symbol = "local_bh_disable")
    public void bhDisable() {
        if ((count & SOFTIRQ_MASK) >= SOFTIRQ_OFF_MAX && tolerant) {
            reportImbalance("softirqs are disabled %d times over", (count & SOFTIRQ_MASK) >> 9);
            return;
        }
        Check.invariant((count & SOFTIRQ_MASK) < SOFTIRQ_OFF_MAX, "softirqs disabled too deep");
        count += SOFTIRQ_OFF_ONE;
    }

    /** Undoes one {@link #bhDisable}; softirqs that wait run now. */
    @Linux(file = "include/linux/bottom_half.h", symbol = "local_bh_enable")
    public void bhEnable() {
        if ((count & SOFTIRQ_MASK) < SOFTIRQ_OFF_ONE && tolerant) {
            findings.report(
                            FindingId.ATOMIC_IMBALANCE,
                            "softirqs were enabled more often than disabled")
                    .add();
            return;
        }
        Check.invariant(
                (count & SOFTIRQ_MASK) >= SOFTIRQ_OFF_ONE,
                "softirqs enabled more often than disabled");
        count -= SOFTIRQ_OFF_ONE;
        Runnable run = pendingSoftIrqs;
        if (!inInterrupt() && run != null && cpu.interruptsEnabled()) {
            run.run();
        }
    }

    /** Disables interrupts. */
    @Linux(file = IRQFLAGS, symbol = "local_irq_disable")
    public void irqDisable() {
        cpu.disableInterrupts();
    }

    /** Enables interrupts; a waiting one is taken at once. */
    @Linux(file = IRQFLAGS, symbol = "local_irq_enable")
    public void irqEnable() {
        cpu.restoreInterrupts(true);
    }

    /**
     * Disables interrupts.
     *
     * @return whether they were enabled, for {@link #irqRestore}
     */
    @Linux(file = IRQFLAGS, symbol = "local_irq_save")
    public boolean irqSave() {
        return cpu.disableInterrupts();
    }

    /** Restores what {@link #irqSave} answered. */
    @Linux(file = IRQFLAGS, symbol = "local_irq_restore")
    public void irqRestore(boolean flags) {
        cpu.restoreInterrupts(flags);
    }

    /** Whether interrupts are disabled. */
    @Linux(file = IRQFLAGS, symbol = "irqs_disabled")
    public boolean irqsDisabled() {
        return !cpu.interruptsEnabled();
    }

    /** Whether a hardirq handler runs. */
    @Linux(file = PREEMPT, symbol = "in_hardirq")
    public boolean inHardIrq() {
        return (count & HARDIRQ_MASK) != 0;
    }

    /** Whether a softirq is served or softirqs are kept off. */
    @Linux(file = PREEMPT, symbol = "in_softirq")
    public boolean inSoftIrq() {
        return (count & SOFTIRQ_MASK) != 0;
    }

    /** Whether a softirq is served. */
    @Linux(file = PREEMPT, symbol = "in_serving_softirq")
    public boolean inServingSoftIrq() {
        return (count & SOFTIRQ_ONE) != 0;
    }

    /** Whether any interrupt is served or softirqs are kept off. */
    @Linux(file = PREEMPT, symbol = "in_interrupt")
    public boolean inInterrupt() {
        return (count & (HARDIRQ_MASK | SOFTIRQ_MASK)) != 0;
    }

    /** Whether a task runs, and not an interrupt or softirq on its stack. */
    @Linux(file = PREEMPT, symbol = "in_task")
    public boolean inTask() {
        return (count & (HARDIRQ_MASK | SOFTIRQ_ONE)) == 0;
    }

    /** Whether sleeping is forbidden by the count; disabled interrupts forbid it too. */
    @Linux(file = PREEMPT, symbol = "in_atomic")
    public boolean inAtomic() {
        return count != 0;
    }

    /**
     * States that the caller may sleep from here on.
     *
     * @param what the function that may sleep, by its name in C
     * @throws AtomicContextViolation in atomic context, after the kernel's lines in the log, unless
     *     misuse is tolerated
     */
    @Linux(file = "include/linux/kernel.h", symbol = "might_sleep")
    public void mightSleep(String what) {
        if (count != 0 || !cpu.interruptsEnabled()) {
            AtomicContextViolation violation = sleepingInAtomic(what);
            if (!tolerant) {
                throw violation;
            }
        }
        TaskState state = current.get().state();
        if (state != TaskState.RUNNING) {
            sleepingInAWait(what, state);
        }
    }

    private void sleepingInAWait(String what, TaskState state) {
        log.warn("do not call blocking ops when !TASK_RUNNING; state=%s set, %s", state, what);
        if (!tolerant) {
            throw new IllegalStateException(
                    "%s in the condition of a wait, which must not sleep itself".formatted(what));
        }
    }

    private void reportSleep(String what) {
        sleepReportedAt = findings.here();
        boolean isCallback = inCallback && !inHardIrq();
        Findings.Draft draft =
                findings.report(
                        isCallback ? FindingId.CALLBACK_SLEEPS : FindingId.SLEEP_IN_ATOMIC,
                        "%s may sleep, but was called %s",
                        what,
                        isCallback ? "in a completion callback" : describe());
        boolean explained = false;
        for (HeldLock lock : current.get().heldLocks()) {
            if (lock.isSpinning()) {
                explained = true;
                draft.site(Role.TAKEN, lock.takenAt());
            }
        }
        if (!explained && inTask()) {
            draft.site(Role.TAKEN, disabledAt);
        }
        draft.add();
    }

    private AtomicContextViolation sleepingInAtomic(String what) {
        KernelTask task = current.get();
        AtomicContextViolation violation =
                new AtomicContextViolation(
                        "%s may sleep, but was called %s".formatted(what, describe()));
        reportSleep(what);
        log.err("BUG: sleeping function called from invalid context at %s", what);
        log.err(
                "in_atomic(): %d, irqs_disabled(): %d, non_block: 0, pid: %d, name: %s",
                inAtomic() ? 1 : 0, irqsDisabled() ? 1 : 0, task.pid(), task.name());
        log.err("preempt_count: %x, expected: 0", count);
        logCallTrace(violation);
        return violation;
    }

    /**
     * Reports that a task gave the CPU away where it must not.
     *
     * @throws AtomicContextViolation unless misuse is tolerated
     */
    void schedulingWhileAtomic() {
        KernelTask task = current.get();
        if (findings.here() != sleepReportedAt) {
            reportSleep("schedule");
        }
        sleepReportedAt = NOWHERE;
        AtomicContextViolation violation =
                new AtomicContextViolation(
                        "%s gave the CPU away %s".formatted(task.name(), describe()));
        log.err("BUG: scheduling while atomic: %s/%d/0x%08x", task.name(), task.pid(), count);
        logCallTrace(violation);
        if (!tolerant) {
            throw violation;
        }
    }

    /** What a task says that sleeps where nothing can wake it. */
    AtomicContextViolation sleepingForEver() {
        KernelTask task = current.get();
        findings.report(
                        FindingId.DEADLOCK,
                        "%s sleeps %s, where nothing can wake it",
                        task,
                        describe())
                .add();
        log.emerg("watchdog: BUG: soft lockup - CPU#0 stuck! [%s:%d]", task.name(), task.pid());
        return new AtomicContextViolation(
                "%s sleeps %s, where nothing can wake it".formatted(task, describe()));
    }

    /** The context in words, for messages. */
    public String describe() {
        if (inHardIrq()) {
            return "in an interrupt handler";
        }
        if (inServingSoftIrq()) {
            return "in a softirq (tasklet or timer)";
        }
        if (inSoftIrq()) {
            return "with softirqs disabled";
        }
        if (inAtomic()) {
            return "with preemption disabled (a spinlock is held)";
        }
        return irqsDisabled() ? "with interrupts disabled" : "in a task";
    }

    /**
     * Writes a kernel warning with the place it came from.
     *
     * @param function the function that warns, by its name in C
     * @param format of {@link String#format}; the kernel's text
     */
    @Linux(file = "include/asm-generic/bug.h", symbol = "WARN")
    public void warn(String function, String format, Object... values) {
        Throwable here = new Throwable("warning");
        KernelTask task = current.get();
        log.warn("------------[ cut here ]------------");
        if (!format.isEmpty()) {
            log.warn(format, values);
        }
        log.warn("WARNING: CPU: 0 PID: %d at %s %s", task.pid(), StackText.site(here), function);
        logCallTrace(here);
        log.warn("---[ end trace 0000000000000000 ]---");
    }

    void logCallTrace(Throwable failure) {
        if (tolerant) {
            // The stack is ours, not the driver's: a finding has its line.
            return;
        }
        log.err("Call trace:");
        for (String frame : StackText.of(failure)) {
            log.err("%s", frame);
        }
    }
}
