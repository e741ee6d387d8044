package dmakit.kernel;

import dmakit.machine.Machine;
import dmakit.machine.task.Task;
import dmakit.machine.trace.Trace;
import dmakit.machine.trace.TraceEvent;

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
 */
public final class Calls {
    private final Machine machine;
    private final Trace trace;
    private final int costPs;

    /** Creates the door of one kernel. */
    public Calls(Machine machine) {
        this.machine = machine;
        trace = machine.trace();
        costPs = machine.cpu().cost().call();
    }

    /** Takes the time of one call; an interrupt may come in here. */
    public void enter() {
        machine.cpu().spend(costPs);
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
                        arguments));
    }
}
