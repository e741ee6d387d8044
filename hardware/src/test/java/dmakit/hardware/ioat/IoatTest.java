package dmakit.hardware.ioat;

import static dmakit.hardware.ioat.IoatBench.COMPLETION;
import static dmakit.hardware.ioat.IoatBench.END;
import static dmakit.hardware.ioat.IoatBench.RING;
import static dmakit.hardware.ioat.IoatBench.control;
import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.ioat.IoatChannelRegister;
import dmakit.datasheet.ioat.IoatChannelRegister.Chancmd;
import dmakit.datasheet.ioat.IoatChannelRegister.Chanerr;
import dmakit.datasheet.ioat.IoatChannelRegister.ChanstsLow;
import dmakit.datasheet.ioat.IoatChannelRegister.Status;
import dmakit.datasheet.ioat.IoatDescriptor.Control;
import dmakit.datasheet.ioat.IoatDescriptor.Op;
import dmakit.datasheet.ioat.IoatDescriptor.Size;
import dmakit.datasheet.ioat.IoatRegister;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class IoatTest {
    private static final int SOURCE = 0x1_0000;
    private static final int DEST = 0x8_0000;
    private static final int NOWHERE = 0x4000_0000;
    private static final int SIZE = 10_000;

    private IoatBench bench = new IoatBench(Ioat.Kind.SOURCES_16);

    @AfterEach
    void close() {
        bench.close();
    }

    private Status status(int channel) {
        int low = bench.read(channel, IoatChannelRegister.CHANSTS_LOW);
        return Status.values()[ChanstsLow.STATUS.get(low)];
    }

    private int errors(int channel) {
        return bench.read(channel, IoatChannelRegister.CHANERR);
    }

    private void copy(int place, int from, int to, int more) {
        bench.descriptor(place, control(Op.COPY, 0, more), SIZE, from, to);
    }

    @Nested
    class AChain {
        @Test
        void isWalkedAsFarAsItIsAnnounced() {
            bench.fill(SOURCE, SIZE, 1);
            copy(0, SOURCE, DEST, END);
            copy(1, SOURCE, DEST + SIZE, END);
            copy(2, SOURCE, DEST + 2 * SIZE, END);
            bench.start(0, RING, 2);
            bench.finish();
            assertThat(bench.peek(DEST, SIZE)).isEqualTo(bench.peek(SOURCE, SIZE));
            assertThat(bench.peek(DEST + SIZE, SIZE)).isEqualTo(bench.peek(SOURCE, SIZE));
            assertThat(bench.peek(DEST + 2 * SIZE, SIZE)).containsOnly(0);
            assertThat(status(0)).isEqualTo(Status.DONE);
            assertThat(bench.load64(COMPLETION)).isEqualTo(RING + 64 | Status.DONE.ordinal());
            bench.announce(0, 3);
            assertThat(status(0)).isEqualTo(Status.ACTIVE);
            bench.finish();
            assertThat(bench.peek(DEST + 2 * SIZE, SIZE)).isEqualTo(bench.peek(SOURCE, SIZE));
        }

        @Test
        void thatLeadsToItselfEndsWithItsCount() {
            bench.descriptor(0, control(Op.COPY, 1, 0), 1);
            bench.store64(RING + 24, RING);
            bench.start(0, RING, 0xffff);
            bench.finish();
            assertThat(status(0)).isEqualTo(Status.DONE);
        }

        @Test
        void tellsItsCompletionOnlyWhereItIsAskedTo() {
            copy(0, SOURCE, DEST, 0);
            bench.start(0, RING, 1);
            bench.finish();
            assertThat(bench.load64(COMPLETION)).isZero();
            assertThat(bench.pci.pin.isAsserted()).isFalse();
        }

        @Test
        void beginsAtAMultipleOf64() {
            bench.start(0, RING + 8, 1);
            assertThat(status(0)).isEqualTo(Status.HALTED);
            assertThat(errors(0)).isEqualTo(Chanerr.CHAIN_ADDRESS_VALUE.mask());
        }
    }

    @Nested
    class Interrupts {
        @Test
        void comeAgainWhenTheyAreRearmed() {
            copy(0, SOURCE, DEST, END);
            copy(1, SOURCE, DEST, END);
            bench.start(0, RING, 1);
            bench.finish();
            assertThat(bench.pci.pin.isAsserted()).isTrue();
            assertThat(bench.read(IoatRegister.ATTNSTATUS)).isEqualTo(1);
            assertThat(bench.pci.pin.isAsserted()).isFalse();
            bench.announce(0, 2);
            bench.finish();
            assertThat(bench.pci.pin.isAsserted()).as("not rearmed").isFalse();
            bench.write(0, IoatChannelRegister.CHANCTRL, 0x1d);
            assertThat(bench.pci.pin.isAsserted()).as("what was missed").isTrue();
        }
    }

    @Nested
    class Sums {
        @Test
        void ofSixteenSourcesAreReadFromASuperExtendedDescriptor() {
            int sed = 0x2000;
            int length = 300;
            byte[] p = new byte[length];
            byte[] q = new byte[length];
            byte[][] rows = new byte[16][];
            for (int i = 0; i < 16; i++) {
                rows[i] = bench.fill(SOURCE + 0x1000L * i, length, i);
                for (int at = 0; at < length; at++) {
                    p[at] ^= rows[i][at];
                    q[at] ^= (byte) Field256.product(i + 1, rows[i][at] & 0xff);
                }
                if (i >= 2) {
                    bench.store64(sed + 8L * (i - 1), SOURCE + 0x1000L * i);
                }
            }
            bench.store64(sed, 0x100f_0e0d_0c0b_0a09L);
            bench.descriptor(
                    0,
                    control(Op.PQ_16S, 16, END),
                    length,
                    SOURCE,
                    DEST,
                    0,
                    SOURCE + 0x1000,
                    sed,
                    0x0807_0605_0403_0201L,
                    DEST + 0x1000);
            bench.start(0, RING, 1);
            bench.finish();
            assertThat(errors(0)).isZero();
            assertThat(bench.peek(DEST, length)).isEqualTo(p);
            assertThat(bench.peek(DEST + 0x1000, length)).isEqualTo(q);
        }

        @Test
        void goOnInASecondDescriptorThatCountsAsWell() {
            bench.close();
            bench = new IoatBench(Ioat.Kind.SOURCES_8);
            byte[] expected = new byte[SIZE];
            long[] sources = new long[8];
            for (int i = 0; i < 8; i++) {
                sources[i] = SOURCE + 0x4000L * i;
                byte[] row = bench.fill(sources[i], SIZE, i);
                for (int at = 0; at < SIZE; at++) {
                    expected[at] ^= row[at];
                }
            }
            bench.descriptor(
                    0,
                    control(Op.XOR, 8, 0),
                    SIZE,
                    sources[0],
                    DEST,
                    0,
                    sources[1],
                    sources[2],
                    sources[3],
                    sources[4]);
            bench.descriptor(1, (int) (sources[5] >>> 32), (int) sources[5]);
            bench.store64(RING + 64 + 8, sources[6]);
            bench.store64(RING + 64 + 16, sources[7]);
            bench.descriptor(2, control(Op.COPY, 1, END), 1);
            bench.start(0, RING, 3);
            bench.finish();
            assertThat(bench.peek(DEST, SIZE)).isEqualTo(expected);
            assertThat(bench.load64(COMPLETION)).isEqualTo(RING + 128 | Status.DONE.ordinal());
        }

        @Test
        void areCheckedAndWrittenBackOrHalt() {
            for (boolean masked : new boolean[] {true, false}) {
                bench.close();
                bench = new IoatBench(Ioat.Kind.SOURCES_16);
                bench.fill(SOURCE, 64, 1);
                bench.fill(SOURCE + 64, 64, 2);
                bench.write(0, IoatChannelRegister.CHANERRMSK, masked ? 0x3_0000 : 0);
                bench.descriptor(
                        0,
                        control(Op.PQ_VAL, 2, END | Control.WB_EN.mask()),
                        64,
                        SOURCE,
                        DEST,
                        0,
                        SOURCE + 64,
                        0,
                        0x0201,
                        DEST + 64);
                bench.start(0, RING, 1);
                bench.finish();
                int written = (int) bench.load64(RING);
                assertThat(Size.WBES.isSet(written)).isTrue();
                assertThat(Size.P_VAL_ERR.isSet(written)).isTrue();
                assertThat(Size.Q_VAL_ERR.isSet(written)).isTrue();
                assertThat(status(0)).isEqualTo(masked ? Status.DONE : Status.HALTED);
                assertThat(errors(0)).isEqualTo(masked ? 0 : 0x3_0000);
            }
        }

        @Test
        void areNotOfferedByTheWrongFunction() {
            bench.descriptor(0, control(Op.XOR, 2, 0), 64, SOURCE, DEST, 0, SOURCE);
            bench.start(0, RING, 1);
            bench.finish();
            assertThat(errors(0)).isEqualTo(Chanerr.CONTROL.mask());
        }

        @Test
        void haveNoMoreThanEightSourcesInAShortDescriptor() {
            bench.descriptor(0, control(Op.PQ, 9, 0), 64, SOURCE, DEST, 0, SOURCE);
            bench.start(0, RING, 1);
            bench.finish();
            assertThat(errors(0)).isEqualTo(Chanerr.CONTROL.mask());
        }
    }

    @Nested
    class Errors {
        private void haltsWith(Chanerr error) {
            bench.start(0, RING, 1);
            bench.finish();
            assertThat(status(0)).isEqualTo(Status.HALTED);
            assertThat(errors(0)).isEqualTo(error.mask());
            bench.write(0, IoatChannelRegister.CHANERR, -1);
            assertThat(errors(0)).isZero();
        }

        @Test
        void areNamedByTheirCause() {
            copy(0, NOWHERE, DEST, END);
            haltsWith(Chanerr.READ_DATA);
            assertThat(bench.load64(COMPLETION)).isEqualTo(Status.HALTED.ordinal());
            copy(0, SOURCE, NOWHERE, END);
            haltsWith(Chanerr.WRITE_DATA);
            bench.descriptor(0, 0x5500_0000, 64, SOURCE, DEST);
            haltsWith(Chanerr.CONTROL);
            bench.descriptor(0, 0, 0, SOURCE, DEST);
            haltsWith(Chanerr.LENGTH);
            bench.descriptor(0, 0, (1 << 20) + 1, SOURCE, DEST);
            haltsWith(Chanerr.LENGTH);
            bench.descriptor(
                    0, control(Op.PQ_16S, 9, 0), 64, SOURCE, DEST, 0, SOURCE, NOWHERE, 0, DEST);
            haltsWith(Chanerr.SED_ADDRESS);
        }

        @Test
        void ofTheNextDescriptorAreNamedToo() {
            copy(0, SOURCE, DEST, 0);
            bench.store64(RING + 24, NOWHERE);
            bench.start(0, RING, 2);
            bench.finish();
            assertThat(errors(0)).isEqualTo(Chanerr.NEXT_ADDRESS.mask());
            bench.write(0, IoatChannelRegister.CHANERR, -1);
            bench.store64(RING + 24, RING + 1);
            bench.start(0, RING, 2);
            bench.finish();
            assertThat(errors(0)).isEqualTo(Chanerr.NEXT_DESC_ALIGN.mask());
        }

        @Test
        void ofTheCompletionHalt() {
            bench.write(0, IoatChannelRegister.CHANCMP_LOW, NOWHERE);
            copy(0, SOURCE, DEST, END);
            bench.start(0, RING, 1);
            bench.finish();
            assertThat(errors(0)).isEqualTo(Chanerr.COMPLETION_ADDRESS.mask());
        }

        @Test
        void keepTheChannelHaltedUntilTheyAreCleared() {
            copy(0, NOWHERE, DEST, END);
            bench.start(0, RING, 1);
            bench.finish();
            copy(0, SOURCE, DEST, END);
            bench.start(0, RING, 1);
            bench.finish();
            assertThat(status(0)).isEqualTo(Status.HALTED);
            bench.write(0, IoatChannelRegister.CHANERR, -1);
            bench.start(0, RING, 1);
            bench.finish();
            assertThat(status(0)).isEqualTo(Status.DONE);
        }
    }

    @Nested
    class Commands {
        @Test
        void suspendAtTheEndOfTheStepAndResume() {
            bench.fill(SOURCE, SIZE, 3);
            copy(0, SOURCE, DEST, END);
            bench.start(0, RING, 1);
            bench.finish(2);
            bench.command(0, Chancmd.SUSPEND.mask());
            assertThat(status(0)).isEqualTo(Status.ACTIVE);
            bench.finish();
            assertThat(status(0)).isEqualTo(Status.SUSPENDED);
            assertThat(bench.peek(DEST + SIZE - 1, 1)).containsOnly(0);
            bench.command(0, Chancmd.RESUME.mask());
            bench.finish();
            assertThat(status(0)).isEqualTo(Status.DONE);
            assertThat(bench.peek(DEST, SIZE)).isEqualTo(bench.peek(SOURCE, SIZE));
        }

        @Test
        void resetKeepsWhereCompletionsGo() {
            copy(0, SOURCE, DEST, END);
            bench.start(0, RING, 1);
            bench.finish(1);
            bench.command(0, Chancmd.RESET.mask());
            bench.finish();
            assertThat(status(0)).isEqualTo(Status.HALTED);
            assertThat(errors(0)).isZero();
            assertThat(bench.read(0, IoatChannelRegister.CHANCMP_LOW)).isEqualTo(COMPLETION);
            bench.start(0, RING, 1);
            bench.finish();
            assertThat(status(0)).isEqualTo(Status.DONE);
        }
    }

    @Test
    void channelsTakeTurns() {
        for (int channel = 0; channel < 4; channel++) {
            bench.descriptor(channel, control(Op.COPY, 0, 0), 0x1_0000, SOURCE, DEST);
            bench.write(channel, IoatChannelRegister.CHAINADDR_LOW, RING + 64 * channel);
            bench.announce(channel, 1);
        }
        bench.finish(4 * 16);
        for (int channel = 0; channel < 4; channel++) {
            assertThat(status(channel)).isEqualTo(Status.ACTIVE);
        }
        bench.finish();
        for (int channel = 0; channel < 4; channel++) {
            assertThat(status(channel)).isEqualTo(Status.DONE);
        }
    }

    @Test
    void productsAreThoseOfTheField() {
        assertThat(Field256.product(2, 0x80)).isEqualTo(0x1d);
        for (int a = 0; a < 256; a++) {
            assertThat(Field256.product(a, 1)).isEqualTo(a);
            for (int b = 0; b < 256; b++) {
                assertThat(Field256.product(a, b)).isEqualTo(Field256.product(b, a));
                int withoutLast = Field256.product(a, b & ~1) ^ ((b & 1) != 0 ? a : 0);
                assertThat(Field256.product(a, b)).as("distributes").isEqualTo(withoutLast);
            }
        }
        int power = 1;
        int order = 0;
        do {
            power = Field256.product(power, 2);
            order++;
        } while (power != 1);
        assertThat(order).as("2 generates the field").isEqualTo(255);
    }
}
