package dmakit.hardware.xdmac;

import static dmakit.hardware.xdmac.XdmacBench.COPY;
import static dmakit.hardware.xdmac.XdmacBench.RECORDER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.datasheet.xdmac.XdmacChannelRegister;
import dmakit.datasheet.xdmac.XdmacChannelRegister.Addressing;
import dmakit.datasheet.xdmac.XdmacChannelRegister.Cc;
import dmakit.datasheet.xdmac.XdmacChannelRegister.Cis;
import dmakit.datasheet.xdmac.XdmacDescriptor.Ubc;
import dmakit.datasheet.xdmac.XdmacLayout;
import dmakit.datasheet.xdmac.XdmacRegister;
import dmakit.datasheet.xdmac.XdmacRegister.Gtype;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class XdmacTest {
    private static final int SOURCE = 0x10_0000;
    private static final int DEST = 0x20_0000;
    private static final int LIST = 0x1000;
    private static final int NOWHERE = 0x4000_0000;
    private static final int WORDS = COPY | Cc.DWIDTH.of(2);
    private static final int UPDATES = Ubc.NSEN.mask() | Ubc.NDEN.mask();

    private final XdmacBench bench = new XdmacBench();

    @AfterEach
    void closeMachine() {
        bench.close();
    }

    private int status(int channel) {
        return bench.read(channel, XdmacChannelRegister.CIS);
    }

    private boolean isEnabled(int channel) {
        return (bench.read(XdmacRegister.GS) & 1 << channel) != 0;
    }

    @Nested
    class AfterPowerOn {
        @Test
        void itSaysHowManyChannelsItHas() {
            assertThat(Gtype.NB_CH.get(bench.read(XdmacRegister.GTYPE))).isEqualTo(15);
        }

        @Test
        void itHas1To32Channels() {
            try (XdmacBench most = new XdmacBench(XdmacLayout.SAMA5D4, 32)) {
                most.fill(SOURCE, 64, 1);
                most.start(31, WORDS, SOURCE, DEST, 16, 0);
                most.finish();
                assertThat(most.peek(DEST, 64)).isEqualTo(most.peek(SOURCE, 64));
                assertThat(Gtype.NB_CH.get(most.read(XdmacRegister.GTYPE))).isEqualTo(31);
            }
            assertThatThrownBy(() -> new XdmacBench(XdmacLayout.SAMA5D4, 33))
                    .isInstanceOf(IllegalArgumentException.class);
        }

        @Test
        void nothingRuns() {
            assertThat(bench.read(XdmacRegister.GS)).isZero();
            assertThat(bench.finish()).isZero();
        }
    }

    @Nested
    class ABlock {
        @Test
        void isCopiedAndLeavesItsAddressesBehindTheLastByte() {
            bench.fill(SOURCE, 400, 1);
            bench.start(3, WORDS, SOURCE, DEST, 100, 0);
            bench.finish();
            assertThat(bench.peek(DEST, 400)).isEqualTo(bench.peek(SOURCE, 400));
            assertThat(bench.peek(DEST + 400, 4)).containsOnly(0);
            assertThat(bench.read(3, XdmacChannelRegister.CSA)).isEqualTo(SOURCE + 400);
            assertThat(bench.read(3, XdmacChannelRegister.CDA)).isEqualTo(DEST + 400);
            assertThat(bench.read(3, XdmacChannelRegister.CUBC)).isZero();
            assertThat(isEnabled(3)).isFalse();
            assertThat(status(3)).isEqualTo(Cis.BIS.mask());
            assertThat(status(3)).as("a load clears it").isZero();
        }

        @Test
        void holdsTheBusForItsBursts() {
            long before = bench.now();
            bench.start(0, WORDS, SOURCE, DEST, 40, 0);
            bench.finish();
            // Bursts of 16, 16 and 8 words: 12 + n cycles to read, 4 + n to write.
            assertThat(bench.now() - before).isEqualTo((3 * 16 + 2 * 40) * Timing.CYCLE_PS);
        }

        @Test
        void ofSeveralMicroblocksSkipsTheStridesBetweenThem() {
            byte[] source = bench.fill(SOURCE, 256, 1);
            bench.write(0, XdmacChannelRegister.CSUS, 8);
            bench.write(0, XdmacChannelRegister.CDUS, -4);
            int strided = Addressing.MICROBLOCK_STRIDE.ordinal();
            bench.start(0, Cc.SAM.with(Cc.DAM.with(WORDS, strided), strided), SOURCE, DEST, 4, 2);
            bench.finish();
            byte[] expected = new byte[40];
            System.arraycopy(source, 0, expected, 0, 16);
            System.arraycopy(source, 24, expected, 12, 16);
            System.arraycopy(source, 48, expected, 24, 16);
            assertThat(bench.peek(DEST, 40)).isEqualTo(expected);
        }

        @Test
        void withDataStridesGathersBytes() {
            byte[] source = bench.fill(SOURCE, 256, 1);
            bench.write(0, XdmacChannelRegister.CDS_MSP, 3);
            bench.start(
                    0, Cc.SAM.with(COPY, Addressing.DATA_STRIDE.ordinal()), SOURCE, DEST, 20, 0);
            bench.finish();
            byte[] expected = new byte[20];
            for (int i = 0; i < 20; i++) {
                expected[i] = source[4 * i];
            }
            assertThat(bench.peek(DEST, 20)).isEqualTo(expected);
        }

        @Test
        void ofNoDataEndsAtOnce() {
            bench.start(0, WORDS, SOURCE, DEST, 0, 0);
            bench.finish();
            assertThat(status(0)).isEqualTo(Cis.BIS.mask());
            assertThat(isEnabled(0)).isFalse();
        }

        @Test
        void fillsWithThePattern() {
            bench.write(0, XdmacChannelRegister.CDS_MSP, 0x0403_0201);
            bench.start(0, WORDS | Cc.MEMSET.mask(), NOWHERE, DEST, 5000, 0);
            bench.finish();
            byte[] expected = new byte[20_000];
            for (int i = 0; i < expected.length; i++) {
                expected[i] = (byte) (i % 4 + 1);
            }
            assertThat(bench.peek(DEST, 20_000)).isEqualTo(expected);
        }

        @Test
        void takesNoStoresToItsRegistersWhileItRuns() {
            bench.start(0, WORDS, SOURCE, DEST, 4000, 0);
            bench.pass(Timing.CYCLE_PS);
            bench.write(0, XdmacChannelRegister.CDA, 0);
            bench.finish();
            assertThat(bench.read(0, XdmacChannelRegister.CDA)).isEqualTo(DEST + 16_000);
        }
    }

    @Nested
    class AList {
        @Test
        void isWalkedInAllViews() {
            bench.fill(SOURCE, 64, 1);
            bench.write(0, XdmacChannelRegister.CC, WORDS);
            int to1 = Ubc.NDE.mask() | UPDATES | Ubc.NVIEW.of(1) | 4;
            int to2 = Ubc.NDE.mask() | UPDATES | Ubc.NVIEW.of(2) | 4;
            int to0 = Ubc.NDE.mask() | Ubc.NSEN.mask() | Ubc.NVIEW.of(0) | 4;
            bench.descriptor(LIST, LIST + 0x40, to1, SOURCE, DEST, WORDS, 0, 0, 0, 0);
            bench.descriptor(LIST + 0x40, LIST + 0x80, to2, SOURCE + 16, DEST + 32);
            bench.descriptor(LIST + 0x80, LIST + 0xc0, to0, SOURCE + 32, DEST + 64, WORDS);
            bench.descriptor(LIST + 0xc0, 0, 4, SOURCE);
            bench.startList(0, LIST, 3);
            bench.finish();
            assertThat(bench.peek(DEST, 16)).isEqualTo(bench.peek(SOURCE, 16));
            assertThat(bench.peek(DEST + 32, 16)).isEqualTo(bench.peek(SOURCE + 16, 16));
            assertThat(bench.peek(DEST + 64, 16)).isEqualTo(bench.peek(SOURCE + 32, 16));
            assertThat(bench.peek(DEST + 80, 16)).as("goes on").isEqualTo(bench.peek(SOURCE, 16));
            assertThat(status(0)).isEqualTo(Cis.BIS.mask() | Cis.LIS.mask());
        }

        @Test
        void thatLeadsToItselfGoesOnUntilItIsDisabled() {
            bench.descriptor(LIST, LIST, Ubc.NDE.mask() | UPDATES | Ubc.NVIEW.of(1), SOURCE, DEST);
            bench.startList(0, LIST, 1);
            assertThat(bench.finish(1000)).isEqualTo(1000);
            bench.write(XdmacRegister.GD, 1);
            assertThat(bench.finish()).isLessThan(3);
            assertThat(isEnabled(0)).isFalse();
            assertThat(status(0)).isEqualTo(Cis.DIS.mask() | Cis.BIS.mask());
        }

        @Test
        void thatCannotBeReadStopsTheChannel() {
            bench.startList(0, NOWHERE, 3);
            bench.finish();
            assertThat(status(0)).isEqualTo(Cis.RBEIS.mask());
            assertThat(isEnabled(0)).isTrue();
            bench.write(XdmacRegister.GD, 1);
            assertThat(isEnabled(0)).isFalse();
        }
    }

    @Nested
    class ARefusedAccess {
        @Test
        void ofTheSourceSaysSoAndTheChannelStandsWhereItIs() {
            bench.start(2, WORDS, NOWHERE, DEST, 100, 0);
            bench.finish();
            assertThat(status(2)).isEqualTo(Cis.RBEIS.mask());
            assertThat(bench.read(2, XdmacChannelRegister.CUBC)).isEqualTo(100);
            assertThat(isEnabled(2)).isTrue();
        }

        @Test
        void ofTheDestinationSaysSo() {
            bench.start(2, WORDS, SOURCE, NOWHERE, 100, 0);
            bench.finish();
            assertThat(status(2)).isEqualTo(Cis.WBEIS.mask());
        }

        @Test
        void inTheMiddleOfARunKeepsWhatWasMovedBefore() {
            int end = (int) XdmacBench.RAM_SIZE;
            bench.fill(SOURCE, 128, 1);
            bench.start(2, WORDS, SOURCE, end - 64, 32, 0);
            bench.finish();
            assertThat(bench.peek(end - 64, 64)).isEqualTo(bench.peek(SOURCE, 64));
            assertThat(status(2)).isEqualTo(Cis.WBEIS.mask());
        }
    }

    @Nested
    class Interrupts {
        @Test
        void areTheChannelsThatAreUnmaskedTwice() {
            bench.write(1, XdmacChannelRegister.CIE, Cis.BIS.mask());
            bench.start(1, WORDS, SOURCE, DEST, 4, 0);
            bench.finish();
            assertThat(bench.read(XdmacRegister.GIS)).isEqualTo(2);
            assertThat(bench.irq.isAsserted()).isFalse();
            bench.write(XdmacRegister.GIE, 2);
            assertThat(bench.irq.isAsserted()).isTrue();
            status(1);
            assertThat(bench.irq.isAsserted()).isFalse();
        }
    }

    @Nested
    class APeripheral {
        private static final int LINE = 9;
        private static final int TO_DEVICE =
                Cc.TYPE.mask()
                        | Cc.DSYNC.mask()
                        | Cc.PERID.of(LINE)
                        | Cc.SAM.of(Addressing.INCREMENTED.ordinal())
                        | Cc.CSIZE.of(2)
                        | Cc.DWIDTH.of(2);

        @Test
        void getsAChunkForEachRequest() {
            List<Long> stored = bench.attachRecorder();
            bench.start(0, TO_DEVICE, SOURCE, RECORDER, 10, 0);
            bench.finish();
            assertThat(stored).isEmpty();
            bench.dma.request(LINE).onAcknowledge(_ -> bench.dma.request(LINE).set(false));
            bench.dma.request(LINE).set(true);
            bench.finish();
            assertThat(stored).hasSize(4);
            bench.dma.request(LINE).set(true);
            bench.finish();
            bench.dma.request(LINE).set(true);
            bench.finish();
            assertThat(stored).as("the last chunk is what is left").hasSize(10);
            assertThat(status(0)).isEqualTo(Cis.BIS.mask());
        }

        @Test
        void canBeAskedForBySoftware() {
            List<Long> stored = bench.attachRecorder();
            bench.start(0, TO_DEVICE | Cc.SWREQ.mask(), SOURCE, RECORDER, 8, 0);
            bench.finish();
            bench.write(XdmacRegister.GSWR, 1);
            assertThat(bench.read(XdmacRegister.GSWS)).isEqualTo(1);
            bench.finish();
            assertThat(stored).hasSize(4);
            assertThat(bench.read(XdmacRegister.GSWS)).isZero();
        }

        @Test
        void isFlushedAtOnceBetweenChunks() {
            bench.start(0, TO_DEVICE, SOURCE, RECORDER, 10, 0);
            bench.finish();
            bench.write(XdmacRegister.GSWF, 1);
            assertThat(status(0)).isEqualTo(Cis.FIS.mask());
        }
    }

    @Nested
    class Suspension {
        @Test
        void restsAtTheEndOfTheBurstAndGoesOnWhereItWas() {
            bench.fill(SOURCE, 40_000, 2);
            bench.start(0, WORDS, SOURCE, DEST, 10_000, 0);
            bench.pass(1000 * Timing.CYCLE_PS);
            bench.write(XdmacRegister.GRWS, 1);
            assertThat(Cc.WRIP.isSet(bench.read(0, XdmacChannelRegister.CC))).isTrue();
            bench.finish();
            assertThat(Cc.WRIP.isSet(bench.read(0, XdmacChannelRegister.CC))).isFalse();
            int left = bench.read(0, XdmacChannelRegister.CUBC);
            assertThat(left).isBetween(9_000, 9_999);
            assertThat(isEnabled(0)).isTrue();
            bench.write(XdmacRegister.GRWR, 1);
            bench.finish();
            assertThat(bench.peek(DEST, 40_000)).isEqualTo(bench.peek(SOURCE, 40_000));
        }

        @Test
        void ofReadsDoesNotStopAFill() {
            bench.write(XdmacRegister.GRS, 1);
            bench.start(0, WORDS | Cc.MEMSET.mask(), 0, DEST, 100, 0);
            bench.finish();
            assertThat(status(0)).isEqualTo(Cis.BIS.mask());
        }

        @Test
        void endsWithTheChannel() {
            bench.write(XdmacRegister.GRWS, 1);
            bench.start(0, WORDS, SOURCE, DEST, 100, 0);
            bench.finish();
            assertThat(isEnabled(0)).isTrue();
            bench.write(XdmacRegister.GD, 1);
            bench.start(0, WORDS, SOURCE, DEST, 100, 0);
            bench.finish();
            assertThat(isEnabled(0)).isFalse();
        }
    }

    @Nested
    class Arbitration {
        @Test
        void isRoundRobinWithinAPoolAndByWeightBetweenPools() {
            Arbiter arbiter = new Arbiter(16);
            arbiter.weights(0x0001); // pool 0 wins twice in a row
            int[] won = new int[9];
            for (int i = 0; i < won.length; i++) {
                won[i] = arbiter.choose(1 | 1 << 4 | 1 << 2);
            }
            assertThat(won).containsExactly(0, 4, 2, 0, 4, 2, 0, 4, 2);
        }

        @Test
        void letsChannelsShareTheBus() {
            bench.start(0, WORDS, SOURCE, DEST, 10_000, 0);
            bench.start(1, WORDS, SOURCE, DEST + 0x10_0000, 10_000, 0);
            bench.pass(48L * 200 * Timing.CYCLE_PS);
            int a = bench.read(0, XdmacChannelRegister.CUBC);
            int b = bench.read(1, XdmacChannelRegister.CUBC);
            assertThat(Math.abs(a - b)).isLessThanOrEqualTo(16);
            assertThat(a).isLessThan(10_000);
        }
    }

    @Test
    void aTransferIntoItsOwnRegistersDisablesItAndNothingElseHappens() {
        bench.poke(SOURCE, new byte[] {-1, -1, -1, -1});
        bench.start(
                0,
                Cc.SAM.of(0) | Cc.DAM.of(0) | Cc.DWIDTH.of(2) | Cc.MBSIZE.of(3),
                SOURCE,
                (int) XdmacBench.DMA_PHYS + XdmacRegister.GD.offset(),
                1000,
                0);
        bench.finish();
        assertThat(bench.read(XdmacRegister.GS)).isZero();
        assertThat(Arrays.stream(new int[] {status(0)})).containsExactly(Cis.DIS.mask());
    }
}
