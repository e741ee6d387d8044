package dmakit.kernel.irq;

import dmakit.kernel.Calls;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.log.Log;
import dmakit.kernel.sched.Contexts;
import dmakit.kernel.sched.KernelTask;
import dmakit.kernel.sched.Kthread;
import dmakit.kernel.sched.Sched;
import dmakit.kernel.sched.TaskState;
import dmakit.machine.Check;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.irq.InterruptController;
import dmakit.machine.time.Clock;
import dmakit.machine.trace.Trace;
import dmakit.machine.trace.TraceEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Interrupt lines and who handles them.
 *
 * <p>A line number is the number of the machine's line. A line nobody asked for is masked when it
 * first comes in. All lines are level triggered.
 */
public final class Irqs {
    private static final String MANAGE = "kernel/irq/manage.c";

    /**
     * Interrupts in a row, of one line or of several in turn, before the one that comes next is
     * taken off. A real machine would do nothing else for ever.
     */
    public static final int STORM_COUNT_MAX = 1_000_000;

    private final Sched sched;
    private final Softirqs softirqs;
    private final Contexts contexts;
    private final Calls calls;
    private final Log log;
    private final Log genirq;
    private final Cpu cpu;
    private final Clock clock;
    private final Trace trace;
    private final InterruptController controller;
    private final List<@Nullable IrqDesc> descs = new ArrayList<>();

    /** Takes the CPU's interrupts over; every line is unrequested. */
    public Irqs(Sched sched, Softirqs softirqs) {
        this.sched = sched;
        this.softirqs = softirqs;
        contexts = sched.contexts();
        calls = sched.calls();
        log = sched.log();
        genirq = log.prefixed("genirq: ");
        cpu = sched.machine().cpu();
        clock = sched.machine().clock();
        trace = sched.machine().trace();
        controller = sched.machine().interrupts();
        cpu.onInterrupt(this::enter);
    }

    /** The softirqs interrupts end with. */
    public Softirqs softirqs() {
        return softirqs;
    }

    // Taking interrupts.

    private void enter() {
        long enteredPs = clock.now() - cpu.cost().interruptEntry();
        contexts.enterHardIrq();
        boolean outer = calls.internal(true);
        try {
            int irq = controller.claim();
            for (int inARow = 1; irq != InterruptController.NONE; inARow++) {
                handle(desc(irq), enteredPs);
                irq = controller.claim();
                if (irq != InterruptController.NONE && inARow % STORM_COUNT_MAX == 0) {
                    stopStorm(desc(irq));
                    irq = controller.claim();
                }
                if (irq != InterruptController.NONE) {
                    enteredPs = clock.now();
                    cpu.spend(cpu.cost().interruptEntry());
                }
            }
        } catch (RuntimeException | StackOverflowError e) {
            throw sched.oopses().inInterrupt(e);
        } finally {
            calls.internal(outer);
            contexts.exitHardIrq();
        }
        softirqs.serveIfPending();
    }

    private void handle(IrqDesc desc, long enteredPs) {
        if (desc.depth > 0) {
            desc.line.mask();
            desc.unhandledCount++;
            return;
        }
        int irq = desc.line.number();
        desc.line.take();
        desc.count++;
        desc.lastEntryPs = enteredPs;
        desc.lastHandlerPs = clock.now();
        boolean handled = false;
        for (int i = 0; i < desc.actions.size(); i++) {
            handled |= handle(irq, desc.actions.get(i));
        }
        desc.lastExitPs = clock.now();
        desc.handlerPs += desc.lastExitPs - desc.lastHandlerPs;
        desc.applyMask();
        if (handled ? desc.check() : desc.noteUnhandled(sched.jiffies().now())) {
            nobodyCared(desc);
        }
        if (trace.isOn()) {
            trace.emit(
                    new TraceEvent.Interrupt(
                            desc.lastHandlerPs, desc.lastExitPs, irq, desc.names()));
        }
    }

