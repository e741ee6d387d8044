package dmakit.hardware.fifo;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.fifo.LoopbackFifoRegister;
import dmakit.datasheet.fifo.LoopbackFifoRegister.Ctrl;
import dmakit.datasheet.fifo.LoopbackFifoRegister.Status;
import dmakit.datasheet.fifo.LoopbackFifoRegister.Watermark;
import dmakit.hardware.RequestLine;
import dmakit.machine.time.Clock;
import dmakit.machine.trace.Trace;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class LoopbackFifoTest {
    /** One word at the rate the device has after power-on, 1 MB/s. */
    private static final long BEAT_PS = 4_000_000;

    private static final int LOOP = Ctrl.ENABLE.mask() | Ctrl.LOOP.mask();
    private static final int SINK = Ctrl.ENABLE.mask();
    private static final int SOURCE = Ctrl.ENABLE.mask() | Ctrl.SOURCE.mask();

    private final Clock clock = new Clock();
    private final RequestLine txRequest = new RequestLine("tx");
    private final RequestLine rxRequest = new RequestLine("rx");
    private final LoopbackFifo fifo =
            new LoopbackFifo(clock, new Trace(), "fifo", txRequest, rxRequest);

    private int read(LoopbackFifoRegister register) {
        return (int) fifo.read(register.offset(), 4);
    }

    private void write(LoopbackFifoRegister register, int value) {
        fifo.write(register.offset(), 4, value & 0xffff_ffffL);
    }

    private void transmit(int... words) {
        for (int word : words) {
            write(LoopbackFifoRegister.DATA, word);
        }
    }

    private void beats(int count) {
        clock.advanceBy(count * BEAT_PS);
    }

    private int rxLevel() {
        return Status.RX_LEVEL.get(read(LoopbackFifoRegister.STATUS));
    }

    @Nested
    class LoopedBack {
        @Test
        void aWordIsReceivedOneBeatAfterItWasSent() {
            write(LoopbackFifoRegister.CTRL, LOOP);
            transmit(0xcafe_f00d);
            clock.advanceBy(BEAT_PS - 1);
            assertThat(rxLevel()).isZero();
            clock.advanceBy(1);
            assertThat(rxLevel()).isEqualTo(1);
            assertThat(read(LoopbackFifoRegister.DATA)).isEqualTo(0xcafe_f00d);
        }

        @Test
        void wordsKeepTheirOrder() {
            write(LoopbackFifoRegister.CTRL, LOOP);
            transmit(1, 2, 3);
            beats(3);
            assertThat(read(LoopbackFifoRegister.DATA)).isEqualTo(1);
            assertThat(read(LoopbackFifoRegister.DATA)).isEqualTo(2);
            assertThat(read(LoopbackFifoRegister.DATA)).isEqualTo(3);
        }

        @Test
        void nothingMovesUntilTheLineIsEnabled() {
            transmit(1);
            beats(10);
            assertThat(rxLevel()).isZero();
            write(LoopbackFifoRegister.CTRL, LOOP);
            beats(1);
            assertThat(rxLevel()).isEqualTo(1);
        }

        @Test
        void theLineFallsIdleAndSchedulesNothing() {
            write(LoopbackFifoRegister.CTRL, LOOP);
            transmit(1);
            beats(2);
            assertThat(clock.nextAt()).isEqualTo(Clock.NEVER);
        }
    }

    @Nested
    class Counting {
        @Test
        void oneUnderrunPerTimeTheLineRunsDry() {
            write(LoopbackFifoRegister.CTRL, SINK);
            beats(5);
            assertThat(read(LoopbackFifoRegister.TX_UNDERRUNS)).isZero();
            transmit(1);
            beats(5);
            assertThat(read(LoopbackFifoRegister.TX_UNDERRUNS)).isEqualTo(1);
            transmit(1, 1);
            beats(5);
            assertThat(read(LoopbackFifoRegister.TX_UNDERRUNS)).isEqualTo(2);
        }

        @Test
        void aStoreBeyondTheDepthIsDropped() {
            for (int i = 0; i <= LoopbackFifoRegister.DEPTH_WORDS; i++) {
                transmit(i);
            }
            assertThat(read(LoopbackFifoRegister.TX_OVERRUNS)).isEqualTo(1);
            assertThat(Status.TX_LEVEL.get(read(LoopbackFifoRegister.STATUS)))
                    .isEqualTo(LoopbackFifoRegister.DEPTH_WORDS);
        }

        @Test
        void aLoadOfNothingAnswersZero() {
            assertThat(read(LoopbackFifoRegister.DATA)).isZero();
            assertThat(read(LoopbackFifoRegister.RX_UNDERRUNS)).isEqualTo(1);
        }

        @Test
        void aSourceNobodyReadsOverruns() {
            write(LoopbackFifoRegister.CTRL, SOURCE);
            beats(LoopbackFifoRegister.DEPTH_WORDS + 3);
            assertThat(read(LoopbackFifoRegister.RX_OVERRUNS)).isEqualTo(3);
        }

        @Test
        void clearForgetsWordsAndCounts() {
            write(LoopbackFifoRegister.CTRL, SOURCE);
            beats(LoopbackFifoRegister.DEPTH_WORDS + 3);
            write(LoopbackFifoRegister.CTRL, Ctrl.CLEAR.mask());
            assertThat(read(LoopbackFifoRegister.RX_OVERRUNS)).isZero();
            assertThat(read(LoopbackFifoRegister.STATUS)).isZero();
            assertThat(read(LoopbackFifoRegister.CTRL)).isZero();
        }
    }

    @Test
    void aSinkSumsWhatItTakes() {
        write(LoopbackFifoRegister.CTRL, SINK);
        transmit(5, 7, -2);
        beats(3);
        assertThat(read(LoopbackFifoRegister.TX_SUM)).isEqualTo(10);
        assertThat(rxLevel()).isZero();
    }

    @Test
    void aSourceCounts() {
        write(LoopbackFifoRegister.RX_NEXT, 100);
        write(LoopbackFifoRegister.CTRL, SOURCE);
        beats(2);
        assertThat(read(LoopbackFifoRegister.DATA)).isEqualTo(100);
        assertThat(read(LoopbackFifoRegister.DATA)).isEqualTo(101);
        assertThat(read(LoopbackFifoRegister.RX_NEXT)).isEqualTo(102);
    }

    @Nested
    class Requests {
        @Test
        void areLowUntilEnabled() {
            assertThat(txRequest.isAsserted()).isFalse();
            write(LoopbackFifoRegister.CTRL, Ctrl.TX_REQ_EN.mask());
            assertThat(txRequest.isAsserted()).isTrue();
            assertThat(rxRequest.isAsserted()).isFalse();
        }

        @Test
        void toTransmitEndAboveTheWatermark() {
            write(LoopbackFifoRegister.WATERMARK, Watermark.TX.of(2));
            write(LoopbackFifoRegister.CTRL, Ctrl.TX_REQ_EN.mask());
            transmit(1, 2);
            assertThat(txRequest.isAsserted()).isTrue();
            transmit(3);
            assertThat(txRequest.isAsserted()).isFalse();
        }

        @Test
        void toReceiveStartAtTheWatermark() {
            write(LoopbackFifoRegister.WATERMARK, Watermark.RX.of(2));
            write(LoopbackFifoRegister.CTRL, SOURCE | Ctrl.RX_REQ_EN.mask());
            beats(1);
            assertThat(rxRequest.isAsserted()).isFalse();
            beats(1);
            assertThat(rxRequest.isAsserted()).isTrue();
            read(LoopbackFifoRegister.DATA);
            assertThat(rxRequest.isAsserted()).isFalse();
        }

        @Test
        void panicBeforeDataIsLost() {
            write(LoopbackFifoRegister.CTRL, SOURCE | Ctrl.RX_REQ_EN.mask());
            beats(LoopbackFifoRegister.DEPTH_WORDS - 2);
            assertThat(rxRequest.isPanicking()).isFalse();
            beats(1);
            assertThat(rxRequest.isPanicking()).isTrue();
            assertThat(read(LoopbackFifoRegister.RX_OVERRUNS)).isZero();
        }
    }

    @Nested
    class Rates {
        @Test
        void belowTheLeastCountAsTheLeast() {
            write(LoopbackFifoRegister.RATE, LoopbackFifo.RATE_MIN - 1);
            write(LoopbackFifoRegister.CTRL, SOURCE);
            assertThat(clock.nextAt()).isEqualTo(1_000_000_000_000L);
        }

        @Test
        void aboveTheGreatestCountAsTheGreatest() {
            write(LoopbackFifoRegister.RATE, LoopbackFifo.RATE_MAX + 1);
            write(LoopbackFifoRegister.CTRL, SOURCE);
            assertThat(clock.nextAt()).isEqualTo(4_000);
        }

        @Test
        void ofAllOnesCountAsTheGreatest() {
            write(LoopbackFifoRegister.RATE, -1);
            write(LoopbackFifoRegister.CTRL, SOURCE);
            assertThat(clock.nextAt()).isEqualTo(4_000);
        }
    }
}
