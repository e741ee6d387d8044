package dmakit.hardware.edu;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.edu.EduRegister;
import dmakit.hardware.pci.PciBench;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Offsets and bits here are those of QEMU's docs/specs/edu.rst, not of the table under test. */
class EduTest {
    private static final long BUFFER = 0x40000;

    private final PciBench bench = new PciBench();

    EduTest() {
        Edu edu =
                new Edu(bench.machine.clock(), bench.machine.trace(), "edu", EduRegister.DMA_MASK);
        bench.plug(edu.function()).enable();
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private int read(int offset) {
        return (int) bench.read(PciBench.REGION + offset, 4);
    }

    private void write(int offset, long value) {
        bench.write(PciBench.REGION + offset, 4, value & 0xffff_ffffL);
    }

    private void later(long ps) {
        bench.machine.clock().advanceBy(ps);
    }

    private void transfer(long from, long to, long bytes, int command) {
        write(0x80, from);
        write(0x88, to);
        write(0x90, bytes);
        write(0x98, command);
    }

    @Test
    void isTheOneOfTheDocument() {
        assertThat(bench.config(0)).isEqualTo(0x11e8_1234);
        assertThat(read(0x00) & 0xfff).isEqualTo(0x0ed);
        bench.config(0x10, -1);
        assertThat(bench.config(0x10)).as("1 MiB").isEqualTo(0xfff0_0000);
    }

    @Test
    void invertsWhatItIsGiven() {
        write(0x04, 0x1234_5678);
        assertThat(read(0x04)).isEqualTo(~0x1234_5678);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1",
        "1, 1",
        "5, 120",
        "12, 479001600",
        "13, 1932053504",
        "33, -2147483648",
        "34, 0",
        "-1, 0"
    })
    void computesFactorialsModulo32Bits(int n, int factorial) {
        write(0x08, n);
        assertThat(read(0x20) & 1).as("computing").isEqualTo(1);
        later(Edu.FACTOR_PS * (1L << 33));
        assertThat(read(0x20) & 1).isZero();
        assertThat(read(0x08)).isEqualTo(factorial);
        assertThat(read(0x24)).as("no interrupt unless asked").isZero();
    }

    @Test
    void ignoresANumberWhileItComputes() {
        write(0x08, 5);
        write(0x08, 6);
        later(Edu.FACTOR_PS * 10);
        assertThat(read(0x08)).isEqualTo(120);
    }

    @Test
    void interruptsWhenTheFactorialIsThere() {
        write(0x20, 0x80);
        write(0x08, 4);
        assertThat(bench.pin.isAsserted()).isFalse();
        later(Edu.FACTOR_PS * 10);
        assertThat(read(0x24)).isEqualTo(1);
        assertThat(bench.pin.isAsserted()).isTrue();
        write(0x64, 1);
        assertThat(read(0x24)).isZero();
        assertThat(bench.pin.isAsserted()).isFalse();
    }

    @Test
    void keepsInterruptingUntilAllCausesAreAcknowledged() {
        write(0x60, 0x12);
        write(0x64, 0x02);
        assertThat(read(0x24)).isEqualTo(0x10);
        assertThat(bench.pin.isAsserted()).isTrue();
        write(0x64, 0x10);
        assertThat(bench.pin.isAsserted()).isFalse();
    }

    @Test
    void readsOnesWhereTheDocumentAllowsNoAccess() {
        assertThat(bench.read(PciBench.REGION, 1)).isEqualTo(0xff);
        assertThat(bench.read(PciBench.REGION + 4, 8)).isEqualTo(-1);
        assertThat(read(0x0c)).isEqualTo(-1);
        assertThat(read((int) BUFFER)).isEqualTo(-1);
    }

    @Test
    void takesAddressesIn64Bits() {
        bench.write(PciBench.REGION + 0x80, 8, 0x1_2345_6789L);
        assertThat(bench.read(PciBench.REGION + 0x80, 8)).isEqualTo(0x1_2345_6789L);
        write(0x84, 7);
        assertThat(bench.read(PciBench.REGION + 0x80, 8)).isEqualTo(0x7_2345_6789L);
    }

    @Nested
    class ATransfer {
        private final byte[] bytes = {1, 2, 3, 4, 5, 6, 7, 8};

        @Test
        void movesThereAndBackIn100MillisecondsEach() {
            bench.ram(0x1000, bytes);
            transfer(0x1000, BUFFER, 8, 1);
            assertThat(read(0x98) & 1).isEqualTo(1);
            later(Edu.TRANSFER_PS - 1);
            assertThat(read(0x98) & 1).isEqualTo(1);
            later(1);
            assertThat(read(0x98) & 1).isZero();
            transfer(BUFFER, 0x2000, 8, 3);
            later(Edu.TRANSFER_PS);
            assertThat(bench.ram(0x2000, 8)).isEqualTo(bytes);
            assertThat(bench.pin.isAsserted()).isFalse();
        }

        @Test
        void interruptsWhereItIsAskedTo() {
            transfer(0x1000, BUFFER, 8, 5);
            later(Edu.TRANSFER_PS);
            assertThat(read(0x24)).isEqualTo(0x100);
            assertThat(bench.pin.isAsserted()).isTrue();
        }

        @Test
        void isNotDisturbedWhileItRuns() {
            bench.ram(0x1000, bytes);
            transfer(0x1000, BUFFER, 8, 1);
            write(0x90, 1);
            write(0x98, 3);
            later(Edu.TRANSFER_PS);
            assertThat(read(0x90)).isEqualTo(8);
            transfer(BUFFER, 0x2000, 8, 3);
            later(Edu.TRANSFER_PS);
            assertThat(bench.ram(0x2000, 8)).isEqualTo(bytes);
        }

        @Test
        void ofTheWholeBufferIsTheLongest() {
            bench.ram(0x1000, bytes);
            transfer(0x1000, BUFFER, 4096, 1);
            later(Edu.TRANSFER_PS);
            transfer(0x3000, BUFFER, 4097, 1);
            later(Edu.TRANSFER_PS);
            transfer(BUFFER, 0x2000, 8, 3);
            later(Edu.TRANSFER_PS);
            assertThat(bench.ram(0x2000, 8)).as("4097 moved nothing").isEqualTo(bytes);
        }

        @Test
        void thatStartsBeforeTheBufferMovesNothing() {
            bench.ram(0x2000, bytes);
            transfer(BUFFER - 1, 0x2000, 8, 3);
            later(Edu.TRANSFER_PS);
            assertThat(bench.ram(0x2000, 8)).isEqualTo(bytes);
        }

        @Test
        void cutsItsAddressTo28Bits() {
            bench.ram(0x1000, bytes);
            transfer(0x1000, BUFFER, 8, 1);
            later(Edu.TRANSFER_PS);
            transfer(BUFFER, 0x1000_2000L, 8, 3);
            later(Edu.TRANSFER_PS);
            assertThat(bench.ram(0x2000, 8)).isEqualTo(bytes);
        }
    }
}