    private boolean handle(int irq, IrqAction action) {
        IrqHandler handler = action.handler;
        IrqReturn answer = handler == null ? IrqReturn.WAKE_THREAD : call(handler, irq, action);
        return switch (answer) {
            case NONE -> false;
            case HANDLED -> true;
            case WAKE_THREAD -> {
                Kthread thread = action.thread;
                if (thread == null) {
                    log.warn(
                            "IRQ %d device %s returned IRQ_WAKE_THREAD but no thread function"
                                    + " available.",
                            irq, action.name);
                } else {
                    action.threadAsked = true;
                    thread.wakeUp();
                }
                yield true;
            }
        };
    }

    private IrqReturn call(IrqHandler handler, int irq, IrqAction action) {
        long mark = contexts.mark();
        IrqReturn answer = handler.handle(irq, action.devId);
        contexts.checkLeft(mark, action);
        return answer;
    }

    private void nobodyCared(IrqDesc desc) {
        int irq = desc.line.number();
        log.err("irq %d: nobody cared (try booting with the \"irqpoll\" option)", irq);
        log.err("handlers:");
        for (IrqAction action : desc.actions) {
            log.err("%s", action.name);
        }
        log.emerg("Disabling IRQ #%d", irq);
        desc.depth++;
        desc.applyMask();
    }

    private void stopStorm(IrqDesc desc) {
        int irq = desc.line.number();
        log.err(
                "irq %d: asserted after %d interrupts in a row; its handlers: %s",
                irq, STORM_COUNT_MAX, desc.names());
        log.emerg("Disabling IRQ #%d", irq);
        desc.depth++;
        desc.applyMask();
    }

    // Requests.

    /**
     * Asks for a line that nobody else uses. See {@link #request(int, IrqHandler, int, String,
     * Object)}.
     */
    @Linux(file = "include/linux/interrupt.h", symbol = "request_irq")
    public void request(int irq, IrqHandler handler, String name, @Nullable Object devId) {
        request(irq, handler, 0, name, devId);
    }

    /**
     * Asks for a line and enables it.
     *
     * @param irq the line's number
     * @param handler runs in hardirq context whenever the line comes in
     * @param flags of {@link IrqFlags}
     * @param name as {@code /proc/interrupts} shows it
     * @param devId tells handlers of one line apart; needed with {@link IrqFlags#SHARED}
     * @throws KernelException EINVAL for no such line or no devId where it is needed; EBUSY when
     *     the line is in use and not both sides share it
     */
    @Linux(file = "include/linux/interrupt.h", symbol = "request_irq")
    public void request(
            int irq, IrqHandler handler, int flags, String name, @Nullable Object devId) {
        requestThreaded(irq, handler, null, flags, name, devId);
    }

