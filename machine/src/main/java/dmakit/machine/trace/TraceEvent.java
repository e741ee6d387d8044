package dmakit.machine.trace;

/**
 * One thing that happened, at a simulated time in picoseconds.
 *
 * <p>Events are plain data, the same on every host for the same seed.
 */
public sealed interface TraceEvent {
    /** When, in picoseconds since power-on. */
    long atPs();

    /** A load or store of a register by the CPU. {@code register} is the manual's name. */
    record RegisterAccess(
            long atPs,
            String chip,
            String register,
            long offset,
            int bytes,
            long value,
            boolean write)
            implements TraceEvent {}

    /** A device moved bytes over the bus, from {@code atPs} to {@code endPs}. Bus addresses. */
    record Transfer(long atPs, long endPs, String master, long from, long to, long bytes)
            implements TraceEvent {}

    /** A device fetched a descriptor or control block from memory. */
    record Fetch(long atPs, String master, long address, String content) implements TraceEvent {}

    /** The bus refused a device. */
    record BusError(long atPs, String master, long address, String cause, boolean write)
            implements TraceEvent {}

    /** Cache maintenance by the CPU; {@code lines} were written back or dropped. */
    record CacheMaintenance(long atPs, String operation, long phys, long bytes, long lines)
            implements TraceEvent {}

    /** A chip went from one state to another. */
    record StateChange(long atPs, String chip, String from, String to, String detail)
            implements TraceEvent {}

    /** An interrupt line changed level. */
    record InterruptLevel(long atPs, int line, boolean asserted) implements TraceEvent {}

    /** The CPU handled an interrupt from {@code atPs} to {@code endPs}. */
    record Interrupt(long atPs, long endPs, int line, String handler) implements TraceEvent {}

    /** The CPU went on with another task, or idled when {@code task} is empty. */
    record TaskSwitch(long atPs, String task) implements TraceEvent {}

    /** A task became able to run. */
    record WakeUp(long atPs, String task) implements TraceEvent {}

    /**
     * A kernel function was called: by a driver, or {@code internal}ly, by the kernel itself or
     * what runs on its behalf.
     */
    record Call(long atPs, String task, String function, String arguments, boolean internal)
            implements TraceEvent {}

    /** A line of the kernel log. */
    record Log(long atPs, int level, String text) implements TraceEvent {}
}
