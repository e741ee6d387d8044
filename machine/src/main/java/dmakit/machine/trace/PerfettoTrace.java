package dmakit.machine.trace;

import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Writes the trace as Chrome trace JSON, which the Perfetto viewer and {@code chrome://tracing}
 * open as it is.
 *
 * <p>Tracks: what the CPU does (tasks, interrupts, kernel calls of drivers and the kernel's
 * internal ones, register accesses, cache maintenance, the kernel log), one for each bus master
 * with its transfers, one for each chip with its states, and one counter for each interrupt line.
 * Times are microseconds with all digits down to the picosecond. A track's name comes before its
 * first event; the events of one track that have no duration come in order of time.
 */
public final class PerfettoTrace implements TraceSink, AutoCloseable {
    /** Transfers of one master shown at the same time; more share the last track. */
    static final int LANE_COUNT_MAX = 64;

    private static final String SLICE = "X";
    private static final String BEGIN = "B";
    private static final String END = "E";
    private static final String INSTANT = "i";
    private static final String COUNTER = "C";
    private static final String METADATA = "M";

    private final JsonText json;
    private final Set<Group> groups = EnumSet.noneOf(Group.class);
    private final Map<String, Track> tracks = new LinkedHashMap<>();
    private final Map<String, List<Lane>> lanes = new LinkedHashMap<>();
    private final List<Track> openSlices = new ArrayList<>();
    private int nextThread = 1;
    private long lastPs;
    private boolean empty = true;

    /** The processes of the viewer. */
    private enum Group {
        CPU("CPU"),
        MASTERS("bus masters"),
        CHIPS("chips"),
        LINES("interrupt lines");

        private final String title;

        Group(String title) {
            this.title = title;
        }

        int process() {
            return ordinal() + 1;
        }
    }

    private record Track(Group group, int thread) {}

    /** One of the tracks of a master: transfers on it do not overlap. */
    private static final class Lane {
        final Track track;
        long busyUntilPs;

        Lane(Track track) {
            this.track = track;
        }
    }

    /**
     * Writes to {@code out}, which {@link #close} closes.
     *
     * @param out needs no buffer of its own
     */
    public PerfettoTrace(Writer out) {
        json = new JsonText(out);
        json.raw("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[");
    }

    /** Writes one event. What cannot be written is reported by {@link #close}. */
    @Override
    public void take(TraceEvent event) {
        if (json.isClosed()) {
            return;
        }
        lastPs = Math.max(lastPs, event.atPs());
        switch (event) {
            case TraceEvent.RegisterAccess e ->
                    instant(
                            track(Group.CPU, "registers"),
                            e.chip() + (e.write() ? " write " : " read ") + e.register(),
                            e.atPs(),
                            args ->
                                    args.hex("offset", e.offset())
                                            .field("bytes", e.bytes())
                                            .hex("value", e.value()));
            case TraceEvent.Transfer e ->
                    slice(
                            lane(e.master(), e.atPs(), e.endPs()),
                            "transfer",
                            e.atPs(),
                            e.endPs(),
                            args ->
                                    args.hex("from", e.from())
                                            .hex("to", e.to())
                                            .field("bytes", e.bytes()));
            case TraceEvent.Fetch e ->
                    instant(
                            firstLane(e.master()),
                            "fetch",
                            e.atPs(),
                            args -> args.hex("address", e.address()).field("content", e.content()));
            case TraceEvent.BusError e ->
                    instant(
                            firstLane(e.master()),
                            e.cause(),
                            e.atPs(),
                            args -> args.hex("address", e.address()).field("write", e.write()));
            case TraceEvent.CacheMaintenance e ->
                    instant(
                            track(Group.CPU, "cache maintenance"),
                            e.operation(),
                            e.atPs(),
                            args ->
                                    args.hex("phys", e.phys())
                                            .field("bytes", e.bytes())
                                            .field("lines", e.lines()));
            case TraceEvent.StateChange e ->
                    change(
                            track(Group.CHIPS, e.chip()),
                            e.to(),
                            e.atPs(),
                            args -> args.field("from", e.from()).field("detail", e.detail()));
            case TraceEvent.InterruptLevel e -> level(e);
            case TraceEvent.Interrupt e ->
                    slice(
                            track(Group.CPU, "interrupts"),
                            e.handler(),
                            e.atPs(),
                            e.endPs(),
                            args -> args.field("line", e.line()));
            case TraceEvent.TaskSwitch e ->
                    change(track(Group.CPU, "tasks"), e.task(), e.atPs(), _ -> {});
            case TraceEvent.WakeUp e ->
                    instant(track(Group.CPU, "wake-ups"), e.task(), e.atPs(), _ -> {});
            case TraceEvent.Call e ->
                    instant(
                            track(Group.CPU, e.internal() ? "internal calls" : "kernel calls"),
                            e.function(),
                            e.atPs(),
                            args -> args.field("task", e.task()).field("arguments", e.arguments()));
            case TraceEvent.Log e ->
                    instant(
                            track(Group.CPU, "kernel log"),
                            e.text(),
                            e.atPs(),
                            args -> args.field("level", e.level()));
        }
    }

    /**
     * Ends what goes on, writes what is left and closes the writer; closing again does nothing.
     *
     * @throws UncheckedIOException when not everything could be written
     */
    @Override
    public void close() {
        if (!json.isClosed()) {
            for (Track track : openSlices) {
                end(track, lastPs);
            }
            json.raw("\n]}\n");
        }
        json.close();
    }

    private void slice(
            Track track, String name, long atPs, long endPs, Consumer<JsonText> arguments) {
        lastPs = Math.max(lastPs, endPs);
        start(SLICE, track).field("name", name).micros("ts", atPs).micros("dur", endPs - atPs);
        finish(arguments);
    }

    private void instant(Track track, String name, long atPs, Consumer<JsonText> arguments) {
        start(INSTANT, track).field("s", "t").field("name", name).micros("ts", atPs);
        finish(arguments);
    }

    /** Ends what went on on a track, and begins the next unless its name is empty. */
    private void change(Track track, String name, long atPs, Consumer<JsonText> arguments) {
        if (openSlices.remove(track)) {
            end(track, atPs);
        }
        if (!name.isEmpty()) {
            openSlices.add(track);
            start(BEGIN, track).field("name", name).micros("ts", atPs);
            finish(arguments);
        }
    }

    private void end(Track track, long atPs) {
        start(END, track).micros("ts", atPs);
        finish(_ -> {});
    }

    private void level(TraceEvent.InterruptLevel event) {
        String name = "irq " + event.line();
        start(COUNTER, track(Group.LINES, name)).field("name", name).micros("ts", event.atPs());
        finish(args -> args.field("level", event.asserted() ? 1 : 0));
    }

    private Track firstLane(String master) {
        return lanesOf(master).getFirst().track;
    }

    /**
     * A track of the master on which nothing else goes on; a viewer cannot show overlaps on one.
     */
    private Track lane(String master, long atPs, long endPs) {
        List<Lane> all = lanesOf(master);
        Lane chosen = all.getLast();
        for (Lane lane : all) {
            if (lane.busyUntilPs <= atPs) {
                chosen = lane;
                break;
            }
        }
        if (chosen.busyUntilPs > atPs && all.size() < LANE_COUNT_MAX) {
            chosen = new Lane(track(Group.MASTERS, master + " #" + (all.size() + 1)));
            all.add(chosen);
        }
        chosen.busyUntilPs = Math.max(chosen.busyUntilPs, endPs);
        return chosen.track;
    }

    private List<Lane> lanesOf(String master) {
        List<Lane> known = lanes.get(master);
        if (known != null) {
            return known;
        }
        List<Lane> all = new ArrayList<>();
        all.add(new Lane(track(Group.MASTERS, master)));
        lanes.put(master, all);
        return all;
    }

    private Track track(Group group, String name) {
        Track known = tracks.get(group.title + '\0' + name);
        if (known != null) {
            return known;
        }
        if (groups.add(group)) {
            metadata("process_name", group.process(), 0, args -> args.field("name", group.title));
            metadata(
                    "process_sort_index",
                    group.process(),
                    0,
                    args -> args.field("sort_index", group.process()));
        }
        Track track = new Track(group, nextThread++);
        tracks.put(group.title + '\0' + name, track);
        metadata("thread_name", group.process(), track.thread(), args -> args.field("name", name));
        metadata(
                "thread_sort_index",
                group.process(),
                track.thread(),
                args -> args.field("sort_index", track.thread()));
        return track;
    }

    private void metadata(String name, int process, int thread, Consumer<JsonText> arguments) {
        start(METADATA, process, thread).field("name", name);
        finish(arguments);
    }

    private JsonText start(String phase, Track track) {
        return start(phase, track.group().process(), track.thread());
    }

    private JsonText start(String phase, int process, int thread) {
        json.raw(empty ? "\n" : ",\n");
        empty = false;
        return json.open().field("ph", phase).field("pid", process).field("tid", thread);
    }

    private void finish(Consumer<JsonText> arguments) {
        json.name("args").open();
        arguments.accept(json);
        json.close('}').close('}').end();
    }
}
