package dmakit.kernel.irq;

import dmakit.kernel.Linux;
import dmakit.kernel.sched.Contexts;
import dmakit.kernel.sched.Kthread;
import dmakit.kernel.sched.Sched;
import dmakit.kernel.sched.TaskState;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.time.Clock;
import java.util.Arrays;

/**
 * Work that interrupts leave for the moment they end, with interrupts enabled.
 *
 * <p>What is raised outside of interrupts, or keeps being raised, is done by {@code ksoftirqd}.
 */
@Linux(file = "kernel/softirq.c", symbol = "softirq_vec")
public final class Softirqs {
    /** Rounds served in a row before {@code ksoftirqd} takes over. */
    @Linux(file = "kernel/softirq.c", symbol = "MAX_SOFTIRQ_RESTART")
    public static final int RESTART_MAX = 10;

    /** Time served in a row before {@code ksoftirqd} takes over, in picoseconds: 2 ms. */
    @Linux(file = "kernel/softirq.c", symbol = "MAX_SOFTIRQ_TIME")
    public static final long TIME_PS_MAX = 2_000_000_000L;

    private final Sched sched;
    private final Contexts contexts;
    private final Cpu cpu;
    private final Clock clock;
    private final Runnable[] actions = new Runnable[SoftIrq.NUMBER_COUNT];
    private final Kthread ksoftirqd;
    private final TaskletList tasklets = new TaskletList();
    private final TaskletList highTasklets = new TaskletList();
    private int pending;

    /** Creates the softirqs of one kernel; none is raised. */
    public Softirqs(Sched sched) {
        this.sched = sched;
        contexts = sched.contexts();
        cpu = sched.machine().cpu();
        clock = sched.machine().clock();
        ksoftirqd = sched.kthreadCreate("ksoftirqd/0", this::serveForEver);
        Arrays.fill(actions, (Runnable) () -> {});
        open(SoftIrq.TASKLET, () -> run(tasklets));
        open(SoftIrq.HI, () -> run(highTasklets));
        contexts.onSoftIrqsEnabled(this::serveIfPending);
    }

    /** Sets what a softirq does. */
    @Linux(file = "kernel/softirq.c", symbol = "open_softirq")
    public void open(SoftIrq which, Runnable action) {
        actions[which.number()] = action;
    }

    /** Raises a softirq; it is served when the interrupt ends, or by {@code ksoftirqd}. */
    @Linux(file = "kernel/softirq.c", symbol = "raise_softirq")
    public void raise(SoftIrq which) {
        pending |= 1 << which.number();
        if (!contexts.inInterrupt()) {
            ksoftirqd.wakeUp();
        }
    }

    /** Whether a softirq waits. */
    @Linux(file = "include/linux/interrupt.h", symbol = "local_softirq_pending")
    public boolean isPending() {
        return pending != 0;
    }

    Sched sched() {
        return sched;
    }

    void schedule(Tasklet tasklet, boolean high) {
        (high ? highTasklets : tasklets).add(tasklet);
        raise(high ? SoftIrq.HI : SoftIrq.TASKLET);
    }

    /** Serves what the interrupt that ends has raised, unless softirqs are being served already. */
    void serveIfPending() {
        if (pending != 0 && !contexts.inInterrupt()) {
            serve();
        }
    }

    /**
     * Serves what waits, for a task that polls: the next tick would have let {@code ksoftirqd} run.
     * Nothing happens where a task cannot be preempted.
     */
    @Linux(file = "kernel/sched/core.c", symbol = "sched_tick")
    public void serveWhilePolling() {
        if (pending != 0
                && !contexts.inAtomic()
                && !contexts.inInterrupt()
                && cpu.interruptsEnabled()) {
            serve();
        }
    }

    private void serve() {
        boolean enabled = cpu.interruptsEnabled();
        long end = clock.now() + TIME_PS_MAX;
        int rounds = 0;
        contexts.enterSoftIrq();
        boolean outer = sched.calls().internal(true);
        try {
            do {
                int now = pending;
                pending = 0;
                cpu.restoreInterrupts(true);
                for (int i = 0; i < SoftIrq.NUMBER_COUNT; i++) {
                    if ((now & (1 << i)) != 0) {
                        actions[i].run();
                    }
                }
                cpu.disableInterrupts();
                rounds++;
            } while (pending != 0 && rounds < RESTART_MAX && clock.now() < end);
        } catch (RuntimeException | StackOverflowError e) {
            throw sched.oopses().inInterrupt(e);
        } finally {
            sched.calls().internal(outer);
            contexts.exitSoftIrq();
        }
        if (pending != 0) {
            ksoftirqd.wakeUp();
        }
        cpu.restoreInterrupts(enabled);
    }

    private void serveForEver() {
        while (true) {
            if (pending == 0) {
                sched.sleep(TaskState.IDLE);
            } else {
                serve();
                sched.condResched();
            }
        }
    }

    private static void run(TaskletList list) {
        Tasklet next = list.takeAll();
        while (next != null) {
            Tasklet tasklet = next;
            next = tasklet.next;
            tasklet.next = null;
            tasklet.run();
        }
    }
}
