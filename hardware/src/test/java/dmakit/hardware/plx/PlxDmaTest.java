package dmakit.hardware.plx;

import static dmakit.hardware.plx.PlxBench.CTRL;
import static dmakit.hardware.plx.PlxBench.INTERRUPT;
import static dmakit.hardware.plx.PlxBench.INTR;
import static dmakit.hardware.plx.PlxBench.OWN;
import static dmakit.hardware.plx.PlxBench.RING;
import static dmakit.hardware.plx.PlxBench.SUCCESS;
import static dmakit.hardware.plx.PlxBench.VALID;
import static org.assertj.core.api.Assertions.assertThat;

import dmakit.hardware.pci.PciBench;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlxDmaTest {
    private static final int IN_PROGRESS = 1 << 30;
    private static final int DESC_INVALID = 1 << 8;
    private static final int PAUSE_DONE = 1 << 9;
    private static final int ABORT_DONE = 1 << 10;
    private static final int READ_FAIL = 1 << 29;
    private static final int WRITE_FAIL = 1 << 28;
    private static final int DONE_EVENT = 1 << 18;
    private static final int ERROR_EVENT = 1 << 16;
    private static final int INVALID_EVENT = 1 << 17;
    private static final long NOWHERE = 0x3000_0000L;

    private final PlxBench plx = new PlxBench();

    @AfterEach
    void close() {
        plx.close();
    }

    @Test
    void isTheFunctionThatLinuxLooksFor() {
        assertThat(plx.bench.config(0)).isEqualTo(0x87d0_10b5);
        assertThat(plx.bench.config(8) >>> 8).isEqualTo(0x088000);
    }

    @Test
    void copiesWhatADescriptorNamesAndStopsAtTheNextInvalidOne() {
        plx.fill(0x8000, 1000, 3);
        plx.descriptor(0, VALID | 1000, 0x8000, 0x9001);
        plx.start();
        assertThat(plx.read(CTRL) & IN_PROGRESS).isNotZero();
        plx.finish();
        assertThat(plx.same(0x8000, 0x9001, 1000)).isTrue();
        assertThat(plx.outcome(0)).isEqualTo(SUCCESS | 1000);
        assertThat(plx.read(CTRL) & (IN_PROGRESS | DESC_INVALID)).isEqualTo(DESC_INVALID);
        assertThat(plx.read(0x21c)).as("next").isEqualTo(RING + 16);
        assertThat(plx.read(0x224)).as("last").isEqualTo(RING);
        assertThat(plx.read(0x228)).as("its size").isEqualTo(1000);
    }

    @Test
    void goesOnWhereItStoppedWhenStartedAgain() {
        for (int i = 0; i < 3 * PlxBench.RING_COUNT; i++) {
            int at = i % PlxBench.RING_COUNT;
            plx.fill(0x8000, 64, i);
            plx.descriptor(at, VALID | 64, 0x8000, 0x9000);
            plx.start();
            plx.finish();
            assertThat(plx.outcome(at)).as("%d", i).isEqualTo(SUCCESS | 64);
            assertThat(plx.same(0x8000, 0x9000, 64)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 8, 255})
    void readsAsManyDescriptorsAheadAsAllowedAndDoesAllOfThem(int limit) {
        plx.write(0x234, limit);
        for (int i = 0; i < PlxBench.RING_COUNT; i++) {
            plx.fill(0x8000 + 0x100 * i, 16, i);
            plx.descriptor(i, VALID | 16, 0x8000 + 0x100 * i, 0xa000 + 0x100 * i);
        }
        plx.start();
        plx.finish();
        for (int i = 0; i < PlxBench.RING_COUNT; i++) {
            assertThat(plx.outcome(i)).isEqualTo(SUCCESS | 16);
            assertThat(plx.same(0x8000 + 0x100 * i, 0xa000 + 0x100 * i, 16)).isTrue();
        }
    }

    @Test
    void aStartWhileItWorksHasItLookAtDescriptorsItReadTooEarly() {
        plx.write(0x234, 8);
        plx.descriptor(0, VALID | 64, 0x8000, 0x9000);
        plx.start();
        plx.finish(1); // all eight are read ahead, seven of them not valid
        plx.descriptor(1, VALID | 64, 0x8000, 0xa000);
        plx.start();
        plx.finish();
        assertThat(plx.outcome(1)).isEqualTo(SUCCESS | 64);
    }

    @Test
    void withoutAStartItStopsAtADescriptorItReadTooEarly() {
        plx.write(0x234, 8);
        plx.descriptor(0, VALID | 64, 0x8000, 0x9000);
        plx.start();
        plx.finish(1);
        plx.descriptor(1, VALID | 64, 0x8000, 0xa000);
        plx.finish();
        assertThat(plx.outcome(1)).isEqualTo(VALID | 64);
    }

    @Test
    void leavesDescriptorsAsTheyAreWithoutWriteBackAndStopsAtTheEndOfTheRingOnWish() {
        for (int i = 0; i < PlxBench.RING_COUNT; i++) {
            plx.descriptor(i, VALID | 4, 0x8000, 0x9000);
        }
        plx.write(CTRL, PlxBench.START | 0x10);
        plx.finish();
        assertThat(plx.outcome(7)).isEqualTo(VALID | 4);
        assertThat(plx.read(CTRL) & (IN_PROGRESS | DESC_INVALID)).isZero();
        assertThat(plx.read(0x21c)).isEqualTo(RING);
    }

    @Test
    void goesAroundForeverWhereNobodyClearsValidUntilItIsPaused() {
        for (int i = 0; i < PlxBench.RING_COUNT; i++) {
            plx.descriptor(i, VALID, 0x8000, 0x9000);
        }
        plx.write(CTRL, PlxBench.START);
        assertThat(plx.finish(1000)).isEqualTo(1000);
        plx.write(CTRL, 1);
        assertThat(plx.finish(1000)).isLessThan(5);
        assertThat(plx.read(CTRL) & PAUSE_DONE).isNotZero();
    }

    @Nested
    class AnEmptyTransfer {
        @Test
        void succeedsAndMovesNothing() {
            plx.fill(0x9000, 4, 9);
            plx.descriptor(0, VALID | INTERRUPT, 0x8000, 0x9000);
            plx.start();
            plx.finish();
            assertThat(plx.outcome(0)).isEqualTo(SUCCESS);
            assertThat(plx.read(INTR) & DONE_EVENT).isNotZero();
        }
    }

    @Nested
    class Interrupts {
        @Test
        void comeForDescriptorsThatWantThem() {
            plx.descriptor(0, VALID | 4, 0x8000, 0x9000);
            plx.descriptor(1, VALID | INTERRUPT | 4, 0x8000, 0x9000);
            plx.start();
            plx.finish(3); // the first fetch, its transfer, the second fetch
            assertThat(plx.bench.pin.isAsserted()).isFalse();
            plx.finish();
            assertThat(plx.bench.pin.isAsserted()).isTrue();
            plx.bench.write(PciBench.REGION + INTR + 2, 2, DONE_EVENT >>> 16);
            assertThat(plx.bench.pin.isAsserted()).isFalse();
        }

        @Test
        void ofAnInvalidDescriptorAreOnlyForThoseWhoEnableThem() {
            plx.start();
            plx.finish();
            assertThat(plx.read(INTR)).isEqualTo(INVALID_EVENT);
            assertThat(plx.bench.pin.isAsserted()).isFalse();
            plx.write(INTR, 2);
            assertThat(plx.bench.pin.isAsserted()).as("enabled later").isTrue();
        }

        @Test
        void comeOnceAsAMessageUntilAcknowledged() {
            PciBench.Doorbell doorbell = new PciBench.Doorbell();
            plx.bench.machine.bus().attach("doorbell", 0x1800_0000L, 0x1000, doorbell);
            int msi = capability(0x05);
            plx.bench.config(msi + 4, 0x1800_0000);
            plx.bench.config(msi + 12, 0x41);
            plx.bench.config(msi, 0x0001_0000);
            plx.descriptor(0, VALID | INTERRUPT | 4, 0x8000, 0x9000);
            plx.descriptor(1, VALID | INTERRUPT | 4, 0x8000, 0x9000);
            plx.start();
            plx.finish();
            assertThat(doorbell.count).isEqualTo(1);
            assertThat(doorbell.data).isEqualTo(0x41);
            plx.write(INTR, DONE_EVENT);
            plx.descriptor(2, VALID | INTERRUPT | 4, 0x8000, 0x9000);
            plx.start();
            plx.finish();
            assertThat(doorbell.count).isEqualTo(2);
            assertThat(plx.bench.pin.isAsserted()).isFalse();
        }

        private int capability(int id) {
            int at = plx.bench.config(0x34) & 0xff;
            while ((plx.bench.config(at) & 0xff) != id) {
                at = plx.bench.config(at) >>> 8 & 0xff;
            }
            return at;
        }
    }

    @Nested
    class Failures {
        @Test
        void ofASourceEndTheirDescriptorWithTheBytesMovedBefore() {
            plx.descriptor(0, VALID | INTERRUPT | 0x1000, (1 << 20) - 0x300, 0x9000);
            plx.descriptor(1, VALID | 4, 0x8000, 0x9000);
            plx.start();
            plx.finish();
            assertThat(plx.outcome(0)).isEqualTo(READ_FAIL | 0x300);
            assertThat(plx.read(INTR)).isEqualTo(INVALID_EVENT | DONE_EVENT | ERROR_EVENT);
            assertThat(plx.outcome(1)).as("the next one").isEqualTo(SUCCESS | 4);
        }

        @Test
        void ofADestinationAreToldApart() {
            plx.descriptor(0, VALID | 64, 0x8000, NOWHERE);
            plx.start();
            plx.finish();
            assertThat(plx.outcome(0)).isEqualTo(WRITE_FAIL);
        }

        @Test
        void ofTheRingStopTheEngine() {
            plx.write(0x214, (int) NOWHERE);
            plx.write(0x21c, (int) NOWHERE);
            plx.start();
            plx.finish();
            assertThat(plx.read(INTR)).isEqualTo(ERROR_EVENT);
            assertThat(plx.read(CTRL) & IN_PROGRESS).isZero();
        }

        @Test
        void areAllThereIsWithoutBusMastering() {
            plx.fill(0x8000, 64, 1);
            plx.descriptor(0, VALID | 64, 0x8000, 0x9000);
            plx.bench.config(0x04, 0x0002);
            plx.start();
            plx.finish();
            assertThat(plx.read(INTR)).isEqualTo(ERROR_EVENT);
            assertThat(plx.outcome(0)).isEqualTo(VALID | 64);
            assertThat(plx.same(0x8000, 0x9000, 64)).isFalse();
        }

        @Test
        void includeRingsThatHaveNoSuchPlace() {
            plx.write(0x21c, RING + 16 * PlxBench.RING_COUNT);
            plx.start();
            plx.finish();
            assertThat(plx.read(CTRL) & DESC_INVALID).isNotZero();
            plx.write(0x21c, RING + 8);
            plx.start();
            plx.finish();
            assertThat(plx.read(CTRL) & DESC_INVALID).isNotZero();
        }
    }

    @Nested
    class APause {
        @Test
        void letsTheDescriptorInWorkEnd() {
            plx.descriptor(0, VALID | 0x2_0000, 0x8000, 0x4_0000);
            plx.descriptor(1, VALID | 4, 0x8000, 0x9000);
            plx.start();
            plx.finish(2);
            plx.write(CTRL, 0x1701);
            plx.finish();
            assertThat(plx.outcome(0)).isEqualTo(SUCCESS | 0x2_0000);
            assertThat(plx.outcome(1)).isEqualTo(VALID | 4);
            assertThat(plx.read(CTRL) & PAUSE_DONE).isNotZero();
            plx.start();
            plx.finish();
            assertThat(plx.outcome(1)).as("once started again").isEqualTo(SUCCESS | 4);
        }

        @Test
        void ofAnIdleEngineIsThroughSoon() {
            plx.write(CTRL, 1);
            assertThat(plx.read(CTRL) & PAUSE_DONE).isZero();
            plx.finish();
            assertThat(plx.read(CTRL) & PAUSE_DONE).isNotZero();
        }
    }

    @Nested
    class AnAbort {
        @Test
        void leavesTheDescriptorInWorkAsItIs() {
            plx.descriptor(0, VALID | 0x2_0000, 0x8000, 0x4_0000);
            plx.start();
            plx.finish(2);
            plx.write(CTRL, 2);
            plx.finish();
            assertThat(plx.outcome(0)).isEqualTo(VALID | 0x2_0000);
            assertThat(plx.read(CTRL) & (ABORT_DONE | IN_PROGRESS)).isEqualTo(ABORT_DONE);
            assertThat(plx.read(0x21c)).isEqualTo(RING);
        }

        @Test
        void doesNotKeepTheEngineFromStartingAtOnce() {
            plx.descriptor(0, VALID | 0x2_0000, 0x8000, 0x4_0000);
            plx.start();
            plx.finish(2);
            plx.write(CTRL, 2);
            plx.start();
            plx.finish();
            assertThat(plx.outcome(0)).isEqualTo(SUCCESS | 0x2_0000);
        }
    }

    @Nested
    class TheCardsOwnMemory {
        @Test
        void isASourceAndADestinationAndTheCpusToo() {
            plx.fill(0x8000, 5000, 7);
            plx.descriptor(0, VALID | 5000, 0x8000, OWN + 0x123);
            plx.descriptor(1, VALID | 5000, OWN + 0x123, 0x2_0000);
            plx.start();
            plx.finish();
            assertThat(plx.outcome(1)).isEqualTo(SUCCESS | 5000);
            assertThat(plx.same(0x8000, 0x2_0000, 5000)).isTrue();
        }

        @Test
        void endsWhereItsRegionEnds() {
            plx.descriptor(0, VALID | 0x200, 0x8000, OWN + PlxDma.MEMORY_BYTES - 0x100);
            plx.start();
            plx.finish();
            assertThat(plx.outcome(0)).isEqualTo(WRITE_FAIL | 0x100);
        }
    }

    @Test
    void aTransferOfBlockModeIsNamedInRegisters() {
        plx.fill(0x8000, 100, 5);
        plx.write(0x200, 0x8000);
        plx.write(0x208, 0x9000);
        plx.write(0x210, 100);
        plx.write(CTRL, 0x8);
        plx.finish();
        assertThat(plx.same(0x8000, 0x9000, 100)).isTrue();
        assertThat(plx.read(INTR)).isEqualTo(DONE_EVENT);
    }

    @Test
    void addressesOf64BitsTakeLongerOnTheLink() {
        assertThat(Timing.linkPs(4096, 64, true) - Timing.linkPs(4096, 64, false))
                .isEqualTo(64 * 4 * Timing.BYTE_PS);
    }
}
