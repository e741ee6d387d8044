package dmakit.kernel;

import dmakit.kernel.check.Findings;
import dmakit.machine.Machine;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.task.Task;
import dmakit.machine.trace.Trace;
import dmakit.machine.trace.TraceEvent;
import java.util.function.Consumer;

/**
 * The door every kernel function that a driver may call goes through: it takes the time of a call
 * and reports it.
 *
 * <pre>{@code
 * calls.enter();
 * if (calls.isTraced()) {
 *     calls.report("dma_map_single", "dev, 0x" + Long.toHexString(va) + ", " + size);
 * }
 * }</pre>
 *
 * <p>It also knows whose calls come: a driver's, or the kernel's own. Who calls into a provider or
 * a handler, or back out to a driver, says so and takes it back:
 *
 * <pre>{@code
 * try (var _ = calls.internally()) {
 *     provider.issuePending(channel);
 * }
 * }</pre>
 */
public final class Calls {
    private final Machine machine;
    private final Cpu cpu;
    private final Trace trace;
    private final int costPs;
    private final Findings findings;
    private final Span endingForDriver = new Span(false);
    private final Span endingForKernel = new Span(true);
    private boolean internal;
    private Consumer<String> sleepCheck = _ -> {};
    private Runnable vainWaitListener = () -> {};

    /** Some time in which calls come from somebody else; whose came before are so again after. */
    public final class Span implements AutoCloseable {
        private final boolean before;

        private Span(boolean before) {
            this.before = before;
        }

        /** Ends it. */
        @Override
        public void close() {
            internal = before;
        }
    }

    /** Creates the door of one kernel. */
    public Calls(Machine machine) {
        this.machine = machine;
        cpu = machine.cpu();
        trace = machine.trace();
        costPs = cpu.cost().call();
        findings = new Findings(machine.clock());
    }

    /** Where mistakes of the callers are reported. */
    public Findings findings() {
        return findings;
    }

    /** Takes the time of one call; an interrupt may come in here. */
    public void enter() {
        cpu.spend(costPs);
    }

    /**
     * Says whose calls come from now on. A task that sleeps meanwhile finds it as it was.
     *
     * @param now true for those of the kernel and of what runs on its behalf: a provider's
     *     operations, interrupt handlers, softirqs, boot and shutdown; false for a driver's own
     * @return whose came before, to be set again afterwards
     */
    public boolean internal(boolean now) {
        boolean before = internal;
        internal = now;
        return before;
    }

    /**
     * Says that calls come from the kernel until the span is closed, as {@link #internal} does with
     * true.
     */
    public Span internally() {
        return internal(true) ? endingForKernel : endingForDriver;
    }

    /** Says that calls come from a driver until the span is closed. */
    public Span asDriver() {
        return internal(false) ? endingForKernel : endingForDriver;
    }

    /** Whether the calls that come are the kernel's own. */
    public boolean isInternal() {
        return internal;
    }

    /** Sets what objects when a function that may sleep is called where it must not. */
    public void onMightSleep(Consumer<String> check) {
        sleepCheck = check;
    }

    /**
     * States that the caller may sleep from here on.
     *
     * @param function by its name in C
     */
    public void mightSleep(String function) {
        sleepCheck.accept(function);
    }

    /** Sets who hears of waits that nobody ended. */
    public void onVainWait(Runnable listener) {
        vainWaitListener = listener;
    }

    /** States that a driver waited until its time was over. */
    public void waitedInVain() {
        if (findings.isEnabled() && !internal) {
            vainWaitListener.run();
        }
    }

    /** Whether anybody wants to hear of calls. */
    public boolean isTraced() {
        return trace.isOn();
    }

    /**
     * Reports a call.
     *
     * @param function its name in C
     * @param arguments as a reader would write them
     */
    public void report(String function, String arguments) {
        Task task = machine.scheduler().current();
        trace.emit(
                new TraceEvent.Call(
                        machine.clock().now(),
                        task == null ? "" : task.name(),
                        function,
                        arguments,
                        internal));
    }
}
