package dmakit.cmodule.service;

import dmakit.cmodule.CHost;
import dmakit.cmodule.CModule;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.cmodule.Handler;
import dmakit.cmodule.Registry;
import dmakit.cmodule.ServiceGroup;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.chardev.Processes;
import dmakit.kernel.chardev.UserProcess;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Role;
import dmakit.kernel.sched.KernelTask;
import dmakit.kernel.sched.Kthread;
import dmakit.kernel.sched.Sched;
import dmakit.kernel.sched.TaskState;
import dmakit.kernel.sync.Completion;
import dmakit.machine.Check;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Tasks, threads, delays, time and signals. C code names a task by its number. */
final class SchedServices implements ServiceGroup {
    /** Threads that C code may have at a time. */
    static final int THREAD_COUNT_MAX = 4_096;

    /** What the clock of the wall shows at power-on: 2025-01-01 00:00 UTC, in nanoseconds. */
    static final long REAL_TIME_AT_POWER_ON_NS = 1_735_689_600_000_000_000L;

    private static final int TASK_INTERRUPTIBLE = 0x001;
    private static final int TASK_WAKEKILL = 0x100;
    private static final int TASK_NOLOAD = 0x400;
    private static final int TASK_PARKED = 0x040;
    private static final int NAME_LENGTH_MAX = 15;
    private static final long PS_PER_NS = 1_000;

    private final CSystem system;
    private final CHost host;
    private final Sched sched;
    private final Map<Integer, CThread> threads = new TreeMap<>();

    /** A thread of C code. */
    private static final class CThread {
        final Kthread kthread;
        final long data;
        final long madeAt;
        final Completion parked;
        boolean shouldPark;
        boolean isParked;
        int result;

        CThread(Kthread kthread, long data, long madeAt, Completion parked) {
            this.kthread = kthread;
            this.data = data;
            this.madeAt = madeAt;
            this.parked = parked;
        }
    }

    SchedServices(CSystem system) {
        this.system = system;
        host = system.host();
        sched = system.kernel().sched();
    }

    /** The state that a number of C code means. */
    static TaskState state(int number) {
        if (number == 0) {
            return TaskState.RUNNING;
        }
        if ((number & TASK_INTERRUPTIBLE) != 0) {
            return TaskState.INTERRUPTIBLE;
        }
        if ((number & TASK_WAKEKILL) != 0) {
            return TaskState.KILLABLE;
        }
        return (number & (TASK_NOLOAD | TASK_PARKED)) != 0
                ? TaskState.IDLE
                : TaskState.UNINTERRUPTIBLE;
    }

    @Override
    public void register(Registry to) {
        registerTasks(to);
        registerThreads(to);
        registerTime(to);
        registerSignals(to);
    }

    private static Handler runs(java.util.function.Consumer<Call> action) {
        return call -> {
            action.accept(call);
            return 0;
        };
    }

    // Tasks.

    private void registerTasks(Registry to) {
        to.add("current_task", _ -> sched.current().pid());
        to.add("describe_task", this::describe);
        to.add("set_current_state", runs(call -> sched.setCurrentState(state(call.intArg(0)))));
        to.add("schedule", runs(_ -> schedule()));
        to.add("yield", runs(_ -> schedule()));
        to.add(
                "cond_resched",
                runs(_ -> {
                    sched.spinRound();
                    sched.condResched();
                }));
        to.add("schedule_timeout", this::scheduleTimeout);
        to.add("schedule_hrtimeout", this::scheduleHrTimeout);
        to.add("wake_up_state", this::wakeUp);
    }

    private long describe(Call call) {
        KernelTask task = task(call.intArg(0));
        UserProcess process = processOf(task);
        call.out(0, process == null ? task.pid() : process.threads().getFirst().pid());
        call.out(1, process == null ? 1 : 0);
        String name = task.name();
        call.answer(name.length() > NAME_LENGTH_MAX ? name.substring(0, NAME_LENGTH_MAX) : name);
        return 0;
    }

