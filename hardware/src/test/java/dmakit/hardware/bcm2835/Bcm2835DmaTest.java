package dmakit.hardware.bcm2835;

import static dmakit.hardware.bcm2835.DmaBench.COPY;
import static dmakit.hardware.bcm2835.DmaBench.bus;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dmakit.datasheet.bcm2835.DmaChannelRegister;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Cs;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Debug;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Stride;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Ti;
import dmakit.datasheet.bcm2835.DmaChannelRegister.TxfrLen;
import dmakit.datasheet.bcm2835.DmaControllerRegister;
import dmakit.hardware.bcm2835.Bcm2835Dma.Disturbance;
import dmakit.machine.bus.Target;
import dmakit.machine.bus.Windows;
import dmakit.machine.irq.IrqLine;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class Bcm2835DmaTest {
    /** Unpaced, at the end of its chain, and so without ACTIVE: paused, as the manual has it. */
    private static final int ENDED = Cs.END.mask() | Cs.PAUSED.mask() | Cs.DREQ.mask();

    private static final int SOURCE = 0x10_0000;
    private static final int DEST = 0x20_0000;
    private static final int BLOCK = 0x1000;
    private static final int NOWHERE = 0x1000_0000;

    private static final int WIDE = COPY | Ti.SRC_WIDTH.mask() | Ti.DEST_WIDTH.mask();

    /** A single word from RAM to RAM: 12 + 1 cycles to read, 2 + 1 to write. */
    private static final long WORD_PS = 16 * Timing.CYCLE_PS;

    private final DmaBench bench = new DmaBench();

    @AfterEach
    void closeMachine() {
        bench.close();
    }

    private byte[] copied(int length) {
        return bench.peek(DEST, length);
    }

    private void block(int ti, int length) {
        bench.block(BLOCK, ti, bus(SOURCE), bus(DEST), length, 0, 0);
    }

    private void start(int ti, int length) {
        block(ti, length);
        bench.start(0, BLOCK);
    }

    /** The time until the channel is no longer active, less the fetch. */
    private long timeOf(int channel, int ti, int length) {
        block(ti, length);
        bench.start(channel, BLOCK);
        return bench.finish(channel) - Timing.FETCH_PS;
    }

    private int residue(int channel) {
        return bench.read(channel, DmaChannelRegister.TXFR_LEN);
    }

    @Nested
    class AfterPowerOn {
        @Test
        void registersHaveTheResetValuesOfTheManual() {
            for (DmaChannelRegister register : DmaChannelRegister.values()) {
                assertThat(bench.read(6, register)).as("%s", register).isEqualTo(register.reset());
            }
            assertThat(bench.read(7, DmaChannelRegister.DEBUG)).isEqualTo(0x1400_0000);
            assertThat(bench.read(DmaControllerRegister.INT_STATUS)).isZero();
            assertThat(bench.read(DmaControllerRegister.ENABLE)).isEqualTo(0x7fff);
        }

        @Test
        void nothingIsScheduled() {
            assertThat(bench.finish()).isZero();
        }

        @Test
        void thePlaceOfChannelFifteenAndUnknownOffsetsReadAsZero() {
            for (int offset : new int[] {0x24, 0xfc, 0xf00, 0xf04, 0xfdc, 0xfe4, 0xffc}) {
                bench.dma.write(offset, 4, -1);
                assertThat(bench.dma.read(offset, 4)).as("0x%x", offset).isZero();
            }
            assertThat(bench.finish()).isZero();
        }
    }

    @Nested
    class Accesses {
        @Test
        void narrowLoadsAnswerTheirLane() {
            bench.write(0, DmaChannelRegister.CONBLK_AD, 0x1234_5680);
            assertThat(bench.dma.read(0x04, 1)).isEqualTo(0x80);
            assertThat(bench.dma.read(0x06, 1)).isEqualTo(0x34);
            assertThat(bench.dma.read(0x06, 2)).isEqualTo(0x1234);
        }

        @Test
        void wideLoadsAnswerTwoRegisters() {
            bench.write(0, DmaChannelRegister.CONBLK_AD, 0x8765_4320);
            assertThat(bench.dma.read(0x00, 8)).isEqualTo(0x8765_4320_0000_0000L);
        }

        @Test
        void wideStoresReachTwoRegisters() {
            bench.dma.write(0x100, 8, 0x8765_4320_0000_0000L | Cs.PRIORITY.of(5));
            assertThat(bench.cs(1)).isEqualTo(Cs.PRIORITY.of(5) | Cs.ACTIVE.of(0));
            assertThat(bench.read(1, DmaChannelRegister.CONBLK_AD)).isEqualTo(0x8765_4320);
        }

        @Test
        void theRegistersLoadedFromABlockTakeNoStores() {
            start(COPY, 16);
            bench.finish();
            for (DmaChannelRegister register :
                    List.of(
                            DmaChannelRegister.TI,
                            DmaChannelRegister.SOURCE_AD,
                            DmaChannelRegister.DEST_AD,
                            DmaChannelRegister.TXFR_LEN,
                            DmaChannelRegister.STRIDE)) {
                int before = bench.read(0, register);
                bench.write(0, register, ~before);
                assertThat(bench.read(0, register)).as("%s", register).isEqualTo(before);
            }
        }

        @Test
        void theLowBitsOfBlockAddressesCannotBeSet() {
            bench.write(0, DmaChannelRegister.CONBLK_AD, 0xffff_ffff);
            bench.write(0, DmaChannelRegister.NEXTCONBK, 0xffff_ffff);
            assertThat(bench.read(0, DmaChannelRegister.CONBLK_AD)).isEqualTo(0xffff_ffe0);
            assertThat(bench.read(0, DmaChannelRegister.NEXTCONBK)).isEqualTo(0xffff_ffe0);
        }

        @Test
        void statusBitsTakeNoStoresAndCommandsReadAsZero() {
            bench.write(0, DmaChannelRegister.CS, 0x7fff_fffe);
            int stored = 0x3000_0000 | Cs.PANIC_PRIORITY.of(15) | Cs.PRIORITY.of(15);
            assertThat(bench.cs(0)).isEqualTo(stored);
        }
    }

    @Nested
    class AMemoryCopy {
        private final byte[] bytes = bench.fill(SOURCE, 1 << 16, 7);

        @Test
        void movesItsBytesAndSetsEnd() {
            start(COPY, 4096);
            bench.finish();
            assertThat(copied(4096)).isEqualTo(Arrays.copyOf(bytes, 4096));
            assertThat(bench.cs(0)).isEqualTo(ENDED);
        }

        @Test
        void movesNothingBeforeTimePasses() {
            start(COPY, 4096);
            assertThat(copied(4)).containsOnly(0);
            assertThat(bench.isSet(0, Cs.ACTIVE)).isTrue();
        }

        @Test
        void endsAtTheExactByteWhateverItsLengthWidthAndAlignment() {
            int[] widths = {
                COPY,
                WIDE,
                COPY | Ti.SRC_WIDTH.mask() | Ti.BURST_LENGTH.of(8),
                WIDE | Ti.BURST_LENGTH.of(15)
            };
            for (int ti : widths) {
                for (int length = 1; length < 70; length++) {
                    bench.poke(DEST, new byte[128]);
                    bench.block(BLOCK, ti, bus(SOURCE + 3), bus(DEST + 1), length, 0, 0);
                    bench.start(0, BLOCK);
                    bench.finish();
                    byte[] wanted = new byte[128];
                    System.arraycopy(bytes, 3, wanted, 1, length);
                    assertThat(copied(128)).as("%d bytes", length).isEqualTo(wanted);
                }
            }
        }

        @Test
        void ofNoLengthMovesNothingAndEndsWithTheFetch() {
            assertThat(timeOf(0, COPY, 0)).isZero();
            assertThat(copied(16)).containsOnly(0);
            assertThat(bench.isSet(0, Cs.END)).isTrue();
        }

        @Test
        void takesALengthOfThirtyBits() {
            start(COPY, 0xffff_ffff);
            bench.pass(Timing.FETCH_PS);
            assertThat(residue(0)).isEqualTo(0x3fff_ffff);
        }

        @Test
        void leavesItsAddressesBehindTheLastByte() {
            start(COPY, 100);
            bench.finish();
            assertThat(bench.read(0, DmaChannelRegister.SOURCE_AD)).isEqualTo(bus(SOURCE + 100));
            assertThat(bench.read(0, DmaChannelRegister.DEST_AD)).isEqualTo(bus(DEST + 100));
            assertThat(residue(0)).isZero();
        }

        @Test
        void readsAcrossTheEndOfTheAddressesAsHardwareDoes() {
            bench.block(BLOCK, COPY, 0xffff_fffe, bus(DEST), 4, 0, 0);
            bench.start(0, BLOCK);
            bench.finish();
            assertThat(Debug.READ_ERROR.isSet(bench.read(0, DmaChannelRegister.DEBUG))).isTrue();
        }
    }

    @Nested
    class Times {
        @Test
        void areTheSumOfTheBursts() {
            assertThat(timeOf(0, COPY, 4)).isEqualTo(WORD_PS);
            assertThat(timeOf(0, COPY, 400)).isEqualTo(100 * WORD_PS);
            assertThat(timeOf(0, COPY, 401)).isEqualTo(101 * WORD_PS);
        }

        @Test
        void wideSinglesTakeNoLongerThanWords() {
            assertThat(timeOf(0, WIDE, 16)).isEqualTo(WORD_PS);
        }

        @Test
        void wideBurstsOfTwoGoOutInOneWriteUnlessForbidden() {
            int two = WIDE | Ti.BURST_LENGTH.of(1);
            assertThat(timeOf(1, two, 32)).isEqualTo((12 + 2 + 2 + 2) * Timing.CYCLE_PS);
            assertThat(timeOf(1, Ti.NO_WIDE_BURSTS.with(two, true), 32))
                    .isEqualTo((12 + 2 + 2 * (2 + 1)) * Timing.CYCLE_PS);
        }

        @Test
        void burstsThatOutgrowTheBufferStallExceptWhereAFifoTakesThem() {
            int nine = WIDE | Ti.BURST_LENGTH.of(8);
            long cycles = 12 + 9 + 5 * 2 + 9;
            assertThat(timeOf(0, nine, 144)).isEqualTo(cycles * Timing.CYCLE_PS);
            assertThat(timeOf(1, nine, 144)).isEqualTo((cycles + 4 * 4) * Timing.CYCLE_PS);
        }

        @Test
        void waitCyclesFollowEachReadAndEachWrite() {
            assertThat(timeOf(0, Ti.WAITS.with(COPY, 31), 40))
                    .isEqualTo(10 * (WORD_PS + 62 * Timing.CYCLE_PS));
        }

        @Test
        void waitingForResponsesCostsThemAll() {
            assertThat(timeOf(0, Ti.WAIT_RESP.with(COPY, true), 40))
                    .isEqualTo(10 * (WORD_PS + Timing.RESPONSE_CYCLES * Timing.CYCLE_PS));
        }

        @Test
        void ofMillionsOfBurstsTakeFewEvents() {
            start(COPY, 4 << 20);
            assertThat(bench.finish()).isLessThanOrEqualTo(8);
        }
    }

    @Nested
    class Chains {
        private void chain(int count, int ti) {
            for (int i = 0; i < count; i++) {
                int next = i == count - 1 ? 0 : bus(BLOCK + 32 * (i + 1));
                bench.block(
                        BLOCK + 32 * i, ti, bus(SOURCE + 64 * i), bus(DEST + 64 * i), 64, 0, next);
            }
        }

        @Test
        void runToTheirEnd() {
            byte[] bytes = bench.fill(SOURCE, 64 * 100, 3);
            chain(100, COPY);
            bench.start(5, BLOCK);
            bench.finish();
            assertThat(copied(64 * 100)).isEqualTo(bytes);
            assertThat(bench.read(5, DmaChannelRegister.CONBLK_AD)).isZero();
            assertThat(bench.isSet(5, Cs.ACTIVE)).isFalse();
        }

        @Test
        void showTheAddressOfTheBlockTheyAreIn() {
            chain(3, COPY);
            bench.start(0, BLOCK);
            bench.pass(Timing.FETCH_PS + 16 * WORD_PS + 1);
            assertThat(bench.read(0, DmaChannelRegister.CONBLK_AD)).isEqualTo(bus(BLOCK + 32));
            assertThat(bench.isSet(0, Cs.END)).isTrue();
            assertThat(bench.isSet(0, Cs.ACTIVE)).isTrue();
        }

        @Test
        void interruptAtEachBlockThatAsks() {
            chain(2, COPY | Ti.INTEN.mask());
            bench.start(0, BLOCK);
            bench.pass(Timing.FETCH_PS + 16 * WORD_PS - 1);
            assertThat(bench.irqs.get(0).isAsserted()).isFalse();
            bench.pass(1);
            assertThat(bench.irqs.get(0).isAsserted()).isTrue();
            bench.write(0, DmaChannelRegister.CS, Cs.INT.mask() | Cs.ACTIVE.mask());
            assertThat(bench.irqs.get(0).isAsserted()).isFalse();
            bench.finish();
            assertThat(bench.irqs.get(0).isAsserted()).isTrue();
        }

        @Test
        void keepTheInterruptWhenTheNextBlockAsksForNone() {
            chain(2, COPY);
            block(COPY | Ti.INTEN.mask(), 64);
            bench.block(BLOCK, COPY | Ti.INTEN.mask(), bus(SOURCE), bus(DEST), 64, 0, bus(0x1020));
            bench.start(0, BLOCK);
            bench.finish();
            assertThat(bench.isSet(0, Cs.INT)).isTrue();
        }

        @Test
        void thatReturnToThemselvesRunForeverInBoundedSteps() {
            bench.block(BLOCK, COPY, bus(SOURCE), bus(DEST), 0, 0, bus(BLOCK));
            bench.start(0, BLOCK);
            for (int i = 0; i < 1000; i++) {
                long before = bench.now();
                bench.machine.clock().advanceTo(bench.machine.clock().nextAt());
                assertThat(bench.now() - before).isLessThanOrEqualTo(Timing.FETCH_PS);
            }
            assertThat(bench.now()).isEqualTo(999 * Timing.FETCH_PS);
        }

        @Test
        void goOnWhereANewNextAddressSays() {
            bench.fill(SOURCE, 64, 1);
            chain(1, COPY);
            bench.block(BLOCK + 32, COPY, bus(SOURCE), bus(DEST + 0x100), 64, 0, 0);
            bench.start(0, BLOCK);
            bench.pass(Timing.FETCH_PS + WORD_PS);
            bench.write(0, DmaChannelRegister.NEXTCONBK, bus(BLOCK + 32));
            bench.finish();
            assertThat(bench.peek(DEST + 0x100, 64)).isEqualTo(bench.peek(SOURCE, 64));
        }

        @Test
        void mayBeStartedByTheAddressWhenActiveCameFirst() {
            bench.fill(SOURCE, 64, 1);
            chain(1, COPY);
            bench.write(0, DmaChannelRegister.CS, Cs.ACTIVE.mask());
            bench.finish();
            assertThat(bench.isSet(0, Cs.ACTIVE)).isTrue();
            bench.write(0, DmaChannelRegister.CONBLK_AD, bus(BLOCK));
            bench.finish();
            assertThat(copied(64)).isEqualTo(bench.peek(SOURCE, 64));
        }

        @Test
        void mayChangeTheirOwnBlocks() {
            // The first block copies the third over the second.
            bench.fill(SOURCE, 64, 1);
            bench.block(BLOCK, COPY, bus(BLOCK + 64), bus(BLOCK + 32), 32, 0, bus(BLOCK + 32));
            bench.block(BLOCK + 32, COPY, 0, 0, 0, 0, 0);
            bench.block(BLOCK + 64, COPY, bus(SOURCE), bus(DEST), 64, 0, 0);
            bench.start(0, BLOCK);
            bench.finish();
            assertThat(copied(64)).isEqualTo(bench.peek(SOURCE, 64));
        }
    }

    @Nested
    class WhileMoving {
        private final byte[] bytes = bench.fill(SOURCE, 4096, 9);

        @Test
        void registersShowTheBurstsThatHaveEnded() {
            start(COPY, 4096);
            bench.pass(Timing.FETCH_PS + 3 * WORD_PS - 1);
            assertThat(residue(0)).isEqualTo(4096 - 8);
            bench.pass(1);
            assertThat(residue(0)).isEqualTo(4096 - 12);
            assertThat(bench.read(0, DmaChannelRegister.SOURCE_AD)).isEqualTo(bus(SOURCE + 12));
            assertThat(bench.read(0, DmaChannelRegister.DEST_AD)).isEqualTo(bus(DEST + 12));
            assertThat(copied(16)).startsWith(Arrays.copyOf(bytes, 12)).endsWith(0, 0, 0, 0);
        }

        @Test
        void clearingActivePausesAfterTheBurstOnTheBus() {
            start(COPY, 4096);
            bench.pass(Timing.FETCH_PS + 3 * WORD_PS + 1);
            bench.write(0, DmaChannelRegister.CS, 0);
            assertThat(residue(0)).isEqualTo(4096 - 12);
            bench.finish();
            assertThat(residue(0)).isEqualTo(4096 - 16);
            assertThat(bench.cs(0)).isEqualTo(Cs.PAUSED.mask() | Cs.DREQ.mask());
        }

        @Test
        void settingActiveAgainGoesOn() {
            start(COPY, 4096);
            bench.pass(Timing.FETCH_PS + 3 * WORD_PS + 1);
            bench.write(0, DmaChannelRegister.CS, 0);
            bench.pass(1_000_000);
            bench.write(0, DmaChannelRegister.CS, Cs.ACTIVE.mask());
            assertThat(bench.isSet(0, Cs.PAUSED)).isFalse();
            bench.finish();
            assertThat(copied(4096)).isEqualTo(bytes);
        }

        @Test
        void abortEndsTheBlockAndLoadsTheNext() {
            bench.block(BLOCK, COPY, bus(SOURCE), bus(DEST), 4096, 0, bus(BLOCK + 32));
            bench.block(BLOCK + 32, COPY, bus(SOURCE), bus(DEST + 4096), 64, 0, 0);
            bench.start(0, BLOCK);
            bench.pass(Timing.FETCH_PS + WORD_PS + 1);
            bench.write(0, DmaChannelRegister.CS, Cs.ABORT.mask() | Cs.ACTIVE.mask());
            bench.finish();
            assertThat(copied(12)).startsWith(Arrays.copyOf(bytes, 8)).endsWith(0, 0, 0, 0);
            assertThat(bench.peek(DEST + 4096, 64)).isEqualTo(Arrays.copyOf(bytes, 64));
        }

        @Test
        void abortWithNoNextBlockStops() {
            start(COPY, 4096);
            bench.pass(Timing.FETCH_PS + WORD_PS);
            bench.write(0, DmaChannelRegister.CS, Cs.ABORT.mask() | Cs.ACTIVE.mask());
            bench.finish();
            assertThat(bench.isSet(0, Cs.ACTIVE)).isFalse();
            assertThat(bench.isSet(0, Cs.END)).isTrue();
            assertThat(bench.read(0, DmaChannelRegister.CONBLK_AD)).isZero();
        }

        @Test
        void abortDuringTheFetchEndsTheBlockUnmoved() {
            start(COPY, 4096);
            bench.pass(Timing.FETCH_PS / 2);
            bench.write(0, DmaChannelRegister.CS, Cs.ABORT.mask() | Cs.ACTIVE.mask());
            bench.finish();
            assertThat(copied(4)).containsOnly(0);
            assertThat(bench.isSet(0, Cs.END)).isTrue();
        }

        @Test
        void resetDropsTheBurstOnTheBusAndClearsEverything() {
            start(COPY | Ti.INTEN.mask(), 4096);
            bench.pass(Timing.FETCH_PS + 3 * WORD_PS + 1);
            bench.write(0, DmaChannelRegister.CS, Cs.RESET.mask());
            bench.finish();
            assertThat(copied(16)).startsWith(Arrays.copyOf(bytes, 12)).endsWith(0, 0, 0, 0);
            for (DmaChannelRegister register : DmaChannelRegister.values()) {
                assertThat(bench.read(0, register)).as("%s", register).isEqualTo(register.reset());
            }
        }

        @Test
        void resetTakesTheInterruptAway() {
            start(COPY | Ti.INTEN.mask(), 16);
            bench.finish();
            assertThat(bench.irqs.get(0).isAsserted()).isTrue();
            bench.write(0, DmaChannelRegister.CS, Cs.RESET.mask());
            assertThat(bench.irqs.get(0).isAsserted()).isFalse();
            assertThat(bench.read(DmaControllerRegister.INT_STATUS)).isZero();
        }

        @Test
        void aChannelWithoutPowerRests() {
            start(COPY, 4096);
            bench.pass(Timing.FETCH_PS + 3 * WORD_PS + 1);
            bench.write(DmaControllerRegister.ENABLE, 0x7ffe);
            bench.finish();
            assertThat(residue(0)).isEqualTo(4096 - 16);
            bench.write(DmaControllerRegister.ENABLE, 0xffff_ffff);
            assertThat(bench.read(DmaControllerRegister.ENABLE)).isEqualTo(0x7fff);
            bench.finish();
            assertThat(copied(4096)).isEqualTo(bytes);
        }

        @Test
        void waitCyclesShowAsPaused() {
            start(Ti.WAITS.with(COPY, 31), 64);
            bench.pass(Timing.FETCH_PS + WORD_PS - 1);
            assertThat(bench.isSet(0, Cs.PAUSED)).isFalse();
            bench.pass(1);
            assertThat(bench.isSet(0, Cs.PAUSED)).isTrue();
            bench.pass(62 * Timing.CYCLE_PS);
            assertThat(bench.isSet(0, Cs.PAUSED)).isFalse();
        }

        @Test
        void theStateMachineShowsInDebug() {
            start(COPY, 64);
            bench.pass(1);
            assertThat(Debug.DMA_STATE.get(bench.read(0, DmaChannelRegister.DEBUG))).isEqualTo(1);
            bench.pass(Timing.FETCH_PS);
            int debug = bench.read(0, DmaChannelRegister.DEBUG);
            assertThat(Debug.DMA_STATE.get(debug)).isEqualTo(2);
            assertThat(Debug.OUTSTANDING_WRITES.get(debug)).isEqualTo(1);
        }
    }

    @Nested
    class WaitingForTheLastWrite {
        @Test
        void delaysEndAndInterruptButNotTheAddress() {
            block(COPY | Ti.INTEN.mask(), 4);
            bench.start(0, BLOCK, Cs.WAIT_FOR_OUTSTANDING_WRITES.mask());
            bench.pass(Timing.FETCH_PS + WORD_PS);
            int waiting =
                    Cs.WAIT_FOR_OUTSTANDING_WRITES.mask()
                            | Cs.WAITING_FOR_OUTSTANDING_WRITES.mask()
                            | Cs.PAUSED.mask()
                            | Cs.DREQ.mask();
            assertThat(bench.cs(0)).isEqualTo(waiting);
            assertThat(bench.read(0, DmaChannelRegister.CONBLK_AD)).isZero();
            bench.pass(Timing.RESPONSE_CYCLES * Timing.CYCLE_PS - 1);
            assertThat(bench.irqs.get(0).isAsserted()).isFalse();
            bench.pass(1);
            assertThat(bench.irqs.get(0).isAsserted()).isTrue();
            assertThat(bench.isSet(0, Cs.WAITING_FOR_OUTSTANDING_WRITES)).isFalse();
        }
    }

    @Nested
    class TwoDimensional {
        private void start(int rows, int bytes, int sourceStride, int destStride) {
            bench.block(
                    BLOCK,
                    COPY | Ti.TDMODE.mask(),
                    bus(SOURCE),
                    bus(DEST),
                    TxfrLen.YLENGTH.of(rows) | TxfrLen.XLENGTH.of(bytes),
                    Stride.D_STRIDE.of(destStride & 0xffff) | (sourceStride & 0xffff),
                    0);
            bench.start(0, BLOCK);
        }

        @Test
        void movesOneRowMoreThanYlengthSays() {
            byte[] bytes = bench.fill(SOURCE, 64, 5);
            start(2, 8, 0, 0);
            bench.finish();
            assertThat(copied(32)).startsWith(Arrays.copyOf(bytes, 24)).endsWith(new byte[8]);
        }

        @Test
        void addsTheStridesBetweenRows() {
            byte[] bytes = bench.fill(SOURCE, 64, 5);
            start(1, 4, 12, 4);
            bench.finish();
            byte[] wanted = new byte[12];
            System.arraycopy(bytes, 0, wanted, 0, 4);
            System.arraycopy(bytes, 16, wanted, 8, 4);
            assertThat(copied(12)).isEqualTo(wanted);
        }

        @Test
        void stridesAreSigned() {
            byte[] bytes = bench.fill(SOURCE, 64, 5);
            // Four words, the destination going down: each row ends 4 up and steps 8 back.
            bench.block(
                    BLOCK,
                    COPY | Ti.TDMODE.mask(),
                    bus(SOURCE),
                    bus(DEST + 12),
                    TxfrLen.YLENGTH.of(3) | TxfrLen.XLENGTH.of(4),
                    Stride.D_STRIDE.of(-8 & 0xffff),
                    0);
            bench.start(0, BLOCK);
            bench.finish();
            for (int i = 0; i < 4; i++) {
                assertThat(bench.peek(DEST + 12 - 4 * i, 4))
                        .isEqualTo(Arrays.copyOfRange(bytes, 4 * i, 4 * i + 4));
            }
        }

        @Test
        void theLengthCountsDownInRowsAndBytes() {
            start(2, 8, 0, 0);
            bench.pass(Timing.FETCH_PS + 3 * WORD_PS);
            assertThat(residue(0)).isEqualTo(TxfrLen.YLENGTH.of(1) | TxfrLen.XLENGTH.of(4));
        }

        @Test
        void rowsOfNoLengthMoveNothing() {
            start(0x3fff, 0, 4, 4);
            assertThat(bench.finish(0)).isEqualTo(Timing.FETCH_PS);
        }
    }

    @Nested
    class OverlappingCopies {
        private byte[] movedBy(int distance, int ti, int length) {
            byte[] memory = bench.fill(SOURCE, 4096, 11);
            bench.block(BLOCK, ti, bus(SOURCE + 1024), bus(SOURCE + 1024 + distance), length, 0, 0);
            bench.start(0, BLOCK);
            bench.finish();
            int burst = 4 * (1 + Ti.BURST_LENGTH.get(ti));
            for (int at = 0; at < length; at += burst) {
                int bytes = Math.min(burst, length - at);
                byte[] one = Arrays.copyOfRange(memory, 1024 + at, 1024 + at + bytes);
                System.arraycopy(one, 0, memory, 1024 + at + distance, bytes);
            }
            return memory;
        }

        @Test
        void repeatWhatTheyWroteAsBurstsDo() {
            for (int distance : new int[] {1, 2, 4, 7, 16, 31, 32, 33, 100, -1, -4, -31, -500}) {
                for (int ti : new int[] {COPY, COPY | Ti.BURST_LENGTH.of(7)}) {
                    byte[] wanted = movedBy(distance, ti, 777);
                    assertThat(bench.peek(SOURCE, 4096)).as("by %d", distance).isEqualTo(wanted);
                }
            }
        }
    }

    @Nested
    class Ignoring {
        @Test
        void readsLeavesMemoryAlone() {
            byte[] before = bench.fill(DEST, 64, 2);
            assertThat(timeOf(0, COPY | Ti.SRC_IGNORE.mask(), 64))
                    .isEqualTo(16 * 3 * Timing.CYCLE_PS);
            assertThat(copied(64)).isEqualTo(before);
        }

        @Test
        void readsFeedsZerosToRegisters() {
            List<Long> stored = bench.attachRecorder();
            bench.block(
                    BLOCK, Ti.SRC_IGNORE.mask(), NOWHERE, (int) DmaBench.RECORDER_BUS, 12, 0, 0);
            bench.start(0, BLOCK);
            bench.finish();
            assertThat(stored).containsExactly(0L, 0L, 0L);
        }

        @Test
        void writesReadsOnly() {
            bench.fill(SOURCE, 64, 2);
            start(COPY | Ti.DEST_IGNORE.mask(), 64);
            bench.finish();
            assertThat(copied(64)).containsOnly(0);
            assertThat(bench.isSet(0, Cs.END)).isTrue();
            assertThat(bench.read(0, DmaChannelRegister.SOURCE_AD)).isEqualTo(bus(SOURCE + 64));
        }
    }

    @Nested
    class AddressesThatDoNotAdvance {
        @Test
        void repeatAWordOverMemory() {
            bench.poke(SOURCE, new byte[] {1, 2, 3, 4, 5});
            start(Ti.DEST_INC.mask(), 10);
            bench.finish();
            assertThat(copied(12)).containsExactly(1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 0, 0);
        }

        @Test
        void repeatAWideBeatOverMemory() {
            byte[] beat = bench.fill(SOURCE, 16, 4);
            start(Ti.DEST_INC.mask() | Ti.SRC_WIDTH.mask(), 32);
            bench.finish();
            assertThat(copied(16)).isEqualTo(beat);
            assertThat(bench.peek(DEST + 16, 16)).isEqualTo(beat);
        }

        @Test
        void storeEachWordToOneRegister() {
            List<Long> stored = bench.attachRecorder();
            bench.poke(SOURCE, new byte[] {1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0});
            bench.block(
                    BLOCK, Ti.SRC_INC.mask(), bus(SOURCE), (int) DmaBench.RECORDER_BUS, 12, 0, 0);
            bench.start(0, BLOCK);
            bench.finish();
            assertThat(stored).containsExactly(1L, 2L, 3L);
        }

        @Test
        void registersGetWholeWordsWhateverTheLength() {
            List<Long> stored = bench.attachRecorder();
            bench.poke(SOURCE, new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
            bench.block(
                    BLOCK, Ti.SRC_INC.mask(), bus(SOURCE), (int) DmaBench.RECORDER_BUS, 7, 0, 0);
            bench.start(0, BLOCK);
            bench.finish();
            assertThat(stored).containsExactly(0x0403_0201L, 0x0007_0605L);
        }

        @Test
        void registersAreReachedAtTheTimeOfTheirBurst() {
            List<Long> times = new ArrayList<>();
            bench.machine
                    .bus()
                    .attach(
                            "clock",
                            DmaBench.PERIPHERALS_PHYS + 0xf000,
                            4,
                            new Target() {
                                @Override
                                public long read(long offset, int bytes) {
                                    return 0;
                                }

                                @Override
                                public void write(long offset, int bytes, long value) {
                                    times.add(bench.now());
                                }
                            });
            bench.block(
                    BLOCK,
                    Ti.SRC_INC.mask(),
                    bus(SOURCE),
                    (int) (DmaBench.PERIPHERALS_BUS + 0xf000),
                    12,
                    0,
                    0);
            bench.start(0, BLOCK);
            bench.finish();
            long first = Timing.FETCH_PS + WORD_PS;
            assertThat(times).containsExactly(first, first + WORD_PS, first + 2 * WORD_PS);
        }
    }

    @Nested
    class Errors {
        private final byte[] bytes = bench.fill((int) DmaBench.RAM_SIZE - 64, 64, 6);

        private void startReadingPastTheEndOfRam() {
            int source = bus(DmaBench.RAM_SIZE - 8);
            bench.block(BLOCK, COPY, source, bus(DEST), 64, 0, 0);
            bench.start(0, BLOCK);
            bench.finish();
        }

        @Test
        void aRefusedReadStopsTheChannelWhereItIsAndInterrupts() {
            startReadingPastTheEndOfRam();
            assertThat(bench.cs(0))
                    .isEqualTo(Cs.ERROR.mask() | Cs.PAUSED.mask() | Cs.DREQ.mask() | Cs.INT.mask());
            assertThat(bench.read(0, DmaChannelRegister.DEBUG))
                    .isEqualTo(0x0402_0000 | Debug.READ_ERROR.mask());
            assertThat(residue(0)).isEqualTo(56);
            assertThat(copied(8)).isEqualTo(Arrays.copyOfRange(bytes, 56, 64));
            assertThat(bench.irqs.get(0).isAsserted()).isTrue();
        }

        @Test
        void anErrorFlagKeepsTheChannelFromRunning() {
            startReadingPastTheEndOfRam();
            bench.write(0, DmaChannelRegister.CS, Cs.ACTIVE.mask());
            bench.finish();
            assertThat(residue(0)).isEqualTo(56);
            bench.write(0, DmaChannelRegister.DEBUG, Debug.READ_ERROR.mask());
            assertThat(bench.isSet(0, Cs.ERROR)).isFalse();
        }

        @Test
        void clearingTheFlagRepeatsTheRefusedBurst() {
            startReadingPastTheEndOfRam();
            bench.write(0, DmaChannelRegister.CS, Cs.INT.mask());
            bench.write(0, DmaChannelRegister.DEBUG, Debug.READ_ERROR.mask());
            bench.write(0, DmaChannelRegister.CS, Cs.ACTIVE.mask());
            bench.finish();
            assertThat(bench.isSet(0, Cs.ERROR)).isTrue();
            assertThat(residue(0)).isEqualTo(56);
        }

        @Test
        void abortLeavesTheRefusedBlock() {
            startReadingPastTheEndOfRam();
            bench.write(0, DmaChannelRegister.DEBUG, Debug.READ_ERROR.mask());
            bench.write(0, DmaChannelRegister.NEXTCONBK, 0);
            bench.write(0, DmaChannelRegister.CS, Cs.ABORT.mask() | Cs.ACTIVE.mask());
            bench.finish();
            assertThat(bench.isSet(0, Cs.ACTIVE)).isFalse();
            assertThat(bench.isSet(0, Cs.END)).isTrue();
        }

        @Test
        void aBlockThatCannotBeFetchedIsARefusedRead() {
            bench.write(0, DmaChannelRegister.CONBLK_AD, NOWHERE);
            bench.write(0, DmaChannelRegister.CS, Cs.ACTIVE.mask());
            bench.finish();
            assertThat(bench.isSet(0, Cs.ERROR)).isTrue();
            assertThat(bench.isSet(0, Cs.ACTIVE)).isFalse();
            assertThat(bench.read(0, DmaChannelRegister.CONBLK_AD)).isEqualTo(NOWHERE);
        }

        @Test
        void aRefusedWriteLosesItsBytesAndNothingElse() {
            bench.fill(SOURCE, 64, 1);
            bench.block(BLOCK, COPY, bus(SOURCE), bus(DmaBench.RAM_SIZE - 8), 64, 0, 0);
            bench.start(0, BLOCK);
            bench.finish();
            assertThat(bench.cs(0)).isEqualTo(ENDED);
            assertThat(bench.peek(DmaBench.RAM_SIZE - 8, 8)).isEqualTo(bench.peek(SOURCE, 8));
        }

        @Test
        void resetClearsThem() {
            startReadingPastTheEndOfRam();
            bench.write(0, DmaChannelRegister.CS, Cs.RESET.mask());
            assertThat(bench.cs(0)).isZero();
            assertThat(bench.read(0, DmaChannelRegister.DEBUG))
                    .isEqualTo(DmaChannelRegister.DEBUG.reset());
        }
    }

    /** Section 4.4: what is recorded and stops nothing. */
    @Nested
    class Disturbances {
        @Test
        void aReadWithoutItsEndMarkIsRecordedAndTheTransferGoesOn() {
            byte[] bytes = bench.fill(SOURCE, 64, 3);
            bench.dma.disturb(0, Disturbance.READ_LAST_NOT_SET);
            start(COPY, 64);
            bench.finish();
            assertThat(bench.cs(0)).isEqualTo(ENDED | Cs.ERROR.mask());
            assertThat(bench.read(0, DmaChannelRegister.DEBUG))
                    .isEqualTo(
                            DmaChannelRegister.DEBUG.reset()
                                    | Debug.READ_LAST_NOT_SET_ERROR.mask());
            assertThat(copied(64)).isEqualTo(bytes);
            assertThat(bench.irqs.get(0).isAsserted()).isFalse();
        }

        @Test
        void theFifoOfChannelZeroIsTheOnlyOne() {
            bench.dma.disturb(0, Disturbance.READ_FIFO);
            start(COPY, 64);
            bench.finish();
            assertThat(Debug.FIFO_ERROR.isSet(bench.read(0, DmaChannelRegister.DEBUG))).isTrue();
            assertThatThrownBy(() -> bench.dma.disturb(1, Disturbance.READ_FIFO))
                    .isInstanceOf(IllegalArgumentException.class);
        }

        @Test
        void comeWithTheReadThatIsUnderWay() {
            start(COPY, 64);
            bench.pass(Timing.FETCH_PS + WORD_PS / 2);
            bench.dma.disturb(0, Disturbance.READ_LAST_NOT_SET);
            assertThat(bench.isSet(0, Cs.ERROR)).isFalse();
            bench.pass(WORD_PS / 2);
            assertThat(bench.isSet(0, Cs.ERROR)).isTrue();
            assertThat(residue(0)).isEqualTo(60);
        }

        @Test
        void leaveTransfersAloneThatReadNothing() {
            bench.block(BLOCK, COPY, bus(SOURCE), bus(DEST), 0, 0, bus(BLOCK + 32));
            bench.block(BLOCK + 32, COPY | Ti.SRC_IGNORE.mask(), 0, bus(DEST), 64, 0, 0);
            bench.start(0, BLOCK);
            bench.pass(2 * Timing.FETCH_PS);
            bench.dma.disturb(0, Disturbance.READ_LAST_NOT_SET);
            bench.finish();
            assertThat(bench.isSet(0, Cs.ERROR)).isFalse();
        }

        @Test
        void eachFlagIsClearedByAOneOfItsOwn() {
            bench.dma.disturb(0, Disturbance.READ_LAST_NOT_SET);
            bench.dma.disturb(0, Disturbance.READ_FIFO);
            start(COPY, 64);
            bench.finish();
            bench.write(0, DmaChannelRegister.DEBUG, Debug.FIFO_ERROR.mask());
            assertThat(bench.read(0, DmaChannelRegister.DEBUG) & 7)
                    .isEqualTo(Debug.READ_LAST_NOT_SET_ERROR.mask());
            assertThat(bench.isSet(0, Cs.ERROR)).isTrue();
            bench.write(0, DmaChannelRegister.DEBUG, Debug.READ_LAST_NOT_SET_ERROR.mask());
            assertThat(bench.isSet(0, Cs.ERROR)).isFalse();
        }
    }

    @Nested
    class UnderADebugger {
        @Test
        void channelsRestAfterTheBurstOnTheBus() {
            start(COPY, 64);
            bench.pass(Timing.FETCH_PS + WORD_PS + 1);
            bench.dma.debugPause(true);
            assertThat(bench.isSet(0, Cs.PAUSED)).isTrue();
            bench.pass(1_000_000_000L);
            assertThat(residue(0)).isEqualTo(56);
            assertThat(bench.isSet(0, Cs.ACTIVE)).isTrue();
            bench.dma.debugPause(false);
            assertThat(bench.isSet(0, Cs.PAUSED)).isFalse();
            bench.finish();
            assertThat(bench.cs(0)).isEqualTo(ENDED);
        }

        @Test
        void thoseWithDisdebugRunOn() {
            bench.dma.debugPause(true);
            block(COPY, 64);
            bench.start(0, BLOCK, Cs.DISDEBUG.mask());
            bench.start(1, BLOCK);
            bench.finish();
            assertThat(bench.isSet(0, Cs.END)).isTrue();
            assertThat(bench.isSet(1, Cs.END)).isFalse();
            assertThat(bench.isSet(1, Cs.ACTIVE)).isTrue();
        }

        @Test
        void disdebugCountsFromTheMomentItIsStored() {
            bench.dma.debugPause(true);
            block(COPY, 64);
            bench.start(0, BLOCK);
            bench.finish();
            bench.write(0, DmaChannelRegister.CS, Cs.ACTIVE.mask() | Cs.DISDEBUG.mask());
            bench.pass(Timing.FETCH_PS + WORD_PS + 1);
            bench.write(0, DmaChannelRegister.CS, Cs.ACTIVE.mask());
            bench.finish();
            assertThat(residue(0)).isEqualTo(56);
        }
    }

    @Nested
    class ChannelFifteen {
        private final IrqLine line = bench.machine.interrupts().line(40);
        private final Bcm2835Dma dma =
                new Bcm2835Dma(
                        bench.machine.clock(),
                        bench.machine.trace(),
                        bench.machine.bus().master("all", DmaBench.WINDOWS, false),
                        Collections.nCopies(15, bench.irqs.get(0)),
                        line);
        private final Target registers = dma.channel15();

        private long read(DmaChannelRegister register) {
            return registers.read(register.offset(), 4);
        }

        private void start() {
            block(COPY | Ti.INTEN.mask(), 0x1_0000);
            registers.write(DmaChannelRegister.CONBLK_AD.offset(), 4, bus(BLOCK));
            registers.write(DmaChannelRegister.CS.offset(), 4, Cs.ACTIVE.mask());
        }

        @Test
        void isAFullOneWithALineOfItsOwn() {
            byte[] bytes = bench.fill(SOURCE, 0x1_0000, 9);
            start();
            bench.finish();
            assertThat(copied(0x1_0000)).isEqualTo(bytes);
            assertThat(line.isAsserted()).isTrue();
            assertThat(dma.read(DmaControllerRegister.INT_STATUS.offset(), 4)).isEqualTo(1 << 15);
            assertThat(read(DmaChannelRegister.DEBUG)).isEqualTo(DmaChannelRegister.DEBUG.reset());
            registers.write(DmaChannelRegister.CS.offset(), 4, Cs.INT.mask());
            assertThat(line.isAsserted()).isFalse();
        }

        @Test
        void hasPowerAlways() {
            dma.write(DmaControllerRegister.ENABLE.offset(), 4, 0);
            assertThat(dma.read(DmaControllerRegister.ENABLE.offset(), 4)).isZero();
            start();
            bench.finish();
            assertThat(Cs.END.isSet((int) read(DmaChannelRegister.CS))).isTrue();
        }

        @Test
        void isNotInTheBlock() {
            start();
            assertThat(dma.read(0xf04, 4)).isZero();
            dma.write(0xf00, 4, Cs.RESET.mask());
            assertThat(Cs.ACTIVE.isSet((int) read(DmaChannelRegister.CS))).isTrue();
            assertThat(registers.tracesAccess(0)).isTrue();
            assertThat(dma.tracesAccess(0xf00)).isFalse();
        }

        @Test
        void isOnlyThereBesideAllOthers() {
            assertThatThrownBy(bench.dma::channel15).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() ->
                            new Bcm2835Dma(
                                    bench.machine.clock(),
                                    bench.machine.trace(),
                                    bench.machine.bus().master("few", DmaBench.WINDOWS, false),
                                    List.of(line),
                                    line))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Nested
    class LiteChannels {
        @Test
        void knowNeitherRowsNorIgnoredSidesNorStride() {
            byte[] bytes = bench.fill(SOURCE, 64, 3);
            int ti =
                    COPY
                            | Ti.TDMODE.mask()
                            | Ti.SRC_IGNORE.mask()
                            | Ti.DEST_IGNORE.mask()
                            | Ti.NO_WIDE_BURSTS.mask();
            bench.block(
                    BLOCK, ti, bus(SOURCE), bus(DEST), TxfrLen.YLENGTH.of(3) | 16, 0x0010_0010, 0);
            bench.start(7, BLOCK);
            bench.finish();
            assertThat(copied(32)).startsWith(Arrays.copyOf(bytes, 16)).endsWith(new byte[16]);
            assertThat(bench.read(7, DmaChannelRegister.TI)).isEqualTo(COPY);
            assertThat(bench.read(7, DmaChannelRegister.STRIDE)).isZero();
        }

        @Test
        void takeALengthOfSixteenBits() {
            block(COPY, 0x1_ffff);
            bench.start(14, BLOCK);
            bench.pass(Timing.FETCH_PS);
            assertThat(residue(14)).isEqualTo(0xffff);
            bench.write(14, DmaChannelRegister.CS, Cs.RESET.mask());
            block(COPY, 0x1_0000);
            bench.start(14, BLOCK);
            assertThat(bench.finish(14)).isEqualTo(Timing.FETCH_PS);
        }

        @Test
        void writeWideBeatsOneByOne() {
            int two = WIDE | Ti.BURST_LENGTH.of(1);
            assertThat(timeOf(7, two, 32)).isGreaterThan(timeOf(6, two, 32));
        }
    }

    @Nested
    class CompetingChannels {
        private final byte[] bytes = bench.fill(SOURCE, 0x2000, 8);

        private void startBoth(int first, int priority, int second, int otherPriority) {
            bench.block(BLOCK, COPY, bus(SOURCE), bus(DEST), 4096, 0, 0);
            bench.block(BLOCK + 32, COPY, bus(SOURCE + 4096), bus(DEST + 4096), 4096, 0, 0);
            bench.start(first, BLOCK, Cs.PRIORITY.of(priority));
            bench.start(second, BLOCK + 32, Cs.PRIORITY.of(otherPriority));
        }

        @Test
        void takeTurns() {
            startBoth(2, 0, 4, 0);
            bench.pass(2 * Timing.FETCH_PS + 100 * WORD_PS);
            assertThat(residue(2)).isEqualTo(4096 - 200);
            assertThat(residue(4)).isEqualTo(4096 - 200);
        }

        @Test
        void giveWayToAHigherPriority() {
            startBoth(2, 1, 4, 9);
            bench.pass(Timing.FETCH_PS * 2 + 1024 * WORD_PS);
            assertThat(residue(4)).isZero();
            assertThat(residue(2)).isEqualTo(4096);
        }

        @Test
        void shareTheBusAndBothFinish() {
            startBoth(0, 0, 14, 0);
            bench.finish();
            assertThat(copied(8192)).isEqualTo(bytes);
            assertThat(bench.now()).isEqualTo(2 * Timing.FETCH_PS + 2 * 1024 * WORD_PS);
        }

        @Test
        void aRunIsCutWhereAnotherStarts() {
            bench.block(BLOCK, COPY, bus(SOURCE), bus(DEST), 4096, 0, 0);
            bench.block(BLOCK + 32, COPY, bus(SOURCE), bus(DEST + 4096), 4, 0, 0);
            bench.start(0, BLOCK);
            bench.pass(Timing.FETCH_PS + 10 * WORD_PS + 1);
            bench.start(1, BLOCK + 32, Cs.PRIORITY.of(15));
            long start = bench.now();
            bench.finish(1);
            long burstLeft = WORD_PS - 1;
            // Between its fetch and its word nobody else comes, since it bids with no pause.
            assertThat(bench.now() - start).isEqualTo(burstLeft + Timing.FETCH_PS + WORD_PS);
            assertThat(residue(0)).isEqualTo(4096 - 44);
        }

        @Test
        void waitCyclesLetOthersIn() {
            bench.block(BLOCK, Ti.WAITS.with(COPY, 31), bus(SOURCE), bus(DEST), 4096, 0, 0);
            bench.block(BLOCK + 32, COPY, bus(SOURCE), bus(DEST + 4096), 64, 0, 0);
            bench.start(0, BLOCK, Cs.PRIORITY.of(15));
            bench.pass(Timing.FETCH_PS + WORD_PS);
            bench.start(1, BLOCK + 32);
            assertThat(bench.finish(1)).isLessThan(10 * (WORD_PS + 62 * Timing.CYCLE_PS));
        }
    }

    @Nested
    class ProgrammingTheControllerByItself {
        private static final int DMA_BUS = (int) (DmaBench.PERIPHERALS_BUS + 0x7000);

        /** Channel 0 stores one word into a register of a channel, then has 8 bytes to go. */
        private void store(int channel, DmaChannelRegister register, int value) {
            byte[] bytes = new byte[12];
            for (int i = 0; i < 4; i++) {
                bytes[i] = (byte) (value >>> (8 * i));
            }
            bench.poke(SOURCE, bytes);
            int at = DMA_BUS + channel * 0x100 + register.offset();
            bench.block(BLOCK, COPY, bus(SOURCE), at, 12, 0, 0);
            bench.start(0, BLOCK);
            bench.finish();
        }

        @Test
        void aChannelCanStartAnother() {
            byte[] bytes = bench.fill(SOURCE + 0x100, 64, 4);
            bench.block(BLOCK + 32, COPY, bus(SOURCE + 0x100), bus(DEST), 64, 0, 0);
            bench.write(5, DmaChannelRegister.CONBLK_AD, bus(BLOCK + 32));
            bench.poke(SOURCE, new byte[] {1});
            bench.block(BLOCK, COPY, bus(SOURCE), DMA_BUS + 0x500, 4, 0, 0);
            bench.start(0, BLOCK);
            bench.finish();
            assertThat(copied(64)).isEqualTo(bytes);
            assertThat(bench.isSet(0, Cs.END)).isTrue();
        }

        @Test
        void aChannelThatResetsItselfIsReset() {
            store(0, DmaChannelRegister.CS, Cs.RESET.mask());
            for (DmaChannelRegister register : DmaChannelRegister.values()) {
                assertThat(bench.read(0, register)).as("%s", register).isEqualTo(register.reset());
            }
        }

        @Test
        void aChannelThatPausesItselfHasMovedItsBurst() {
            store(0, DmaChannelRegister.CS, 0);
            assertThat(residue(0)).isEqualTo(8);
            assertThat(bench.isSet(0, Cs.PAUSED)).isTrue();
        }

        @Test
        void aChannelThatAbortsItselfEnds() {
            store(0, DmaChannelRegister.CS, Cs.ABORT.mask() | Cs.ACTIVE.mask());
            assertThat(residue(0)).isZero();
            assertThat(bench.isSet(0, Cs.END)).isTrue();
            assertThat(bench.isSet(0, Cs.ACTIVE)).isFalse();
        }
    }

    @Nested
    class OneEvent {
        /** At how many times something happens between the fetch and the end. */
        private int eventsOf(int ti, int length) {
            block(ti, length);
            bench.start(0, BLOCK);
            bench.pass(Timing.FETCH_PS);
            return bench.finish();
        }

        @Test
        void movesAtMostOneMebibyte() {
            assertThat(eventsOf(COPY, Channel.RUN_BYTES_MAX)).isEqualTo(1);
            assertThat(eventsOf(COPY, Channel.RUN_BYTES_MAX + 1)).isEqualTo(2);
        }

        @Test
        void movesAtMostSoManyBurstsOneByOne() {
            int fill = Ti.DEST_INC.mask();
            assertThat(eventsOf(fill, 4 * Channel.SLOW_RUN_BURSTS_MAX)).isEqualTo(1);
            assertThat(eventsOf(fill, 4 * Channel.SLOW_RUN_BURSTS_MAX + 1)).isEqualTo(2);
        }
    }

    @Test
    void theSteadyStateAllocatesNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int i = 0; i < 100; i++) {
            int next = i == 99 ? 0 : bus(BLOCK + 32 * (i + 1));
            bench.block(BLOCK + 32 * i, COPY, bus(SOURCE), bus(DEST), 64 + i, 0, next);
        }
        // Compiled code allocates nothing; a round waits for the compiler to have seen it.
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 20_000 && least > 0; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            bench.start(0, BLOCK);
            bench.start(9, BLOCK);
            bench.finish(0);
            bench.finish(9);
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least).isZero();
    }

    @Nested
    class SharedInterruptLines {
        private final DmaBench shared = new DmaBench(12);

        @AfterEach
        void closeMachine() {
            shared.close();
        }

        @Test
        void stayAssertedUntilEveryChannelIsCleared() {
            shared.block(BLOCK, COPY | Ti.INTEN.mask(), bus(SOURCE), bus(DEST), 4, 0, 0);
            shared.start(11, BLOCK);
            shared.start(14, BLOCK);
            shared.finish();
            assertThat(shared.irqs.get(11).isAsserted()).isTrue();
            assertThat(shared.read(DmaControllerRegister.INT_STATUS)).isEqualTo(0x4800);
            shared.write(11, DmaChannelRegister.CS, Cs.INT.mask());
            assertThat(shared.irqs.get(11).isAsserted()).isTrue();
            shared.write(14, DmaChannelRegister.CS, Cs.INT.mask());
            assertThat(shared.irqs.get(11).isAsserted()).isFalse();
        }
    }

    @Nested
    class Building {
        private Bcm2835Dma with(int irqs) {
            return new Bcm2835Dma(
                    bench.machine.clock(),
                    bench.machine.trace(),
                    bench.machine.bus().master("other", Windows.IDENTITY, false),
                    Collections.nCopies(irqs, bench.irqs.get(0)));
        }

        @Test
        void takesOneToFifteenChannels() {
            assertThat(with(15).channelCount()).isEqualTo(15);
            assertThatThrownBy(() -> with(16)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> with(0)).isInstanceOf(IllegalArgumentException.class);
        }

        @Test
        void channelsThatAreNotThereReadAsZero() {
            Bcm2835Dma few = with(4);
            few.write(0x404, 4, 0x1000);
            assertThat(few.read(0x404, 4)).isZero();
            assertThat(few.read(0x420, 4)).isZero();
        }

        @Test
        void requestLineZeroAndThirtyTwoAreNobodys() {
            assertThatThrownBy(() -> bench.dma.request(0))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> bench.dma.request(32))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
