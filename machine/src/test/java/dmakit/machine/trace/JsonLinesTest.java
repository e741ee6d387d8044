package dmakit.machine.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class JsonLinesTest {
    private static String written(List<TraceEvent> events) {
        StringWriter out = new StringWriter();
        try (JsonLines lines = new JsonLines(out)) {
            events.forEach(lines::take);
        }
        return out.toString();
    }

    @Test
    void everyKindOfEventIsOneLineWithTheFieldsOfItsRecordInOrder() throws Exception {
        List<String> lines = written(Samples.ONE_OF_EACH).lines().toList();
        assertThat(lines).hasSameSizeAs(Samples.ONE_OF_EACH);
        for (int i = 0; i < lines.size(); i++) {
            TraceEvent event = Samples.ONE_OF_EACH.get(i);
            Map<?, ?> fields = (Map<?, ?>) Json.parse(lines.get(i));
            RecordComponent[] components = event.getClass().getRecordComponents();
            List<String> names =
                    Stream.concat(
                                    Stream.of("event"),
                                    Stream.of(components).map(RecordComponent::getName))
                            .toList();
            assertThat(fields.keySet().stream().map(String::valueOf)).isEqualTo(names);
            assertThat(fields.get("event")).isEqualTo(event.getClass().getSimpleName());
            for (RecordComponent component : components) {
                component.getAccessor().setAccessible(true);
                assertThat(text(fields.get(component.getName())))
                        .isIn(texts(component.getAccessor().invoke(event)));
            }
        }
    }

    private static String text(Object value) {
        return value instanceof Json.Number(String digits) ? digits : String.valueOf(value);
    }

    private static List<String> texts(Object value) {
        return value instanceof Long number
                ? List.of(String.valueOf(number), "0x" + Long.toHexString(number))
                : List.of(String.valueOf(value));
    }

    @Test
    void samplesHoldEveryKindOfEvent() {
        assertThat(Samples.ONE_OF_EACH.stream().map(Object::getClass).distinct())
                .hasSize(TraceEvent.class.getPermittedSubclasses().length);
    }

    @Test
    void aLineReadsAsThis() {
        assertThat(
                        written(
                                List.of(
                                        new TraceEvent.RegisterAccess(
                                                5, "dma0", "CS", 0, 4, 0xffff_ffffL, true))))
                .isEqualTo(
                        "{\"event\":\"RegisterAccess\",\"atPs\":5,\"chip\":\"dma0\","
                                + "\"register\":\"CS\",\"offset\":\"0x0\",\"bytes\":4,"
                                + "\"value\":\"0xffffffff\",\"write\":true}\n");
    }

    @Test
    void theLocaleOfTheHostDoesNotMatter() {
        String here = written(Samples.ONE_OF_EACH);
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("ar-u-nu-arab"));
            assertThat(written(Samples.ONE_OF_EACH)).isEqualTo(here);
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void aFullDiskIsReportedOnCloseAndNotBefore() {
        Samples.Full out = new Samples.Full();
        JsonLines lines = new JsonLines(out);
        assertThatCode(
                        () -> {
                            for (int i = 0; i < 2000; i++) {
                                Samples.ONE_OF_EACH.forEach(lines::take);
                            }
                        })
                .doesNotThrowAnyException();
        assertThatThrownBy(lines::close)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage("cannot write the trace")
                .hasRootCauseMessage("No space left on device");
        assertThat(out.closed).isTrue();
        assertThatCode(lines::close).doesNotThrowAnyException();
    }

    @Test
    void nothingIsWrittenAfterClose() {
        StringWriter out = new StringWriter();
        JsonLines lines = new JsonLines(out);
        lines.close();
        lines.take(Samples.ONE_OF_EACH.getFirst());
        lines.close();
        assertThat(out.toString()).isEmpty();
    }
}
