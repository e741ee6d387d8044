package dmakit.machine.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PerfettoTraceTest {
    private static String written(List<TraceEvent> events) {
        StringWriter out = new StringWriter();
        try (PerfettoTrace trace = new PerfettoTrace(out)) {
            events.forEach(trace::take);
        }
        return out.toString();
    }

    /** The trace events of the file; the file as a whole is checked on the way. */
    private static List<Map<?, ?>> read(List<TraceEvent> events) {
        Map<?, ?> file = (Map<?, ?>) Json.parse(written(events));
        assertThat(file.keySet().stream().map(String::valueOf))
                .containsExactly("displayTimeUnit", "traceEvents");
        List<Map<?, ?>> all = new ArrayList<>();
        for (Object event : (List<?>) file.get("traceEvents")) {
            all.add((Map<?, ?>) event);
        }
        return all;
    }

    private static List<Map<?, ?>> withPhase(List<Map<?, ?>> events, String phase) {
        return events.stream().<Map<?, ?>>filter(e -> phase.equals(e.get("ph"))).toList();
    }

    private static Object argument(Map<?, ?> event, String name) {
        return ((Map<?, ?>) event.get("args")).get(name);
    }

    private static BigDecimal number(Map<?, ?> event, String name) {
        return new BigDecimal(((Json.Number) event.get(name)).digits());
    }

    private static String track(Map<?, ?> event) {
        return event.get("pid") + "/" + event.get("tid");
    }

    /** The name the viewer gives a track, once it was told. */
    private static Map<String, String> names(List<Map<?, ?>> events) {
        Map<String, String> names = new LinkedHashMap<>();
        for (Map<?, ?> event : withPhase(events, "M")) {
            if ("thread_name".equals(event.get("name"))) {
                names.put(track(event), String.valueOf(argument(event, "name")));
            }
        }
        return names;
    }

    @Test
    void everyEventHasTheKeysItsPhaseRequires() {
        for (Map<?, ?> event : read(Samples.ONE_OF_EACH)) {
            String phase = (String) event.get("ph");
            assertThat(event.get("pid")).isInstanceOf(Json.Number.class);
            assertThat(event.get("tid")).isInstanceOf(Json.Number.class);
            assertThat(event.get("args")).isInstanceOf(Map.class);
            assertThat(event.containsKey("name")).isEqualTo(!"E".equals(phase));
            assertThat(event.containsKey("ts")).isEqualTo(!"M".equals(phase));
            assertThat(event.containsKey("dur")).isEqualTo("X".equals(phase));
            assertThat(event.containsKey("s")).isEqualTo("i".equals(phase));
            assertThat(phase).isIn("X", "B", "E", "i", "C", "M");
        }
    }

    @Test
    void aTrackIsNamedBeforeItsFirstEvent() {
        List<String> named = new ArrayList<>();
        List<Object> processes = new ArrayList<>();
        for (Map<?, ?> event : read(Samples.ONE_OF_EACH)) {
            if ("process_name".equals(event.get("name"))) {
                processes.add(event.get("pid"));
            } else if ("thread_name".equals(event.get("name"))) {
                named.add(track(event));
            } else if (!"M".equals(event.get("ph"))) {
                assertThat(named).contains(track(event));
                assertThat(processes).contains(event.get("pid"));
            }
        }
        assertThat(named).doesNotHaveDuplicates();
        assertThat(processes).doesNotHaveDuplicates();
        assertThat(names(read(Samples.ONE_OF_EACH)).values())
                .containsExactlyInAnyOrder(
                        "tasks",
                        "kernel log",
                        "kernel calls",
                        "internal calls",
                        "registers",
                        "cache maintenance",
                        "dma0",
                        "dma0",
                        "irq 16",
                        "wake-ups",
                        "interrupts");
    }

    @Test
    void beginsAndEndsMatchOnEveryTrackAndGoForwardInTime() {
        Map<String, BigDecimal> since = new LinkedHashMap<>();
        Map<String, BigDecimal> last = new LinkedHashMap<>();
        for (Map<?, ?> event : read(Samples.ONE_OF_EACH)) {
            String phase = (String) event.get("ph");
            if (phase.equals("B")) {
                assertThat(since.put(track(event), number(event, "ts"))).isNull();
            } else if (phase.equals("E")) {
                assertThat(since.remove(track(event))).isLessThanOrEqualTo(number(event, "ts"));
            }
            if (!phase.equals("M") && !phase.equals("X")) {
                BigDecimal at = number(event, "ts");
                assertThat(last.getOrDefault(track(event), BigDecimal.ZERO))
                        .isLessThanOrEqualTo(at);
                last.put(track(event), at);
            }
        }
        assertThat(since).isEmpty();
    }

    @Test
    void transfersAreSlicesOfTheirMasterExactToThePicosecond() {
        List<Map<?, ?>> events = read(Samples.ONE_OF_EACH);
        Map<?, ?> transfer = withPhase(events, "X").getFirst();
        assertThat(names(events).get(track(transfer))).isEqualTo("dma0");
        assertThat(transfer.get("ts")).isEqualTo(new Json.Number("2.300000"));
        assertThat(transfer.get("dur")).isEqualTo(new Json.Number("1.000001"));
        assertThat(argument(transfer, "from")).isEqualTo("0xc0001000");
        assertThat(argument(transfer, "to")).isEqualTo("0xffffffffffffffc0");
        assertThat(argument(transfer, "bytes")).isEqualTo(new Json.Number("64"));
    }

    @Test
    void tasksAreSlicesAndIdleTimeIsAGap() {
        List<Map<?, ?>> events = read(Samples.ONE_OF_EACH);
        Map<String, String> names = names(events);
        assertThat(
                        events.stream()
                                .filter(e -> "tasks".equals(names.get(track(e))))
                                .filter(e -> !"M".equals(e.get("ph")))
                                .map(e -> e.get("ph") + " " + number(e, "ts")))
                .containsExactly("B 0.000000", "E 3.300002", "B 3.400000", "E 3.400000");
    }

    @Test
    void transfersOfOneMasterThatOverlapGetTracksOfTheirOwn() {
        List<TraceEvent> overlapping =
                List.of(
                        new TraceEvent.Transfer(0, 100, "dma", 0, 0, 1),
                        new TraceEvent.Transfer(50, 150, "dma", 0, 0, 2),
                        new TraceEvent.Transfer(100, 200, "dma", 0, 0, 3),
                        new TraceEvent.Transfer(120, 130, "dma", 0, 0, 4));
        List<Map<?, ?>> events = read(overlapping);
        Map<String, String> names = names(events);
        assertThat(withPhase(events, "X").stream().map(e -> names.get(track(e))))
                .containsExactly("dma", "dma #2", "dma", "dma #3");
    }

    @Test
    void aMasterHasNoMoreTracksThanTheLimit() {
        List<TraceEvent> overlapping = new ArrayList<>();
        for (int i = 0; i <= PerfettoTrace.LANE_COUNT_MAX; i++) {
            overlapping.add(new TraceEvent.Transfer(0, 100, "dma", 0, 0, 1));
        }
        List<Map<?, ?>> events = read(overlapping);
        assertThat(names(events)).hasSize(PerfettoTrace.LANE_COUNT_MAX);
        assertThat(withPhase(events, "X")).hasSize(PerfettoTrace.LANE_COUNT_MAX + 1);
    }

    @Test
    void anInterruptLineIsACounter() {
        Map<?, ?> level = withPhase(read(Samples.ONE_OF_EACH), "C").getFirst();
        assertThat(level.get("name")).isEqualTo("irq 16");
        assertThat(argument(level, "level")).isEqualTo(new Json.Number("1"));
    }

    @Test
    void stringsSurviveWhateverTheyHold() {
        assertThat(read(Samples.ONE_OF_EACH))
                .anySatisfy(event -> assertThat(event.get("name")).isEqualTo(Samples.NASTY));
        assertThat(written(Samples.ONE_OF_EACH)).matches("[\\x20-\\x7e\\n]*");
    }

    @Test
    void aTraceOfNothingIsAFileToo() {
        assertThat(read(List.of())).isEmpty();
    }

    @Test
    void aFullDiskIsReportedOnClose() {
        Samples.Full out = new Samples.Full();
        PerfettoTrace trace = new PerfettoTrace(out);
        Samples.ONE_OF_EACH.forEach(trace::take);
        assertThatThrownBy(trace::close).isInstanceOf(UncheckedIOException.class);
        assertThat(out.closed).isTrue();
        trace.take(Samples.ONE_OF_EACH.getFirst());
        trace.close();
    }
}
