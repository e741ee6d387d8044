package dmakit.machine.trace;

import java.util.ArrayList;
import java.util.List;

/**
 * Where a machine reports what happens. Off unless somebody listens.
 *
 * <p>Callers ask {@link #isOn()} before they build an event, so that a machine nobody watches pays
 * one test of a field.
 */
public final class Trace {
    private final List<TraceSink> sinks = new ArrayList<>();
    private boolean on;

    /** Whether anybody listens. */
    public boolean isOn() {
        return on;
    }

    /** Sends every event from now on to one more listener. */
    public void addSink(TraceSink sink) {
        sinks.add(sink);
        on = true;
    }

    /** Takes a listener away. */
    public void removeSink(TraceSink sink) {
        sinks.remove(sink);
        on = !sinks.isEmpty();
    }

    /** Reports one event to every listener. */
    public void emit(TraceEvent event) {
        for (int i = 0; i < sinks.size(); i++) {
            sinks.get(i).take(event);
        }
    }
}
