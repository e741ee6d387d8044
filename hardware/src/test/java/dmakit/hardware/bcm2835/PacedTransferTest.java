package dmakit.hardware.bcm2835;

import static dmakit.hardware.bcm2835.DmaBench.bus;
import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.bcm2835.DmaChannelRegister;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Cs;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Ti;
import dmakit.datasheet.bcm2835.Dreq;
import dmakit.datasheet.fifo.LoopbackFifoRegister;
import dmakit.datasheet.fifo.LoopbackFifoRegister.Ctrl;
import dmakit.datasheet.fifo.LoopbackFifoRegister.Watermark;
import dmakit.hardware.fifo.LoopbackFifo;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The controller and a peripheral that paces it, each in ignorance of the other. */
class PacedTransferTest {
    private static final int TX = 10_000;
    private static final int SOURCE = 0x10_0000;
    private static final int DEST = 0x20_0000;
    private static final int TX_BLOCK = 0x1000;
    private static final int RX_BLOCK = 0x1020;
    private static final int TX_CHANNEL = 2;
    private static final int RX_CHANNEL = 3;
    private static final long BEAT_PS = 4_000_000;

    private static final int TO_FIFO =
            Ti.SRC_INC.mask()
                    | Ti.DEST_DREQ.mask()
                    | Ti.PERMAP.of(Dreq.SPI_TX.permap())
                    | Ti.INTEN.mask();
    private static final int FROM_FIFO =
            Ti.DEST_INC.mask()
                    | Ti.SRC_DREQ.mask()
                    | Ti.PERMAP.of(Dreq.SPI_RX.permap())
                    | Ti.INTEN.mask();
    private static final int REQUESTS = Ctrl.TX_REQ_EN.mask() | Ctrl.RX_REQ_EN.mask();
    private static final int LOOP = Ctrl.ENABLE.mask() | Ctrl.LOOP.mask() | REQUESTS;
    private static final int SINK = Ctrl.ENABLE.mask() | REQUESTS;
    private static final int SOURCE_WORDS = SINK | Ctrl.SOURCE.mask();

    private final DmaBench bench = new DmaBench();
    private final LoopbackFifo fifo = bench.attachFifo();

    @AfterEach
    void closeMachine() {
        bench.close();
    }

    private int fifo(LoopbackFifoRegister register) {
        return (int) fifo.read(register.offset(), 4);
    }

    private void fifo(LoopbackFifoRegister register, int value) {
        fifo.write(register.offset(), 4, value);
    }

    private void send(int ti, int length, int next) {
        bench.block(TX_BLOCK, ti, bus(SOURCE), DmaBench.FIFO_DATA_BUS, length, 0, next);
        bench.start(TX_CHANNEL, TX_BLOCK);
    }

    private void receive(int ti, int length, int next) {
        bench.block(RX_BLOCK, ti, DmaBench.FIFO_DATA_BUS, bus(DEST), length, 0, next);
        bench.start(RX_CHANNEL, RX_BLOCK);
    }

    @Test
    void whatIsSentComesBack() {
        byte[] bytes = bench.fill(SOURCE, TX, 1);
        receive(FROM_FIFO, TX, 0);
        send(TO_FIFO, TX, 0);
        fifo(LoopbackFifoRegister.WATERMARK, Watermark.RX.of(1) | Watermark.TX.of(48));
        fifo(LoopbackFifoRegister.CTRL, LOOP);
        bench.finish();
        assertThat(bench.peek(DEST, TX)).isEqualTo(bytes);
        assertThat(fifo(LoopbackFifoRegister.TX_OVERRUNS)).isZero();
        assertThat(fifo(LoopbackFifoRegister.RX_OVERRUNS)).isZero();
        assertThat(fifo(LoopbackFifoRegister.RX_UNDERRUNS)).isZero();
        assertThat(bench.irqs.get(RX_CHANNEL).isAsserted()).isTrue();
    }

    @Test
    void theLineSetsThePaceAndNotTheController() {
        send(TO_FIFO, 4 * 1000, 0);
        fifo(LoopbackFifoRegister.WATERMARK, Watermark.TX.of(0));
        fifo(LoopbackFifoRegister.CTRL, SINK);
        bench.finish(TX_CHANNEL);
        assertThat(bench.now()).isBetween(998 * BEAT_PS, 1001 * BEAT_PS);
    }

    @Test
    void oneBurstIsMovedPerRequest() {
        send(TO_FIFO, 64, 0);
        bench.finish();
        assertThat(bench.isSet(TX_CHANNEL, Cs.DREQ_STOPS_DMA)).isTrue();
        assertThat(bench.isSet(TX_CHANNEL, Cs.DREQ)).isFalse();
        fifo(LoopbackFifoRegister.WATERMARK, Watermark.TX.of(0));
        fifo(LoopbackFifoRegister.CTRL, Ctrl.TX_REQ_EN.mask());
        assertThat(bench.isSet(TX_CHANNEL, Cs.DREQ)).isTrue();
        bench.finish();
        assertThat(bench.read(TX_CHANNEL, DmaChannelRegister.TXFR_LEN)).isEqualTo(60);
        assertThat(bench.isSet(TX_CHANNEL, Cs.DREQ_STOPS_DMA)).isTrue();
        assertThat(bench.isSet(TX_CHANNEL, Cs.ACTIVE)).isTrue();
    }

