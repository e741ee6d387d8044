package dmakit.machine.trace;

/** Takes events in the order in which they happen. */
@FunctionalInterface
public interface TraceSink {
    /** Takes one event. */
    void take(TraceEvent event);
}
