package dmakit.kernel;

import dmakit.kernel.irq.Irqs;
import dmakit.kernel.irq.Softirqs;
import dmakit.kernel.log.Log;
import dmakit.kernel.sched.KernelTask;
import dmakit.kernel.sched.Sched;
import dmakit.kernel.sync.Timers;
import dmakit.machine.Machine;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.irq.InterruptController;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.memory.Ram;
import dmakit.machine.task.Task;
import dmakit.machine.time.Alarm;
import java.util.ArrayList;
import java.util.List;

/** A machine with the core of a kernel on it, for tests of the core. */
public final class TestKernel implements AutoCloseable {
    /** Picoseconds in a microsecond. */
    public static final long US = 1_000_000;

    /** Picoseconds in a millisecond. */
    public static final long MS = 1_000 * US;

    public final Machine machine;
    public final Log log;
    public final Sched sched;
    public final Softirqs softirqs;
    public final Irqs irqs;
    public final Timers timers;
    private final List<Alarm> alarms = new ArrayList<>();

    public TestKernel() {
        this(1);
    }

    public TestKernel(long seed) {
        machine =
                new Machine(
                        new Machine.Config(
                                List.of(new Ram.Bank(0, 16 << 20)),
                                false,
                                new Machine.Cache.None(),
                                CostTable.CORTEX_A53,
                                seed));
        log = new Log(machine.clock(), machine.trace());
        sched = new Sched(machine, log);
        softirqs = new Softirqs(sched);
        irqs = new Irqs(sched, softirqs);
        timers = new Timers(sched, irqs, InterruptController.LINE_COUNT_MAX - 1);
    }

    /** Runs a task to its end and throws what ended it. */
    public void run(Runnable body) {
        Task task = sched.spawn("main", body);
        machine.scheduler().runUntil(task);
        Throwable failure = task.failure();
        if (failure instanceof RuntimeException e) {
            throw e;
        }
        if (failure instanceof Error e) {
            throw e;
        }
    }

    /** Starts a task that may go on beside {@link #run}. */
    public KernelTask start(String name, Runnable body) {
        return sched.of(sched.spawn(name, body));
    }

    /** Lets something happen in hardware, some time from now. */
    public void in(long ps, Runnable action) {
        Alarm alarm = new Alarm("test", action);
        alarms.add(alarm);
        machine.clock().setIn(alarm, ps);
    }

    /** Asserts a line, some time from now. */
    public void raiseIn(long ps, int irq) {
        in(ps, () -> line(irq).set(true));
    }

    /** A line of the machine. */
    public IrqLine line(int irq) {
        return machine.interrupts().line(irq);
    }

    /** Lets a task run to see where it stops, without waiting for its end. */
    public void settle() {
        sched.msleep(1);
    }

    @Override
    public void close() {
        machine.close();
    }
}
