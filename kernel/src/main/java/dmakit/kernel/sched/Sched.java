package dmakit.kernel.sched;

import dmakit.kernel.Calls;
import dmakit.kernel.Linux;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Role;
import dmakit.kernel.log.Log;
import dmakit.machine.Check;
import dmakit.machine.Machine;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.cpu.Purpose;
import dmakit.machine.task.Scheduler;
import dmakit.machine.task.Task;
import dmakit.machine.time.Clock;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Tasks of the kernel: who runs, sleeping, waking, threads, time.
 *
 * <p>All sleeping of kernel code goes through {@link #schedule}.
 */
public final class Sched {
    private static final long PS_PER_NS = 1_000;
    private static final long PS_PER_US = 1_000_000;
    private static final long CPU_RELAX_PS = 10_000;

    /** Rounds of a spinning loop before they begin to take longer. */
    private static final int SPIN_ROUNDS_FREE = 16;

    private static final int SPIN_DOUBLINGS_MAX = 40;

    /** What may lie between two rounds of one loop, in picoseconds. */
    private static final long SPIN_GAP_PS_MAX = 2_000_000;

    /** How far off a loop may end that looks at the time in its own way, in picoseconds. */
    private static final long SPIN_PS_MAX = 100_000_000;

    /** How far off a loop may end that waits for a time in nanoseconds, in picoseconds. */
    private static final long SPIN_KTIME_PS_MAX = 1_000_000;

    /** How long an interrupt may sleep before it counts as hung, in picoseconds: 120 s. */
    static final long STAND_STILL_PS_MAX = 120_000_000_000_000L;

    private final Machine machine;
    private final Scheduler scheduler;
    private final Cpu cpu;
    private final Clock clock;
    private final Calls calls;
    private final Contexts contexts;
    private final Oopses oopses;
    private final Jiffies jiffies;
    private final Log log;
    private final KernelTask idle = new KernelTask(0, "swapper/0", this);
    private final Map<Integer, KernelTask> tasks = new TreeMap<>();
    private int nextPid = 1;
    private long spunAtPs;
    private long spunAtCount;
    private int spinRounds;

    /** Creates the scheduler side of one kernel. */
    public Sched(Machine machine, Log log) {
        this.machine = machine;
        this.log = log;
        scheduler = machine.scheduler();
        cpu = machine.cpu();
        clock = machine.clock();
        calls = new Calls(machine);
        contexts = new Contexts(cpu, log, calls.findings(), this::current);
        calls.onMightSleep(contexts::mightSleep);
        oopses = new Oopses(log, contexts, this::current);
        jiffies = new Jiffies(clock);
    }

    /** The machine this kernel runs on. */
    public Machine machine() {
        return machine;
    }

    /** The kernel log. */
    public Log log() {
        return log;
    }

    /** The door every kernel function goes through. */
    public Calls calls() {
        return calls;
    }

    /** The context code runs in. */
    public Contexts contexts() {
        return contexts;
    }

    /** Where failures end. */
    public Oopses oopses() {
        return oopses;
    }

    /** The tick. */
    public Jiffies jiffies() {
        return jiffies;
    }

    // Tasks.

    /** The task that runs; the idle task where none does. */
    @Linux(file = "include/asm-generic/current.h", symbol = "current")
    public KernelTask current() {
        Task task = scheduler.current();
        return task == null ? idle : of(task);
    }

    /** The kernel's side of a task; one the kernel did not start gets its number now. */
    public KernelTask of(Task task) {
        if (task.local() instanceof KernelTask known) {
            return known;
        }
        KernelTask adopted = new KernelTask(nextPid++, task.name(), this);
        adopted.machineTask = task;
        task.local(adopted);
        tasks.put(adopted.pid(), adopted);
        return adopted;
    }

    /** Whether nothing but the idle task runs. */
    public boolean isIdle() {
        return scheduler.current() == null;
    }

    /**
     * Starts a task that runs on behalf of somebody who looks at how it ended.
     *
     * @return the task, whose failure is kept in it
     */
    public Task spawn(String name, Runnable body) {
        return spawn(newTask(name), body);
    }

    private Task spawn(KernelTask task, Runnable body) {
        Task machineTask = scheduler.spawn(task.name(), () -> begin(task, body));
        task.machineTask = machineTask;
        machineTask.local(task);
        return machineTask;
    }

    /** Makes a task that does not run yet. */
    KernelTask newTask(String name) {
        KernelTask task = new KernelTask(nextPid++, name, this);
        tasks.put(task.pid(), task);
        return task;
    }

    /** Ends a task that never ran. */
    void forget(KernelTask task) {
        task.state = TaskState.DEAD;
        tasks.remove(task.pid());
    }

    /** The task of a number; null when there is none, or it has ended. */
    @Linux(file = "kernel/pid.c", symbol = "find_task_by_vpid")
    public @Nullable KernelTask taskOf(int pid) {
        return pid == 0 ? idle : tasks.get(pid);
    }

    /** All tasks that have not ended, by number; without the idle task. */
    public Collection<KernelTask> tasks() {
        return Collections.unmodifiableCollection(tasks.values());
    }

    /**
     * Begins the end of the current task, which may have failed in the middle of something: from
     * here on it may sleep and take locks, as closing its files needs.
     */
    public void beginExit() {
        contexts.taskExits(current(), false);
    }

    /** Starts a kernel thread's task; its failure is an oops. */
    void spawnKernel(KernelTask task, Runnable body) {
        spawn(
                task,
                () -> {
                    try {
                        body.run();
                    } catch (RuntimeException | StackOverflowError e) {
                        oopses.report(e);
                    }
                });
    }

    private void begin(KernelTask task, Runnable body) {
        calls.internal(false);
        boolean ended = false;
        try {
            resumed(task);
            body.run();
            ended = true;
        } finally {
            task.state = TaskState.DEAD;
            contexts.taskExits(task, ended);
            reportHeldLocks(task, ended);
            tasks.remove(task.pid());
            clock.cancel(task.timeout);
            wakeAll(task.exitWaiters);
        }
    }

    /** Who waits for such a lock waits for ever: nobody else can give it back. */
    private void reportHeldLocks(KernelTask task, boolean ended) {
        if (task.heldLockCount() == 0) {
            return;
        }
        log.warn("WARNING: %s still has locks held!", task);
        for (HeldLock lock : task.heldLocks()) {
            log.warn(" %s", lock.name());
            // Of one that failed in the middle of something nobody expects better.
            if (ended) {
                calls.findings()
                        .report(
                                FindingId.LOCK_IMBALANCE,
                                "%s ended and still holds %s",
                                task,
                                lock.name())
                        .at(lock.takenAt())
                        .site(Role.TAKEN, lock.takenAt())
                        .add();
            }
        }
    }

    /** Makes a thread that starts with its first wake-up. */
    @Linux(file = "include/linux/kthread.h", symbol = "kthread_create")
    public Kthread kthreadCreate(String name, Runnable body) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("kthread_create", name);
        }
        return new Kthread(this, name, body);
    }

    /** Makes a thread and starts it. */
    @Linux(file = "include/linux/kthread.h", symbol = "kthread_run")
    public Kthread kthreadRun(String name, Runnable body) {
        Kthread thread = kthreadCreate(name, body);
        thread.wakeUp();
        return thread;
    }

    /** Whether somebody waits for the current thread to end. */
    @Linux(file = "kernel/kthread.c", symbol = "kthread_should_stop")
    public boolean kthreadShouldStop() {
        calls.enter();
        return current().shouldStop;
    }

    /** Waits until a task has ended. */
    public void waitForExit(KernelTask task) {
        KernelTask me = current();
        while (!task.isDead()) {
            task.exitWaiters.addExclusive(me);
            sleep(TaskState.UNINTERRUPTIBLE);
            task.exitWaiters.remove(me);
        }
    }

    // Sleeping and waking.

    /** Says what the current task may be woken by, before it looks once more and sleeps. */
    @Linux(file = "include/linux/sched.h", symbol = "set_current_state")
    public void setCurrentState(TaskState state) {
        current().state = state;
    }

    /**
     * Gives the CPU away: until a wake-up where the task's state says that it sleeps, else until it
     * is the task's turn again. The state is RUNNING afterwards.
     *
     * @throws AtomicContextViolation in atomic context, unless misuse is tolerated
     */
    @Linux(file = "kernel/sched/core.c", symbol = "schedule")
    public void schedule() {
        if (contexts.inAtomic() || contexts.irqsDisabled()) {
            scheduleAtomic();
            return;
        }
        KernelTask me = current();
        Check.invariant(me != idle, "the idle task cannot sleep");
        switchAway(me);
    }

    private void scheduleAtomic() {
        contexts.schedulingWhileAtomic();
        KernelTask me = current();
        if (me == idle || !contexts.inTask()) {
            standStill(me);
            return;
        }
        int count = contexts.leave();
        contexts.irqEnable();
        try {
            switchAway(me);
        } finally {
            contexts.comeBack(count);
        }
    }

    /** Sleeps where nobody else can run, on top of an interrupt: time passes, no more. */
    private void standStill(KernelTask me) {
        long end = clock.now() + STAND_STILL_PS_MAX;
        while (me.state != TaskState.RUNNING && !me.isWokenBySignal()) {
            long next = clock.nextAt();
            if (next > end) {
                throw contexts.sleepingForEver();
            }
            cpu.spend(next - clock.now());
        }
        me.state = TaskState.RUNNING;
    }

    private void switchAway(KernelTask me) {
        if (me.state == TaskState.RUNNING) {
            if (scheduler.hasRunnable()) {
                boolean internal = calls.isInternal();
                scheduler.yieldCpu();
                calls.internal(internal);
                resumed(me);
            }
            return;
        }
        Runnable beforeSleep = me.beforeSleep;
        if (beforeSleep != null) {
            beforeSleep.run();
        }
        boolean internal = calls.isInternal();
        me.sleepsAt = calls.findings().here();
        while (me.state != TaskState.RUNNING && !me.isWokenBySignal()) {
            scheduler.block();
        }
        me.sleepsAt = 0;
        calls.internal(internal);
        me.state = TaskState.RUNNING;
        resumed(me);
    }

    private void resumed(KernelTask me) {
        oopses.checkRunning();
        me.resumedAtPs = clock.now();
    }

    /** Sleeps until a wake-up, or what else the state allows. */
    public void sleep(TaskState state) {
        current().state = state;
        schedule();
    }

    /** Wakes a task wherever it sleeps; one that does not sleep stays as it is. */
    @Linux(file = "kernel/sched/core.c", symbol = "wake_up_process")
    public boolean wakeUp(KernelTask task) {
        if (task.state == TaskState.RUNNING || task.state == TaskState.DEAD) {
            return false;
        }
        task.state = TaskState.RUNNING;
        task.wokenAtPs = clock.now();
        Task machineTask = task.machineTask;
        if (machineTask != null) {
            scheduler.wake(machineTask);
        }
        return true;
    }

    private void wakeAll(TaskQueue queue) {
        for (KernelTask task = queue.first(); task != null; task = queue.first()) {
            queue.remove(task);
            wakeUp(task);
        }
    }

    /**
     * Sends a signal to a task and wakes it where its sleep can be interrupted.
     *
     * @param signal 1 to {@link KernelTask#SIGNAL_MAX}
     */
    @Linux(file = "kernel/signal.c", symbol = "send_sig")
    public void sendSignal(KernelTask task, int signal) {
        Check.argument(signal >= 1 && signal <= KernelTask.SIGNAL_MAX, "no signal %d", signal);
        task.signals |= 1L << (signal - 1);
        if (task.isWokenBySignal()) {
            wakeUp(task);
        }
    }

    /** Whether a sleep of that state ends at once because of a signal. */
    @Linux(file = "include/linux/sched/signal.h", symbol = "signal_pending_state")
    public boolean isInterrupted(TaskState state) {
        KernelTask me = current();
        return switch (state) {
            case INTERRUPTIBLE -> me.hasSignal();
            case KILLABLE -> me.hasFatalSignal();
            case RUNNING, UNINTERRUPTIBLE, IDLE, DEAD -> false;
        };
    }

    /**
     * Sleeps, in the state set before, until a wake-up or the timeout.
     *
     * @param timeout ticks; {@link Jiffies#MAX_TIMEOUT} for no limit
     * @return ticks that were left, 0 when the time is over
     */
    @Linux(file = "kernel/time/sleep_timeout.c", symbol = "schedule_timeout")
    public long scheduleTimeout(long timeout) {
        if (timeout == Jiffies.MAX_TIMEOUT) {
            schedule();
            return timeout;
        }
        KernelTask me = current();
        if (timeout < 0) {
            log.err("schedule_timeout: wrong timeout value %x", timeout);
            me.state = TaskState.RUNNING;
            return 0;
        }
        long now = jiffies.now();
        long expires = now + Math.min(timeout, Jiffies.MAX_TIMEOUT - now);
        long atPs = Jiffies.atPs(jiffies.wheelExpiry(expires));
        // A time the clock does not reach is waited for without an alarm: for ever.
        if (atPs != Clock.NEVER) {
            clock.setAt(me.timeout, Math.max(atPs, clock.now()));
        }
        schedule();
        clock.cancel(me.timeout);
        return Math.max(expires - jiffies.now(), 0);
    }

    /**
     * Sleeps, in the state set before, until a wake-up or a time.
     *
     * @param ns nanoseconds from now
     * @return whether the time has come
     */
    @Linux(file = "kernel/time/sleep_timeout.c", symbol = "schedule_hrtimeout")
    public boolean scheduleNanoseconds(long ns) {
        KernelTask me = current();
        if (ns <= 0) {
            me.state = TaskState.RUNNING;
            return true;
        }
        boolean ends = ns < (Clock.NEVER - clock.now()) / PS_PER_NS;
        long until = ends ? clock.now() + ns * PS_PER_NS : Clock.NEVER;
        if (ends) {
            clock.setAt(me.timeout, until);
        }
        schedule();
        clock.cancel(me.timeout);
        return clock.now() >= until;
    }

    /** Lets other tasks go first where any can run. */
    @Linux(file = "include/linux/sched.h", symbol = "cond_resched")
    public void condResched() {
        calls.enter();
        contexts.mightSleep("cond_resched");
        if (scheduler.hasRunnable()) {
            schedule();
        }
    }

    // Time.

    /** Sleeps for at least so many milliseconds; signals do not shorten it. */
    @Linux(file = "kernel/time/sleep_timeout.c", symbol = "msleep")
    public void msleep(int ms) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("msleep", Integer.toString(ms));
        }
        contexts.mightSleep("msleep");
        long left = Jiffies.ofMillis(ms);
        while (left > 0) {
            current().state = TaskState.UNINTERRUPTIBLE;
            left = scheduleTimeout(left);
        }
    }

    /**
     * Sleeps for at least so many milliseconds, or until a signal.
     *
     * @return milliseconds that were left
     */
    @Linux(file = "kernel/time/sleep_timeout.c", symbol = "msleep_interruptible")
    public long msleepInterruptible(int ms) {
        calls.enter();
        contexts.mightSleep("msleep_interruptible");
        long left = Jiffies.ofMillis(ms);
        while (left > 0 && !current().hasSignal()) {
            current().state = TaskState.INTERRUPTIBLE;
            left = scheduleTimeout(left);
        }
        return Jiffies.toMillis(left);
    }

    /**
     * Sleeps between two times; on a machine with nothing else to wait for, until the later one.
     *
     * @param minUs microseconds, at most {@code maxUs}
     * @param maxUs microseconds
     */
    @Linux(file = "kernel/time/sleep_timeout.c", symbol = "usleep_range")
    public void usleepRange(long minUs, long maxUs) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("usleep_range", minUs + ", " + maxUs);
        }
        Check.argument(minUs >= 0 && minUs <= maxUs, "usleep_range(%d, %d)", minUs, maxUs);
        contexts.mightSleep("usleep_range");
        KernelTask me = current();
        boolean ends = maxUs < (Clock.NEVER - clock.now()) / PS_PER_US;
        long until = ends ? clock.now() + maxUs * PS_PER_US : Clock.NEVER;
        while (clock.now() < until) {
            if (ends) {
                clock.setAt(me.timeout, until);
            }
            me.state = TaskState.UNINTERRUPTIBLE;
            schedule();
        }
        clock.cancel(me.timeout);
    }

    /** Keeps the CPU busy for so many microseconds; any context. */
    @Linux(file = "include/asm-generic/delay.h", symbol = "udelay")
    public void udelay(long us) {
        Check.argument(us >= 0, "udelay(%d)", us);
        busyWait(us * PS_PER_US);
    }

    /** Keeps the CPU busy for so many nanoseconds; any context. */
    @Linux(file = "include/asm-generic/delay.h", symbol = "ndelay")
    public void ndelay(long ns) {
        Check.argument(ns >= 0, "ndelay(%d)", ns);
        busyWait(ns * PS_PER_NS);
    }

    /** Keeps the CPU busy for so many milliseconds; any context. */
    @Linux(file = "include/linux/delay.h", symbol = "mdelay")
    public void mdelay(long ms) {
        udelay(Math.multiplyExact(ms, 1_000L));
    }

    /** One round of a loop that waits for hardware. */
    @Linux(file = "arch/arm64/include/asm/vdso/processor.h", symbol = "cpu_relax")
    public void cpuRelax() {
        Purpose before = cpu.begin(Purpose.POLL);
        cpu.spend(CPU_RELAX_PS);
        cpu.end(before);
    }

    /**
     * One round of a loop that waits and makes sure that time passes in it: little at first, more
     * the longer the loop goes on, but never past the next event. What happened since the round
     * before may have come behind the loop's own look: then it looks again at once, so nothing is
     * missed. Any context.
     *
     * @param psMax the most a round may take, in picoseconds
     */
    public void spinRound(long psMax) {
        long now = clock.now();
        spinRounds = now - spunAtPs <= SPIN_GAP_PS_MAX ? spinRounds + 1 : 0;
        boolean looksAgain = clock.firedCount() != spunAtCount;
        int doublings =
                looksAgain ? 0 : Math.clamp(spinRounds - SPIN_ROUNDS_FREE, 0, SPIN_DOUBLINGS_MAX);
        long wanted = Math.min(CPU_RELAX_PS << doublings, Math.max(psMax, CPU_RELAX_PS));
        cpu.spend(Math.clamp(clock.nextAt() - now, 1, wanted));
        spunAtPs = clock.now();
        spunAtCount = clock.firedCount();
    }

    /** One round of a loop that waits for anything but a time. */
    public void spinRound() {
        spinRound(SPIN_PS_MAX);
    }

    /** The count of ticks, for C code, which may do nothing but look at it until it has grown. */
    public long pollJiffies() {
        spinRound(Jiffies.TICK_PS - clock.now() % Jiffies.TICK_PS);
        return jiffies.now();
    }

    /** As {@link #ktimeGetNs}, for C code, which may do nothing but look at it. */
    public long pollKtimeNs() {
        spinRound(SPIN_KTIME_PS_MAX);
        return clock.now() / PS_PER_NS;
    }

    /**
     * Spins until a lock is free whose holder sleeps although it must not: on other CPUs than this
     * one it would go on.
     */
    public void spinUntil(BooleanSupplier free) {
        int count = contexts.leave();
        contexts.irqEnable();
        try {
            while (!free.getAsBoolean()) {
                long next = clock.nextAt();
                if (scheduler.hasRunnable()) {
                    scheduler.yieldCpu();
                } else if (next == Clock.NEVER) {
                    throw contexts.sleepingForEver();
                } else {
                    cpu.spend(next - clock.now());
                }
            }
        } finally {
            contexts.comeBack(count);
        }
    }

    /** Interrupts that come in meanwhile are taken in time and lengthen nothing. */
    private void busyWait(long ps) {
        long end = clock.now() + ps;
        while (clock.now() < end) {
            long toEvent = clock.nextAt() - clock.now();
            cpu.spend(Math.clamp(toEvent, 1, end - clock.now()));
        }
    }

    /** Simulated time in nanoseconds since power-on. */
    @Linux(file = "kernel/time/timekeeping.c", symbol = "ktime_get_ns")
    public long ktimeGetNs() {
        calls.enter();
        return clock.now() / PS_PER_NS;
    }
}
