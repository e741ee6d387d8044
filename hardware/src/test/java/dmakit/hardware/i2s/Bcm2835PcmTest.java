package dmakit.hardware.i2s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dmakit.datasheet.i2s.CodecRegister;
import dmakit.datasheet.i2s.PcmRegister;
import dmakit.datasheet.i2s.PcmRegister.Channels;
import dmakit.datasheet.i2s.PcmRegister.Cs;
import dmakit.datasheet.i2s.PcmRegister.Dreq;
import dmakit.datasheet.i2s.PcmRegister.Interrupts;
import dmakit.datasheet.i2s.PcmRegister.Mode;
import dmakit.hardware.PcmWire;
import dmakit.hardware.RequestLine;
import dmakit.machine.Machine;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.memory.Ram;
import dmakit.machine.random.Rng;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class Bcm2835PcmTest {
    private static final int RATE = 48_000;
    private static final long SECOND_PS = 1_000_000_000_000L;
    private static final int ON = Cs.EN.mask() | Cs.TXON.mask() | Cs.RXON.mask() | Cs.DMAEN.mask();
    private static final int FOLLOWS = Mode.CLKM.mask() | Mode.FSM.mask() | Mode.FLEN.of(31);
    private static final int BOTH_16 =
            Channels.CH1EN.mask()
                    | Channels.CH1WID.of(8)
                    | Channels.CH2EN.mask()
                    | Channels.CH2POS.of(16)
                    | Channels.CH2WID.of(8);
    private static final int BOTH_32 = BOTH_16 | Channels.CH1WEX.mask() | Channels.CH2WEX.mask();

    private final Machine machine =
            new Machine(
                    new Machine.Config(
                            List.of(new Ram.Bank(0, 1 << 20)),
                            true,
                            new Machine.Cache.None(),
                            CostTable.CORTEX_A53,
                            1));
    private final PcmWire wire = new PcmWire();
    private final RequestLine txRequest = new RequestLine("tx");
    private final RequestLine rxRequest = new RequestLine("rx");
    private final IrqLine irq = machine.interrupts().line(2);
    private final Bcm2835Pcm pcm =
            new Bcm2835Pcm(
                    machine.clock(), machine.trace(), "pcm", txRequest, rxRequest, irq, wire);
    private final Codec codec = new Codec(machine.clock(), "codec", wire);

    @AfterEach
    void closeMachine() {
        machine.close();
    }

    private void write(PcmRegister register, int value) {
        pcm.write(register.offset(), 4, Integer.toUnsignedLong(value));
    }

    private int read(PcmRegister register) {
        return (int) pcm.read(register.offset(), 4);
    }

    private void write(CodecRegister register, int value) {
        codec.write(register.offset(), 4, Integer.toUnsignedLong(value));
    }

    private boolean isSet(Cs field) {
        return field.isSet(read(PcmRegister.CS_A));
    }

    private void passFrames(int count) {
        machine.clock().advanceBy(SECOND_PS / RATE * count + 1000);
    }

    private void setUp(int mode, int channels) {
        write(PcmRegister.MODE_A, FOLLOWS | mode);
        write(PcmRegister.TXC_A, channels);
        write(PcmRegister.RXC_A, channels);
        write(PcmRegister.CS_A, ON);
        write(CodecRegister.RATE, RATE);
    }

    private void startCodec() {
        write(CodecRegister.CTRL, 1);
    }

    @Test
    void whatIsPlayedIsRecordedOneFrameLater() {
        setUp(Mode.FTXP.mask() | Mode.FRXP.mask(), BOTH_16);
        write(PcmRegister.FIFO_A, 0x1234_8765);
        write(PcmRegister.FIFO_A, 0xffff_0001);
        startCodec();
        passFrames(3);
        assertThat(read(PcmRegister.FIFO_A)).isZero();
        assertThat(read(PcmRegister.FIFO_A)).isEqualTo(0x1234_8765);
        assertThat(read(PcmRegister.FIFO_A)).isEqualTo(0xffff_0001);
        assertThat(codec.read(CodecRegister.FRAMES.offset(), 4)).isEqualTo(3);
    }

    @Test
    void unpackedChannelsTakeAWordEach() {
        setUp(0, BOTH_32);
        write(PcmRegister.FIFO_A, 0x8000_0001);
        write(PcmRegister.FIFO_A, 0x7fff_fffe);
        startCodec();
        passFrames(2);
        assertThat(read(PcmRegister.FIFO_A)).isZero();
        assertThat(read(PcmRegister.FIFO_A)).isZero();
        assertThat(read(PcmRegister.FIFO_A)).isEqualTo(0x8000_0001);
        assertThat(read(PcmRegister.FIFO_A)).isEqualTo(0x7fff_fffe);
    }

    @Test
    void narrowSamplesAreSignExtendedOnRequest() {
        setUp(0, Channels.CH1EN.mask() | Channels.CH1WID.of(8));
        write(PcmRegister.CS_A, ON | Cs.RXSEX.mask());
        write(PcmRegister.FIFO_A, 0xffff_8000);
        startCodec();
        passFrames(2);
        read(PcmRegister.FIFO_A);
        assertThat(read(PcmRegister.FIFO_A)).isEqualTo(0xffff_8000);
    }

    @Test
    void framesDoNotDrift() {
        write(CodecRegister.RATE, 44_100);
        startCodec();
        machine.clock().advanceBy(SECOND_PS);
        assertThat(codec.read(CodecRegister.FRAMES.offset(), 4)).isEqualTo(44_100);
    }

    @Nested
    class ThePort {
        @Test
        void asksWhileWordsToTransmitAreFew() {
            setUp(Mode.FTXP.mask() | Mode.FRXP.mask(), BOTH_16);
            assertThat(txRequest.isAsserted()).isTrue();
            for (int i = 0; i < 48; i++) {
                write(PcmRegister.FIFO_A, i);
            }
            assertThat(txRequest.isAsserted()).isFalse();
            startCodec();
            passFrames(1);
            assertThat(txRequest.isAsserted()).isTrue();
            assertThat(txRequest.isPanicking()).isFalse();
            passFrames(32);
            assertThat(txRequest.isPanicking()).isTrue();
        }

        @Test
        void asksWhileWordsReceivedAreMany() {
            setUp(Mode.FTXP.mask() | Mode.FRXP.mask(), BOTH_16);
            startCodec();
            passFrames(32);
            assertThat(rxRequest.isAsserted()).isFalse();
            passFrames(1);
            assertThat(rxRequest.isAsserted()).isTrue();
            passFrames(16);
            assertThat(rxRequest.isPanicking()).isTrue();
        }

        @Test
        void playsSilenceAndSaysSoWithNothingToTransmit() {
            setUp(Mode.FTXP.mask() | Mode.FRXP.mask(), BOTH_16);
            write(PcmRegister.INTEN_A, Interrupts.TXERR.mask());
            startCodec();
            assertThat(isSet(Cs.TXERR)).isFalse();
            passFrames(1);
            assertThat(isSet(Cs.TXERR)).isTrue();
            assertThat(irq.isAsserted()).isTrue();
            write(PcmRegister.CS_A, ON | Cs.TXERR.mask());
            write(PcmRegister.INTSTC_A, Interrupts.TXERR.mask());
            assertThat(isSet(Cs.TXERR)).isFalse();
            assertThat(irq.isAsserted()).isFalse();
        }

        @Test
        void losesWhatFindsItsFifoFull() {
            setUp(Mode.FTXP.mask() | Mode.FRXP.mask(), BOTH_16);
            startCodec();
            passFrames(64);
            assertThat(isSet(Cs.RXF)).isTrue();
            assertThat(isSet(Cs.RXERR)).isFalse();
            passFrames(1);
            assertThat(isSet(Cs.RXERR)).isTrue();
        }

        @Test
        void standsStillWithoutAClockFromOutside() {
            setUp(Mode.FTXP.mask() | Mode.FRXP.mask(), BOTH_16);
            write(PcmRegister.MODE_A, Mode.FTXP.mask());
            write(PcmRegister.FIFO_A, 1);
            startCodec();
            passFrames(4);
            assertThat(isSet(Cs.TXE)).isFalse();
        }

        @Test
        void losesItsWordsWhenCleared() {
            setUp(0, BOTH_16);
            write(PcmRegister.FIFO_A, 1);
            write(PcmRegister.CS_A, ON | Cs.TXCLR.mask());
            assertThat(isSet(Cs.TXE)).isTrue();
        }

        @Test
        void startsWithTheRequestLevelsOfTheManual() {
            int levels = read(PcmRegister.DREQ_A);
            assertThat(Dreq.TX.get(levels)).isEqualTo(0x30);
            assertThat(Dreq.RX.get(levels)).isEqualTo(0x20);
        }
    }

    @Test
    void storesOfAnythingBreakNothing() {
        Rng rng = new Rng(5);
        assertThatCode(
                        () -> {
                            for (int i = 0; i < 20_000; i++) {
                                int bytes = 1 << rng.nextInt(4);
                                long offset = rng.nextInt(0x40) & -bytes;
                                boolean ofCodec = rng.oneIn(8);
                                if (rng.oneIn(3)) {
                                    pcm.read(offset, bytes);
                                    codec.read(offset, bytes);
                                } else if (ofCodec) {
                                    codec.write(offset, bytes, rng.nextLong());
                                } else {
                                    pcm.write(offset, bytes, rng.nextLong());
                                }
                                machine.clock().advanceBy(rng.nextInt(3_000_000));
                            }
                        })
                .doesNotThrowAnyException();
    }
}
