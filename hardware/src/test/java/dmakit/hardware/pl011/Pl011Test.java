package dmakit.hardware.pl011;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dmakit.datasheet.pl011.UartRegister;
import dmakit.datasheet.pl011.UartRegister.Cr;
import dmakit.datasheet.pl011.UartRegister.Dmacr;
import dmakit.datasheet.pl011.UartRegister.Dr;
import dmakit.datasheet.pl011.UartRegister.Fr;
import dmakit.datasheet.pl011.UartRegister.Ifls;
import dmakit.datasheet.pl011.UartRegister.LcrH;
import dmakit.datasheet.pl011.UartRegister.Status;
import dmakit.hardware.RequestLine;
import dmakit.machine.Machine;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.memory.Ram;
import dmakit.machine.random.Rng;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class Pl011Test {
    private static final int CLOCK_HZ = 48_000_000;
    private static final int FIFOS_8_BITS = LcrH.WLEN.of(3) | LcrH.FEN.mask();
    private static final int LOOPED =
            Cr.UARTEN.mask() | Cr.TXE.mask() | Cr.RXE.mask() | Cr.LBE.mask();

    /** Ten bits at 3,000,000 a second. */
    private static final long CHARACTER_PS = 3_333_334;

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
    private final Pl011 uart =
            new Pl011(machine.clock(), "uart", CLOCK_HZ, txRequest, rxRequest, irq);

    @BeforeEach
    void setUp() {
        write(UartRegister.IBRD, 1);
        write(UartRegister.LCR_H, FIFOS_8_BITS);
        write(UartRegister.CR, LOOPED);
    }

    @AfterEach
    void closeMachine() {
        machine.close();
    }

    private void write(UartRegister register, int value) {
        uart.write(register.offset(), 4, Integer.toUnsignedLong(value));
    }

    private int read(UartRegister register) {
        return (int) uart.read(register.offset(), 4);
    }

    private void passCharacters(int count) {
        machine.clock().advanceBy(count * CHARACTER_PS);
    }

    @Test
    void aCharacterTakesItsBits() {
        write(UartRegister.DR, 'A');
        machine.clock().advanceBy(3_333_320);
        assertThat(Fr.RXFE.isSet(read(UartRegister.FR))).isTrue();
        assertThat(Fr.BUSY.isSet(read(UartRegister.FR))).isTrue();
        machine.clock().advanceBy(10);
        assertThat(read(UartRegister.DR)).isEqualTo('A');
        assertThat(Fr.BUSY.isSet(read(UartRegister.FR))).isFalse();
    }

    @Test
    void charactersKeepTheirOrder() {
        for (int i = 0; i < 16; i++) {
            write(UartRegister.DR, 'a' + i);
        }
        passCharacters(17);
        for (int i = 0; i < 16; i++) {
            assertThat(read(UartRegister.DR)).isEqualTo('a' + i);
        }
    }

    @Test
    void aStoreToAFullFifoIsLost() {
        write(UartRegister.CR, 0);
        for (int i = 0; i < 17; i++) {
            write(UartRegister.DR, i);
        }
        assertThat(Fr.TXFF.isSet(read(UartRegister.FR))).isTrue();
        write(UartRegister.CR, LOOPED);
        passCharacters(18);
        for (int i = 0; i < 16; i++) {
            assertThat(read(UartRegister.DR)).isEqualTo(i);
        }
        assertThat(Fr.RXFE.isSet(read(UartRegister.FR))).isTrue();
    }

    @Test
    void theCharacterBehindALossSaysSo() {
        for (int i = 0; i < 17; i++) {
            write(UartRegister.DR, i);
            passCharacters(1);
        }
        assertThat(Status.OE.isSet(read(UartRegister.RIS))).isTrue();
        for (int i = 0; i < 16; i++) {
            assertThat(Dr.OE.isSet(read(UartRegister.DR))).isFalse();
        }
        write(UartRegister.DR, 0x55);
        passCharacters(1);
        assertThat(read(UartRegister.DR)).isEqualTo(Dr.OE.mask() | 0x55);
    }

    @Test
    void withoutFifosOneCharacterFits() {
        write(UartRegister.LCR_H, LcrH.WLEN.of(3));
        write(UartRegister.DR, 1);
        write(UartRegister.DR, 2);
        assertThat(Fr.TXFF.isSet(read(UartRegister.FR))).isTrue();
    }

    @Test
    void levelsAskForBurstsAndAnythingForASingle() {
        write(UartRegister.IFLS, Ifls.RXIFLSEL.of(1) | Ifls.TXIFLSEL.of(2));
        write(UartRegister.DMACR, Dmacr.TXDMAE.mask() | Dmacr.RXDMAE.mask());
        assertThat(txRequest.isAsserted()).isTrue();
        write(UartRegister.CR, LOOPED & ~Cr.RXE.mask());
        for (int i = 0; i < 10; i++) {
            write(UartRegister.DR, i);
        }
        // One of ten is on the line, nine wait: more than half of sixteen.
        assertThat(txRequest.isAsserted()).isFalse();
        assertThat(txRequest.isSingle()).isTrue();
        passCharacters(1);
        assertThat(txRequest.isAsserted()).isTrue();
        write(UartRegister.CR, LOOPED);
        passCharacters(3);
        assertThat(rxRequest.isAsserted()).isFalse();
        assertThat(rxRequest.isSingle()).isTrue();
        passCharacters(1);
        assertThat(rxRequest.isAsserted()).isTrue();
    }

    @Test
    void theReceiverInterruptsAtItsLevelAndWhenNothingComesAnyMore() {
        write(UartRegister.IMSC, Status.RX.mask() | Status.RT.mask());
        write(UartRegister.IFLS, Ifls.RXIFLSEL.of(0));
        write(UartRegister.DR, 1);
        passCharacters(1);
        assertThat(irq.isAsserted()).isFalse();
        passCharacters(4);
        assertThat(Status.RT.isSet(read(UartRegister.MIS))).isTrue();
        write(UartRegister.DR, 2);
        passCharacters(1);
        assertThat(Status.RX.isSet(read(UartRegister.MIS))).isTrue();
        read(UartRegister.DR);
        read(UartRegister.DR);
        assertThat(irq.isAsserted()).isFalse();
    }

    @Test
    void narrowCharactersLoseTheirHighBits() {
        write(UartRegister.LCR_H, LcrH.WLEN.of(0) | LcrH.FEN.mask());
        write(UartRegister.DR, 0xff);
        passCharacters(1);
        assertThat(read(UartRegister.DR)).isEqualTo(0x1f);
    }

    @Test
    void withoutABaudRateNothingIsSent() {
        write(UartRegister.IBRD, 0);
        write(UartRegister.DR, 1);
        passCharacters(10);
        assertThat(Fr.BUSY.isSet(read(UartRegister.FR))).isTrue();
        assertThat(Fr.RXFE.isSet(read(UartRegister.FR))).isTrue();
    }

    @Test
    void storesOfAnythingBreakNothing() {
        Rng rng = new Rng(8);
        assertThatCode(
                        () -> {
                            for (int i = 0; i < 20_000; i++) {
                                int bytes = 1 << rng.nextInt(4);
                                long offset =
                                        rng.nextInt(rng.oneIn(9) ? Pl011.SIZE : 0x50) & -bytes;
                                if (rng.oneIn(3)) {
                                    uart.read(offset, bytes);
                                } else {
                                    uart.write(
                                            offset, bytes, rng.oneIn(2) ? rng.nextLong() : 0x3ff);
                                }
                                machine.clock().advanceBy(rng.nextInt(2_000_000));
                            }
                        })
                .doesNotThrowAnyException();
    }
}