    private @Nullable UserProcess processOf(KernelTask task) {
        Processes processes = system.kernel().processes();
        var machineTask = task.machineTask();
        return machineTask == null ? null : processes.of(machineTask);
    }

    private KernelTask task(int pid) {
        KernelTask task = sched.taskOf(pid);
        if (task == null) {
            throw new KernelException(Errno.ESRCH, "there is no task %d", pid);
        }
        return task;
    }

    /** A loop that only gives the CPU away needs time to pass. */
    private void schedule() {
        if (sched.current().state() == TaskState.RUNNING) {
            sched.spinRound();
        }
        sched.schedule();
    }

    private long scheduleTimeout(Call call) {
        if (call.intArg(1) >= 0) {
            sched.setCurrentState(state(call.intArg(1)));
        }
        return sched.scheduleTimeout(call.arg(0));
    }

    /** Answers 0 when the time has come, -EINTR when something else woke the task. */
    private long scheduleHrTimeout(Call call) {
        long now = sched.machine().clock().now() / PS_PER_NS;
        long ns = call.isArg(1) ? call.arg(0) : call.arg(0) - now;
        return sched.scheduleNanoseconds(ns) ? 0 : -Errno.EINTR.number();
    }

    private long wakeUp(Call call) {
        CThread thread = threads.get(call.intArg(0));
        if (thread != null && !thread.kthread.isStarted()) {
            thread.kthread.wakeUp();
            return 1;
        }
        KernelTask task = sched.taskOf(call.intArg(0));
        if (task == null) {
            return 0;
        }
        boolean suits =
                call.intArg(1) != TASK_INTERRUPTIBLE || task.state() == TaskState.INTERRUPTIBLE;
        return suits && sched.wakeUp(task) ? 1 : 0;
    }

    // Threads.

    private void registerThreads(Registry to) {
        to.add("kthread_create", this::createThread);
        to.add("kthread_stop", this::stopThread);
        to.add("kthread_should_stop", _ -> sched.kthreadShouldStop() ? 1 : 0);
        to.add("kthread_should_park", _ -> current(thread -> thread.shouldPark ? 1 : 0));
        to.add("kthread_parkme", _ -> current(this::parkMe));
        to.add("kthread_park", this::park);
        to.add("kthread_unpark", runs(call -> unpark(thread(call.intArg(0)))));
        to.add("kthread_data", call -> thread(call.intArg(0)).data);
        to.add(
                "exit_outside_of_thread",
                _ -> {
                    throw new IllegalStateException(
                            "do_exit() in " + sched.current() + ", which no kthread_create made");
                });
    }

    private long createThread(Call call) {
        Check.argument(
                threads.size() < THREAD_COUNT_MAX,
                "C modules have more than %d threads",
                THREAD_COUNT_MAX);
        long runner = call.arg(0);
        long function = call.arg(1);
        long data = call.arg(2);
        CThread[] made = new CThread[1];
        Kthread kthread =
                sched.kthreadCreate(
                        call.text(), () -> made[0].result = (int) host.run(runner, function, data));
        made[0] = new CThread(kthread, data, call.site(), new Completion(sched));
        int pid = kthread.reserveTask().pid();
        threads.put(pid, made[0]);
        return pid;
    }

    private CThread thread(int pid) {
        CThread thread = threads.get(pid);
        if (thread == null) {
            throw new KernelException(Errno.ESRCH, "task %d is no thread of a module", pid);
        }
        return thread;
    }

    private long current(ToLongFunction<CThread> action) {
        CThread me = threads.get(sched.current().pid());
        return me == null ? 0 : action.applyAsLong(me);
    }

    private long stopThread(Call call) {
        CThread thread = thread(call.intArg(0));
        boolean ran = thread.kthread.isStarted();
        unpark(thread);
        thread.kthread.stop();
        threads.remove(call.intArg(0));
        return ran ? thread.result : -Errno.EINTR.number();
    }

