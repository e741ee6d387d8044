package dmakit.kernel.log;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.machine.time.Clock;
import dmakit.machine.trace.Trace;
import dmakit.machine.trace.TraceEvent;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class LogTest {
    private final Clock clock = new Clock();
    private final Trace trace = new Trace();
    private final Log log = new Log(clock, trace);

    private record Named(String name, String driverName) implements LogSource {}

    @Nested
    class ALine {
        @Test
        void carriesTheSimulatedTimeInMicroseconds() {
            clock.advanceTo(12_345_678_999_999L);

            log.info("DMA: preallocated %d KiB", 128);

            assertThat(log.buffer().dmesg())
                    .isEqualTo("[   12.345678] DMA: preallocated 128 KiB\n");
        }

        @Test
        void growsToTheLeftWhenTheMachineRunsForDays() {
            clock.advanceTo(1_234_567_000_000_000_000L);

            log.info("late");

            assertThat(log.buffer().dmesg()).isEqualTo("[1234567.000000] late\n");
        }

        @Test
        void ofSeveralLinesRepeatsTheTime() {
            log.err("OVERLAP DETECTED!\na overlaps with b\n");

            assertThat(log.buffer().dmesg())
                    .isEqualTo(
                            """
                            [    0.000000] OVERLAP DETECTED!
                            [    0.000000] a overlaps with b
                            """);
        }

        @Test
        void withoutValuesMayHoldPercentSigns() {
            log.info("100% done");

            assertThat(log.buffer().texts()).containsExactly("100% done");
        }

        @Test
        void aboutADeviceNamesDriverAndDevice() {
            log.devErr(new Named("3f007000.dma-controller", "bcm2835-dma"), "no irq %d", 3);

            assertThat(log.buffer().texts())
                    .containsExactly("bcm2835-dma 3f007000.dma-controller: no irq 3");
        }

        @Test
        void ofAPartStartsWithThePartsPrefix() {
            log.prefixed("genirq: ").warn("odd");

            assertThat(log.buffer().texts()).containsExactly("genirq: odd");
        }

        @Test
        void endsAtTheLongestRecord() {
            log.info("x".repeat(LogBuffer.RECORD_SIZE_MAX));
            log.info("y".repeat(LogBuffer.RECORD_SIZE_MAX + 1));

            assertThat(log.buffer().texts())
                    .allMatch(text -> text.length() == LogBuffer.RECORD_SIZE_MAX);
        }
    }

    @Nested
    class TheRing {
        @Test
        void dropsTheOldestLinesWhenItIsFull() {
            int each = 1000;
            int fit = LogBuffer.SIZE_MAX / (each + 48);
            for (int i = 0; i <= fit; i++) {
                log.info("%0" + each + "d", i);
            }

            assertThat(log.buffer().droppedCount()).isEqualTo(1);
            assertThat(log.buffer().texts()).hasSize(fit);
            assertThat(log.buffer().texts().getFirst()).endsWith("01");
        }

        @Test
        void isBoundedForEmptyLinesToo() {
            for (int i = 0; i < LogBuffer.SIZE_MAX; i++) {
                log.info("");
            }

            assertThat(log.buffer().records()).hasSizeLessThan(LogBuffer.SIZE_MAX / 40);
        }

        @Test
        void isEmptyAfterClear() {
            log.info("one");
            log.buffer().clear();

            assertThat(log.buffer().dmesg()).isEmpty();
        }
    }

    @Test
    void listenersAndTraceHearEveryLine() {
        List<String> heard = new ArrayList<>();
        List<TraceEvent> traced = new ArrayList<>();
        log.buffer().addListener(message -> heard.add(message.level() + " " + message.text()));
        trace.addSink(traced::add);

        log.emerg("Disabling IRQ #%d", 7);

        assertThat(heard).containsExactly("EMERG Disabling IRQ #7");
        assertThat(traced).containsExactly(new TraceEvent.Log(0, 0, "Disabling IRQ #7"));
    }

    @Nested
    class ARateLimit {
        private final RateLimit limit = new RateLimit(clock, log);

        @Test
        void letsTenThroughAndTellsLaterHowManyItKept() {
            int passed = 0;
            for (int i = 0; i < RateLimit.BURST + 3; i++) {
                passed += limit.allows("dma_map") ? 1 : 0;
            }
            clock.advanceTo(RateLimit.INTERVAL_PS + 1);

            assertThat(passed).isEqualTo(RateLimit.BURST);
            assertThat(limit.allows("dma_map")).isTrue();
            assertThat(log.buffer().texts()).containsExactly("dma_map: 3 callbacks suppressed");
        }

        @Test
        void staysClosedUntilTheIntervalIsOver() {
            for (int i = 0; i < RateLimit.BURST; i++) {
                limit.allows("f");
            }
            clock.advanceTo(RateLimit.INTERVAL_PS);

            assertThat(limit.allows("f")).isFalse();
        }

        @Test
        void ofNoIntervalLimitsNothing() {
            RateLimit none = new RateLimit(clock, log, 0, 0);

            assertThat(none.allows("f")).isTrue();
        }
    }
}