    @Test
    void aBurstLongerThanTheRoomOverrunsTheFifo() {
        send(TO_FIFO | Ti.BURST_LENGTH.of(15), 4 * 80, 0);
        fifo(LoopbackFifoRegister.WATERMARK, Watermark.TX.of(60));
        fifo(LoopbackFifoRegister.CTRL, Ctrl.TX_REQ_EN.mask());
        bench.finish();
        assertThat(fifo(LoopbackFifoRegister.TX_OVERRUNS)).isZero();
        // Four bursts have filled it; when four words have left, it asks for 16 more.
        fifo(LoopbackFifoRegister.CTRL, SINK);
        bench.pass(4 * BEAT_PS + BEAT_PS / 2);
        assertThat(fifo(LoopbackFifoRegister.TX_OVERRUNS)).isEqualTo(16 - 4);
    }

    @Test
    void readingWithoutARequestTakesWordsThatAreNotThere() {
        receive(Ti.SRC_DREQ.with(FROM_FIFO, false), 16, 0);
        bench.finish();
        assertThat(fifo(LoopbackFifoRegister.RX_UNDERRUNS)).isEqualTo(4);
        assertThat(bench.peek(DEST, 16)).containsOnly(0);
    }

    @Test
    void zerosCanBeSentFromNowhere() {
        send(TO_FIFO | Ti.SRC_IGNORE.mask(), 40, 0);
        fifo(LoopbackFifoRegister.CTRL, LOOP);
        bench.finish();
        assertThat(bench.isSet(TX_CHANNEL, Cs.END)).isTrue();
        assertThat(fifo(LoopbackFifoRegister.STATUS) >>> 16).isEqualTo(10);
    }

    @Nested
    class AChainThatReturnsToItself {
        private static final int PERIOD_BYTES = 256;

        @Test
        void receivesWithoutAGapAndInterruptsEachPeriod() {
            bench.block(
                    RX_BLOCK,
                    FROM_FIFO,
                    DmaBench.FIFO_DATA_BUS,
                    bus(DEST),
                    PERIOD_BYTES,
                    0,
                    bus(RX_BLOCK + 32));
            bench.block(
                    RX_BLOCK + 32,
                    FROM_FIFO,
                    DmaBench.FIFO_DATA_BUS,
                    bus(DEST + PERIOD_BYTES),
                    PERIOD_BYTES,
                    0,
                    bus(RX_BLOCK));
            bench.start(RX_CHANNEL, RX_BLOCK);
            fifo(LoopbackFifoRegister.WATERMARK, Watermark.RX.of(1));
            fifo(LoopbackFifoRegister.CTRL, SOURCE_WORDS);
            List<Integer> lasts = new ArrayList<>();
            for (int period = 0; period < 20; period++) {
                while (!bench.irqs.get(RX_CHANNEL).isAsserted()) {
                    bench.machine.clock().advanceTo(bench.machine.clock().nextAt());
                }
                bench.write(RX_CHANNEL, DmaChannelRegister.CS, Cs.INT.mask() | Cs.ACTIVE.mask());
                byte[] last = bench.peek(DEST + PERIOD_BYTES * (period % 2L) + PERIOD_BYTES - 4, 4);
                lasts.add((last[0] & 0xff) | (last[1] & 0xff) << 8);
            }
            List<Integer> wanted = new ArrayList<>();
            for (int period = 1; period <= 20; period++) {
                wanted.add(period * PERIOD_BYTES / 4 - 1);
            }
            assertThat(lasts).isEqualTo(wanted);
            assertThat(fifo(LoopbackFifoRegister.RX_OVERRUNS)).isZero();
        }
    }

    @Nested
    class PanicPriority {
        /** How many words are lost beside a copy of priority 2 that wants the whole bus. */
        private int overrunsWith(int panicPriority) {
            bench.block(0x2000, DmaBench.COPY, bus(SOURCE), bus(DEST + 0x1_0000), 1 << 16, 0, 0);
            receive(FROM_FIFO | Ti.BURST_LENGTH.of(3), 4 * 1000, 0);
            bench.write(
                    RX_CHANNEL,
                    DmaChannelRegister.CS,
                    Cs.ACTIVE.mask() | Cs.PANIC_PRIORITY.of(panicPriority));
            fifo(LoopbackFifoRegister.RATE, 10_000_000);
            fifo(LoopbackFifoRegister.WATERMARK, Watermark.RX.of(4));
            bench.pass(1_000_000);
            bench.start(0, 0x2000, Cs.PRIORITY.of(2));
            fifo(LoopbackFifoRegister.CTRL, SOURCE_WORDS);
            bench.pass(500 * 400_000);
            assertThat(bench.isSet(0, Cs.ACTIVE)).isTrue();
            return fifo(LoopbackFifoRegister.RX_OVERRUNS);
        }

        @Test
        void keepsAFifoFromOverrunning() {
            assertThat(overrunsWith(3)).isZero();
        }

        @Test
        void belowThatOfACompetitorDoesNot() {
            assertThat(overrunsWith(1)).isPositive();
        }
    }
}
