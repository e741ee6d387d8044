package dmakit.labs.burst;

import dmakit.machine.trace.TraceEvent;
import dmakit.machine.trace.TraceSink;
import java.util.Map;
import java.util.TreeMap;

/** Listens when channels of the engine become busy, and when they have done their work. */
final class ChannelTimes implements TraceSink {
    private static final String BUSY = "Busy";

    private final Map<String, Long> starts = new TreeMap<>();
    private final Map<String, Long> ends = new TreeMap<>();

    @Override
    public void take(TraceEvent event) {
        if (event instanceof TraceEvent.StateChange change
                && change.chip().startsWith("axi_copy.")) {
            (change.to().equals(BUSY) ? starts : ends).put(change.chip(), change.atPs());
        }
    }

    void clear() {
        starts.clear();
        ends.clear();
    }

    long start(int channel) {
        return at(starts, channel);
    }

    long end(int channel) {
        return at(ends, channel);
    }

    private static long at(Map<String, Long> times, int channel) {
        Long at = times.get("axi_copy." + channel);
        if (at == null) {
            throw new IllegalStateException("channel %d did not run".formatted(channel));
        }
        return at;
    }
}