    /**
     * Asks for a line whose handler has a thread that goes on where it may sleep.
     *
     * @param handler runs first, in hardirq context; without one the thread is always woken
     * @param threadHandler runs in a thread {@code irq/<irq>-<name>} after WAKE_THREAD
     * @throws KernelException as {@link #request(int, IrqHandler, int, String, Object)}; EINVAL
     *     also with neither handler, and without {@code handler} unless ONESHOT
     */
    @Linux(file = MANAGE, symbol = "request_threaded_irq")
    public void requestThreaded(
            int irq,
            @Nullable IrqHandler handler,
            @Nullable IrqHandler threadHandler,
            int flags,
            String name,
            @Nullable Object devId) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("request_threaded_irq", irq + ", \"" + name + "\"");
        }
        contexts.mightSleep("request_threaded_irq");
        if ((flags & IrqFlags.SHARED) != 0 && devId == null) {
            throw new KernelException(Errno.EINVAL, "shared irq %d asked for without dev_id", irq);
        }
        if (irq < 0 || irq >= InterruptController.LINE_COUNT_MAX) {
            throw new KernelException(Errno.EINVAL, "there is no irq %d", irq);
        }
        if (handler == null && threadHandler == null) {
            throw new KernelException(Errno.EINVAL, "irq %d asked for without a handler", irq);
        }
        IrqAction action = new IrqAction(handler, threadHandler, flags, name, devId);
        IrqDesc desc = desc(irq);
        checkShared(desc, action);
        if (handler == null && (flags & IrqFlags.ONESHOT) == 0) {
            genirq.err(
                    "Threaded irq requested with handler=NULL and !ONESHOT for %s (irq %d)",
                    name, irq);
            throw new KernelException(
                    Errno.EINVAL, "irq %d: a thread alone needs IRQF_ONESHOT", irq);
        }
        if (threadHandler != null) {
            action.thread =
                    sched.kthreadCreate(
                            "irq/" + irq + "-" + name,
                            () -> runThread(desc, action, threadHandler));
        }
        desc.actions.add(action);
        if (desc.actions.size() == 1) {
            desc.depth = (flags & IrqFlags.NO_AUTOEN) != 0 ? 1 : 0;
            desc.applyMask();
        }
    }

    /**
     * Gives the CPU's own timer its line: as a request, but from any context, and for good.
     *
     * @param irq a line nobody asked for
     */
    public void requestTimer(int irq, String name, IrqHandler handler) {
        IrqDesc desc = desc(irq);
        Check.argument(desc.actions.isEmpty(), "irq %d of the timer is in use", irq);
        desc.actions.add(new IrqAction(handler, null, 0, name, null));
        desc.depth = 0;
        desc.applyMask();
    }

    private void checkShared(IrqDesc desc, IrqAction action) {
        if (desc.actions.isEmpty()) {
            return;
        }
        IrqAction old = desc.actions.getFirst();
        int both = old.flags & action.flags;
        int different = old.flags ^ action.flags;
        if ((both & IrqFlags.SHARED) == 0
                || (different & (IrqFlags.ONESHOT | IrqFlags.TRIGGER_HIGH)) != 0) {
            genirq.err(
                    "Flags mismatch irq %d. %08x (%s) vs. %08x (%s)",
                    desc.line.number(), action.flags, action.name, old.flags, old.name);
            throw new KernelException(
                    Errno.EBUSY, "irq %d is in use by %s", desc.line.number(), old.name);
        }
    }

    private void runThread(IrqDesc desc, IrqAction action, IrqHandler handler) {
        while (!sched.kthreadShouldStop() || action.threadAsked) {
            if (!action.threadAsked) {
                sched.sleep(TaskState.IDLE);
                continue;
            }
            action.threadAsked = false;
            action.threadRuns = true;
            try {
                call(handler, desc.line.number(), action);
            } finally {
                action.threadRuns = false;
                desc.applyMask();
                wakeSynchronizers(desc);
            }
        }
    }

    private void wakeSynchronizers(IrqDesc desc) {
        KernelTask task = desc.synchronizers.first();
        while (task != null) {
            desc.synchronizers.remove(task);
            sched.wakeUp(task);
            task = desc.synchronizers.first();
        }
    }

    /**
     * Gives a line back, after its handler's thread is done. The last one out disables it.
     *
     * @param devId what was given with the request
     */
    @Linux(file = MANAGE, symbol = "free_irq")
    public void free(int irq, @Nullable Object devId) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("free_irq", Integer.toString(irq));
        }
        if (contexts.inInterrupt()) {
            contexts.warn("free_irq", "Trying to free IRQ %d from IRQ context!", irq);
        }
        contexts.mightSleep("free_irq");
        IrqDesc desc = desc(irq);
        IrqAction action = find(desc, devId);
        if (action == null) {
            contexts.warn("free_irq", "Trying to free already-free IRQ %d", irq);
            return;
        }
        desc.actions.remove(action);
        if (desc.actions.isEmpty()) {
            desc.depth = 1;
        }
        desc.applyMask();
        Kthread thread = action.thread;
        if (thread != null) {
            thread.stop();
        }
        desc.applyMask();
    }

    /**
     * Takes a line away from a handler whose code is gone, without waiting for its thread. Nothing
     * happens where it does not have the line.
     *
     * @param devId what was given with the request
     */
    public void abandon(int irq, @Nullable Object devId) {
        IrqDesc desc = desc(irq);
        IrqAction action = find(desc, devId);
        if (action != null) {
            desc.actions.remove(action);
            if (desc.actions.isEmpty()) {
                desc.depth = 1;
            }
            desc.applyMask();
        }
    }

    /** By identity: in C a dev_id is a pointer. */
    @SuppressWarnings("ReferenceEquality")
    private static @Nullable IrqAction find(IrqDesc desc, @Nullable Object devId) {
        for (IrqAction action : desc.actions) {
            if (action.devId == devId) {
                return action;
            }
        }
        return null;
    }

    /** Disables a line and waits until its handlers are done; nests. */
    @Linux(file = MANAGE, symbol = "disable_irq")
    public void disable(int irq) {
        contexts.mightSleep("disable_irq");
        disableNoSync(irq);
        synchronize(irq);
    }

    /** Disables a line, without waiting; nests. */
    @Linux(file = MANAGE, symbol = "disable_irq_nosync")
    public void disableNoSync(int irq) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("disable_irq", Integer.toString(irq));
        }
        IrqDesc desc = desc(irq);
        desc.depth++;
        desc.applyMask();
    }

    /** Undoes one {@link #disable}; a line that is asserted comes in at once. */
    @Linux(file = MANAGE, symbol = "enable_irq")
    public void enable(int irq) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("enable_irq", Integer.toString(irq));
        }
        IrqDesc desc = desc(irq);
        if (desc.depth == 0 || desc.actions.isEmpty()) {
            contexts.warn("enable_irq", "Unbalanced enable for IRQ %d", irq);
            return;
        }
        desc.depth--;
        desc.applyMask();
    }

    /** Waits until the handlers of a line are done. */
    @Linux(file = MANAGE, symbol = "synchronize_irq")
    public void synchronize(int irq) {
        contexts.mightSleep("synchronize_irq");
        IrqDesc desc = desc(irq);
        KernelTask me = sched.current();
        while (desc.isThreadBusy()) {
            desc.synchronizers.addExclusive(me);
            sched.sleep(TaskState.UNINTERRUPTIBLE);
            desc.synchronizers.remove(me);
        }
    }

    private IrqDesc desc(int irq) {
        Check.argument(
                irq >= 0 && irq < InterruptController.LINE_COUNT_MAX, "there is no irq %d", irq);
        while (descs.size() <= irq) {
            descs.add(null);
        }
        IrqDesc desc = descs.get(irq);
        if (desc == null) {
            desc = new IrqDesc(controller.line(irq));
            descs.set(irq, desc);
        }
        return desc;
    }

    // Accounts.

    /** What happened on a line so far. */
    public IrqStatistics statistics(int irq) {
        return desc(irq).statistics();
    }

    /** The lines somebody asked for, in order. */
    public List<IrqStatistics> requested() {
        List<IrqStatistics> all = new ArrayList<>();
        for (IrqDesc desc : descs) {
            if (desc != null && !desc.actions.isEmpty()) {
                all.add(desc.statistics());
            }
        }
        return all;
    }

    /** The text of {@code /proc/interrupts}. */
    @Linux(file = "kernel/irq/proc.c", symbol = "show_interrupts")
    public String procInterrupts() {
        StringBuilder text = new StringBuilder("            CPU0       \n");
        for (IrqStatistics line : requested()) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%4d: %10d %8s %4d %-8s  %s\n",
                            line.irq(),
                            line.count(),
                            "dmakit",
                            line.irq(),
                            "Level",
                            line.names()));
        }
        return text.toString();
    }
}
