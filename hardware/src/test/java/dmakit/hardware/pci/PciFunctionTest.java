package dmakit.hardware.pci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dmakit.datasheet.pci.MsiRegister;
import dmakit.datasheet.pci.MsixRegister;
import dmakit.hardware.RegisterMemory;
import dmakit.hardware.pci.PciBench.Doorbell;
import dmakit.machine.bus.BusAnswer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Offsets and bits here are those of a driver's headers, not of the tables under test. */
class PciFunctionTest {
    private static final PciIdentity IDENTITY =
            new PciIdentity(0x10ee, 0x7024, 0x058000, 2, 0x1af4, 0x1100);
    private static final long DOORBELL = 0xfee0_0000L;
    private static final int MASTER = 0x4;
    private static final int MEMORY = 0x2;
    private static final int INTX_DISABLE = 0x400;

    private final PciFunction function = new PciFunction("card", IDENTITY);
    private final PciBench bench = new PciBench();
    private final Doorbell doorbell = new Doorbell();

    PciFunctionTest() {
        bench.machine.bus().attach("doorbell", DOORBELL, 0x1000, doorbell);
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private static Bar memory(int index, int size) {
        return new Bar(index, Bar.Width.MEMORY_32, size, new RegisterMemory(size));
    }

    /** Offset of a capability, found as a driver finds it. */
    private int capability(int id) {
        int at = bench.config(0x34) & 0xff;
        while (at != 0 && (bench.config(at) & 0xff) != id) {
            at = bench.config(at) >>> 8 & 0xff;
        }
        return at;
    }

    @Nested
    class TheHeader {
        @Test
        void saysWhoItIs() {
            bench.plug(function);
            assertThat(bench.config(0x00)).isEqualTo(0x7024_10ee);
            assertThat(bench.config(0x08)).isEqualTo(0x0580_0002);
            assertThat(bench.config(0x2c)).isEqualTo(0x1100_1af4);
            assertThat(bench.config(0x3c) >>> 8 & 0xff).as("INTA").isEqualTo(1);
        }

        @Test
        void takesNarrowAccesses() {
            bench.plug(function);
            long header = PciBench.CONFIG + (3 << 15);
            assertThat(bench.read(header + 2, 2)).isEqualTo(0x7024);
            assertThat(bench.read(header + 1, 1)).isEqualTo(0x10);
            bench.write(header + 0x3c, 1, 0x55);
            assertThat(bench.config(0x3c)).isEqualTo(0x155);
        }

        @Test
        void keepsWhatIsReadOnly() {
            bench.plug(function);
            bench.config(0x00, 0);
            bench.config(0x08, 0);
            assertThat(bench.config(0x00)).isEqualTo(0x7024_10ee);
            assertThat(bench.config(0x08)).isEqualTo(0x0580_0002);
        }

        @Test
        void anEmptySlotReadsOnes() {
            assertThat(bench.config(0x00)).isEqualTo(-1);
            bench.config(0x04, 6);
            assertThat(bench.config(0x04)).isEqualTo(-1);
        }
    }

    @Nested
    class ARegion {
        @Test
        void tellsItsSizeByTheBitsThatStay() {
            function.add(memory(0, 0x4000));
            bench.plug(function);
            bench.config(0x10, -1);
            assertThat(bench.config(0x10)).isEqualTo(0xffff_c000);
            bench.config(0x14, -1);
            assertThat(bench.config(0x14)).isZero();
        }

        @Test
        void of64BitsTakesTwoRegisters() {
            function.add(
                    new Bar(
                            2,
                            Bar.Width.MEMORY_64_PREFETCHABLE,
                            1L << 32,
                            new RegisterMemory(0x1000)));
            bench.plug(function);
            bench.config(0x18, -1);
            bench.config(0x1c, -1);
            assertThat(bench.config(0x18)).isEqualTo(0x0000_000c);
            assertThat(bench.config(0x1c)).isEqualTo(-1);
        }

        @Test
        void answersOnlyWhileMemorySpaceIsEnabled() {
            function.add(memory(0, 0x1000));
            bench.plug(function).enable();
            bench.write(PciBench.REGION + 8, 4, 0x1234_5678);
            assertThat(bench.read(PciBench.REGION + 8, 4)).isEqualTo(0x1234_5678);

            bench.config(0x04, MASTER);
            assertThat(bench.read(PciBench.REGION + 8, 4)).isEqualTo(0xffff_ffffL);
            bench.write(PciBench.REGION + 8, 4, 0);

            bench.config(0x04, MEMORY);
            assertThat(bench.read(PciBench.REGION + 8, 4)).isEqualTo(0x1234_5678);
        }

        @Test
        void doesNotAnswerWhileTheFunctionSleeps() {
            function.add(memory(0, 0x1000)).addPowerManagement();
            bench.plug(function).enable();
            int control = capability(0x01) + 4;
            bench.config(control, 3);
            assertThat(bench.read(PciBench.REGION, 4)).isEqualTo(0xffff_ffffL);
            bench.config(control, 0);
            assertThat(bench.read(PciBench.REGION, 4)).isZero();
        }

        @Test
        void hasAPowerOfTwoOfBytesWithinLimits() {
            assertThatIllegalArgumentException().isThrownBy(() -> memory(0, 0x3000));
            assertThatIllegalArgumentException().isThrownBy(() -> memory(0, 0x800));
            assertThatIllegalArgumentException().isThrownBy(() -> memory(6, 0x1000));
            assertThatIllegalArgumentException()
                    .isThrownBy(() ->
                            new Bar(
                                    0,
                                    Bar.Width.MEMORY_32,
                                    2 * Bar.SIZE_MAX_32,
                                    new RegisterMemory(1)));
            assertThatIllegalArgumentException()
                    .isThrownBy(() ->
                            new Bar(
                                    5,
                                    Bar.Width.MEMORY_64_PREFETCHABLE,
                                    0x1000,
                                    new RegisterMemory(1)));
        }
    }

    @Nested
    class AMaster {
        private final byte[] bytes = {1, 2, 3, 4};

        @Test
        void reachesMemoryOnlyWhileItMay() {
            bench.plug(function);
            assertThat(function.write(0x100, bytes, 0, 4)).isInstanceOf(BusAnswer.Fault.class);
            assertThat(bench.ram(0x100, 4)).containsExactly(0, 0, 0, 0);
            bench.config(0x04, MASTER);
            assertThat(function.write(0x100, bytes, 0, 4).isDone()).isTrue();
            assertThat(bench.ram(0x100, 4)).containsExactly(1, 2, 3, 4);
        }

        @Test
        void notesAnAddressThatNobodyAnswersAt() {
            bench.plug(function);
            bench.config(0x04, MASTER);
            function.write(0x8000_0000L, bytes, 0, 4);
            assertThat(bench.config(0x04) >>> 16 & 0x2000).as("master abort").isNotZero();
            bench.config(0x04, 0x2000_0000 | MASTER);
            assertThat(bench.config(0x04) >>> 16 & 0x2000).as("cleared by one").isZero();
        }
    }

    @Nested
    class ItsPin {
        @Test
        void followsTheDevice() {
            bench.plug(function);
            function.interrupt(true);
            assertThat(bench.pin.isAsserted()).isTrue();
            assertThat(bench.config(0x04) >>> 16 & 0x8).as("pending").isNotZero();
            function.interrupt(false);
            assertThat(bench.pin.isAsserted()).isFalse();
        }

        @Test
        void isSilentWhileDisabled() {
            bench.plug(function);
            bench.config(0x04, INTX_DISABLE);
            function.interrupt(true);
            assertThat(bench.pin.isAsserted()).isFalse();
            bench.config(0x04, 0);
            assertThat(bench.pin.isAsserted()).isTrue();
        }

        @Test
        void isSharedWithoutLosingALevel() {
            PciFunction other = new PciFunction("other", IDENTITY);
            bench.plug(function);
            bench.host.plug(other, 7, bench.pin);
            function.interrupt(true);
            other.interrupt(true);
            function.interrupt(false);
            assertThat(bench.pin.isAsserted()).isTrue();
            other.interrupt(false);
            assertThat(bench.pin.isAsserted()).isFalse();
        }
    }

    @Nested
    class Messages {
        @Test
        void areWrittenWhereTheCapabilitySays() {
            function.addMsi(2);
            bench.plug(function);
            bench.config(0x04, MASTER);
            int at = capability(0x05);
            bench.config(at + 4, (int) DOORBELL);
            bench.config(at + 12, 0x40);
            bench.config(at, 0x0021_0000);
            function.message(3);
            assertThat(doorbell.data).isEqualTo(0x43);
            function.interrupt(true);
            assertThat(bench.pin.isAsserted()).as("no pin with messages").isFalse();
        }

        @Test
        void coincideWhereTheSystemGaveFewer() {
            function.addMsi(2);
            bench.plug(function);
            bench.config(0x04, MASTER);
            int at = capability(0x05);
            bench.config(at + 4, (int) DOORBELL);
            bench.config(at + 12, 0x40);
            bench.config(at, 0x0001_0000);
            function.message(3);
            assertThat(doorbell.data).isEqualTo(0x40);
        }

        @Test
        void areNotSentWithoutBusMastering() {
            function.addMsi(0);
            bench.plug(function);
            int at = capability(0x05);
            bench.config(at + 4, (int) DOORBELL);
            bench.config(at, 0x0001_0000);
            function.message(0);
            assertThat(doorbell.count).isZero();
        }

        @Test
        void areAtMost32() {
            assertThatIllegalArgumentException().isThrownBy(() -> function.addMsi(6));
            assertThat(MsiRegister.VECTOR_COUNT_MAX).isEqualTo(32);
        }
    }

    @Nested
    class ATableOfMessages {
        private void enable(int control) {
            function.addMsix(4, 0);
            bench.plug(function).enable();
            bench.config(capability(0x11), control);
            for (int vector = 0; vector < 4; vector++) {
                long entry = PciBench.REGION + vector * 16L;
                bench.write(entry, 4, DOORBELL);
                bench.write(entry + 8, 4, 0x50 + vector);
            }
        }

        @Test
        void saysHowManyAndWhere() {
            enable(0);
            assertThat(bench.config(capability(0x11)) >>> 16 & 0x7ff).isEqualTo(3);
            assertThat(bench.config(capability(0x11) + 8)).isEqualTo(4 * 16);
        }

        @Test
        void startsMaskedAndKeepsWhatIsPending() {
            enable(0x8000_0000);
            function.message(2);
            assertThat(doorbell.count).isZero();
            assertThat(bench.read(PciBench.REGION + 64, 4)).as("pending").isEqualTo(4);
            bench.write(PciBench.REGION + 2 * 16 + 12, 4, 0);
            assertThat(doorbell.data).isEqualTo(0x52);
            assertThat(bench.read(PciBench.REGION + 64, 4)).isZero();
        }

        @Test
        void canBeMaskedAsAWhole() {
            enable(0xc000_0000);
            bench.write(PciBench.REGION + 12, 4, 0);
            function.message(0);
            assertThat(doorbell.count).isZero();
            bench.config(capability(0x11), 0x8000_0000);
            assertThat(doorbell.count).isEqualTo(1);
        }

        @Test
        void hasAtMost2048Entries() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> function.addMsix(MsixRegister.VECTOR_COUNT_MAX + 1, 0));
        }
    }

    @Test
    void aSlotTakesOneFunctionAndThereAre32() {
        bench.plug(function);
        PciFunction other = new PciFunction("other", IDENTITY);
        assertThatIllegalArgumentException().isThrownBy(() -> bench.plug(other));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> bench.host.plug(other, PciHost.SLOT_COUNT, bench.pin));
    }
}
