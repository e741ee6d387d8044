package dmakit.hardware.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dmakit.datasheet.spi.SpiRegister;
import dmakit.datasheet.spi.SpiRegister.Cs;
import dmakit.hardware.RequestLine;
import dmakit.machine.Machine;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.memory.Ram;
import dmakit.machine.random.Rng;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class Bcm2835SpiTest {
    private static final int DIVISOR = 8;

    /** Eight clocks of 250 MHz / 8. */
    private static final long BYTE_PS = 256_000;

    private final Machine machine =
            new Machine(
                    new Machine.Config(
                            List.of(new Ram.Bank(0, 1 << 20)),
                            true,
                            new Machine.Cache.None(),
                            CostTable.CORTEX_A53,
                            1));
    private final RequestLine txRequest = new RequestLine("tx");
    private final RequestLine rxRequest = new RequestLine("rx");
    private final IrqLine irq = machine.interrupts().line(2);
    private final Bcm2835Spi spi =
            new Bcm2835Spi(machine.clock(), "spi", txRequest, rxRequest, irq);

    Bcm2835SpiTest() {
        spi.plug(1, IntUnaryOperator.identity());
        write(SpiRegister.CLK, DIVISOR);
    }

    @AfterEach
    void closeMachine() {
        machine.close();
    }

    private void write(SpiRegister register, int value) {
        spi.write(register.offset(), 4, Integer.toUnsignedLong(value));
    }

    private int read(SpiRegister register) {
        return (int) spi.read(register.offset(), 4);
    }

    private void passBytes(int count) {
        machine.clock().advanceBy(count * BYTE_PS);
    }

    @Test
    void aByteGoesOutWhileOneComesIn() {
        write(SpiRegister.CS, Cs.TA.mask() | Cs.CS.of(1));
        write(SpiRegister.FIFO, 0x5a);
        machine.clock().advanceBy(BYTE_PS - 1);
        assertThat(Cs.RXD.isSet(read(SpiRegister.CS))).isFalse();
        assertThat(Cs.DONE.isSet(read(SpiRegister.CS))).isFalse();
        machine.clock().advanceBy(1);
        assertThat(Cs.DONE.isSet(read(SpiRegister.CS))).isTrue();
        assertThat(read(SpiRegister.FIFO)).isEqualTo(0x5a);
    }

    @Test
    void nothingPluggedInAnswersZero() {
        write(SpiRegister.CS, Cs.TA.mask() | Cs.CS.of(2));
        write(SpiRegister.FIFO, 0x5a);
        passBytes(1);
        assertThat(read(SpiRegister.FIFO)).isZero();
    }

    @Test
    void nothingMovesWithoutATransfer() {
        write(SpiRegister.FIFO, 1);
        passBytes(3);
        assertThat(Cs.RXD.isSet(read(SpiRegister.CS))).isFalse();
    }

    @Test
    void theClockWaitsForRoom() {
        write(SpiRegister.CS, Cs.TA.mask() | Cs.CS.of(1));
        for (int i = 0; i < 70; i++) {
            write(SpiRegister.FIFO, i);
            passBytes(1);
        }
        assertThat(Cs.RXF.isSet(read(SpiRegister.CS))).isTrue();
        assertThat(Cs.DONE.isSet(read(SpiRegister.CS))).isFalse();
        for (int i = 0; i < 70; i++) {
            assertThat(read(SpiRegister.FIFO)).isEqualTo(i);
            passBytes(1);
        }
    }

    @Test
    void inDmaModeAWordIsFourBytesUpToTheLength() {
        write(SpiRegister.DLEN, 6);
        write(SpiRegister.CS, Cs.TA.mask() | Cs.DMAEN.mask() | Cs.CS.of(1));
        assertThat(txRequest.isAsserted()).isTrue();
        write(SpiRegister.FIFO, 0x0403_0201);
        assertThat(txRequest.isAsserted()).isTrue();
        write(SpiRegister.FIFO, 0xffff_0605);
        assertThat(txRequest.isAsserted()).isFalse();
        assertThat(rxRequest.isAsserted()).isFalse();
        passBytes(6);
        assertThat(rxRequest.isAsserted()).isTrue();
        assertThat(read(SpiRegister.FIFO)).isEqualTo(0x0403_0201);
        assertThat(rxRequest.isAsserted()).isTrue();
        assertThat(read(SpiRegister.FIFO)).isEqualTo(0x0605);
        assertThat(rxRequest.isAsserted()).isFalse();
        assertThat(Cs.DONE.isSet(read(SpiRegister.CS))).isTrue();
    }

    @Test
    void aTransferMayEndByItself() {
        write(SpiRegister.DLEN, 1);
        write(SpiRegister.CS, Cs.TA.mask() | Cs.DMAEN.mask() | Cs.ADCS.mask() | Cs.CS.of(1));
        write(SpiRegister.FIFO, 1);
        passBytes(1);
        assertThat(Cs.TA.isSet(read(SpiRegister.CS))).isFalse();
    }

    @Test
    void interruptsWhenDone() {
        write(SpiRegister.CS, Cs.TA.mask() | Cs.INTD.mask() | Cs.CS.of(1));
        assertThat(irq.isAsserted()).isTrue();
        write(SpiRegister.FIFO, 1);
        assertThat(irq.isAsserted()).isFalse();
        passBytes(1);
        assertThat(irq.isAsserted()).isTrue();
    }

    @Test
    void clearingEmptiesTheFifos() {
        write(SpiRegister.CS, Cs.TA.mask() | Cs.CS.of(1));
        write(SpiRegister.FIFO, 1);
        write(SpiRegister.FIFO, 2);
        passBytes(1);
        write(SpiRegister.CS, Cs.TA.mask() | Cs.CLEAR.of(3) | Cs.CS.of(1));
        passBytes(3);
        assertThat(Cs.RXD.isSet(read(SpiRegister.CS))).isFalse();
    }

    @Test
    void storesOfAnythingBreakNothing() {
        Rng rng = new Rng(8);
        assertThatCode(
                        () -> {
                            for (int i = 0; i < 20_000; i++) {
                                int bytes = 1 << rng.nextInt(4);
                                long offset = rng.nextInt(0x20) & -bytes;
                                if (rng.oneIn(3)) {
                                    spi.read(offset, bytes);
                                } else {
                                    spi.write(offset, bytes, rng.oneIn(2) ? rng.nextLong() : 0x183);
                                }
                                machine.clock().advanceBy(rng.nextInt(2_000_000));
                            }
                        })
                .doesNotThrowAnyException();
    }
}