    private long parkMe(CThread me) {
        while (me.shouldPark) {
            me.isParked = true;
            me.parked.complete();
            sched.sleep(TaskState.IDLE);
        }
        me.isParked = false;
        return 0;
    }

    private long park(Call call) {
        CThread thread = thread(call.intArg(0));
        KernelTask task = thread.kthread.task();
        if (task == null || task.isDead()) {
            return -Errno.ENOSYS.number();
        }
        if (thread.shouldPark) {
            return -Errno.EBUSY.number();
        }
        thread.shouldPark = true;
        if (thread.kthread.isStarted() && !task.equals(sched.current())) {
            thread.parked.reinit();
            sched.wakeUp(task);
            thread.parked.waitFor();
        }
        return 0;
    }

    private void unpark(CThread thread) {
        thread.shouldPark = false;
        KernelTask task = thread.kthread.task();
        if (thread.isParked && task != null) {
            sched.wakeUp(task);
        }
    }

    // Delays and time.

    private void registerTime(Registry to) {
        to.add("ndelay", runs(call -> sched.ndelay(call.arg(0))));
        to.add("udelay", runs(call -> sched.udelay(call.arg(0))));
        to.add("msleep", runs(call -> sched.msleep(call.intArg(0))));
        to.add("msleep_interruptible", call -> sched.msleepInterruptible(call.intArg(0)));
        to.add("usleep_range", runs(call -> sleepBetween(call.arg(0), call.arg(1))));
        to.add("cpu_relax", runs(_ -> sched.spinRound()));
        to.add("jiffies", _ -> sched.pollJiffies());
        to.add("ktime_get_ns", _ -> sched.pollKtimeNs());
        to.add("ktime_get_real_ns", _ -> sched.pollKtimeNs() + REAL_TIME_AT_POWER_ON_NS);
    }

    private void sleepBetween(long minUs, long maxUs) {
        sched.usleepRange(minUs, Math.max(minUs, maxUs));
    }

    // Signals.

    private void registerSignals(Registry to) {
        to.add("signal_pending", call -> ofTask(call, KernelTask::hasSignal));
        to.add("fatal_signal_pending", call -> ofTask(call, KernelTask::hasFatalSignal));
        to.add(
                "flush_signals",
                runs(call -> {
                    KernelTask task = task(call.intArg(0));
                    while (task.hasSignal()) {
                        task.takeSignal();
                    }
                }));
        to.add("send_sig", this::sendSignal);
    }

    private long ofTask(Call call, java.util.function.Predicate<KernelTask> question) {
        KernelTask task = sched.taskOf(call.intArg(0));
        return task != null && question.test(task) ? 1 : 0;
    }

    /** Signal 0 only asks whether there is such a task. */
    private long sendSignal(Call call) {
        int signal = call.intArg(0);
        KernelTask task = task(call.intArg(1));
        if (signal < 0 || signal > KernelTask.SIGNAL_MAX) {
            return -Errno.EINVAL.number();
        }
        UserProcess process = processOf(task);
        if (signal == 0) {
            return 0;
        }
        if (process == null) {
            sched.sendSignal(task, signal);
        } else {
            process.signal(signal);
        }
        return 0;
    }

    @Override
    public void unloaded(CModule module) {
        threads.entrySet().removeIf(entry -> isLeft(entry.getValue(), module));
    }

    private boolean isLeft(CThread thread, CModule module) {
        if (thread.madeAt != 0 && system.moduleOf(thread.madeAt) != module) {
            return false;
        }
        KernelTask task = thread.kthread.task();
        if (task != null && !task.isDead()) {
            system.findings()
                    .report(
                            FindingId.OOPS,
                            "thread %s is still there when its module goes: its code is gone",
                            thread.kthread.name())
                    .at(thread.madeAt)
                    .site(Role.ALLOCATED, thread.madeAt)
                    .add();
        }
        return true;
    }
}
