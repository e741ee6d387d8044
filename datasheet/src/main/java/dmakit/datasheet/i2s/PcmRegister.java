package dmakit.datasheet.i2s;

import static dmakit.datasheet.Access.RO;
import static dmakit.datasheet.Access.RW;
import static dmakit.datasheet.Access.W1C;
import static dmakit.datasheet.Access.W1SC;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/** Registers of the PCM / I2S audio port. BCM2835 ARM Peripherals, section 8.8, "Register View". */
public enum PcmRegister implements Register {
    //         offset  reset        fields
    CS_A(0x00, 0x0000_0000, Cs.values()),
    FIFO_A(0x04, 0x0000_0000, Fifo.values()),
    MODE_A(0x08, 0x0000_0000, Mode.values()),
    RXC_A(0x0c, 0x0000_0000, Channels.values()),
    TXC_A(0x10, 0x0000_0000, Channels.values()),
    DREQ_A(0x14, 0x1030_3020, Dreq.values()),
    INTEN_A(0x18, 0x0000_0000, Interrupts.values()),
    INTSTC_A(0x1c, 0x0000_0000, Cleared.values()),
    GRAY(0x20, 0x0000_0000, Gray.values());

    /** Words each FIFO holds. */
    public static final int DEPTH_WORDS = 64;

    /** Bytes of the registers. */
    public static final int SIZE = 0x24;

    /** The checked map. */
    public static final RegisterMap<PcmRegister> MAP =
            new RegisterMap<>("bcm2835 pcm", SIZE, values());

    private final Row row;

    PcmRegister(int offset, int reset, Field[] fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** Control and status. */
    public enum Cs implements Field {
        /** The RAM of the FIFOs may be used. */
        STBY(25, 25, RW),
        /** Reads as written, two bit clocks later. */
        SYNC(24, 24, RW),
        /** Received samples are sign-extended. */
        RXSEX(23, 23, RW),
        /** The receive FIFO is full. */
        RXF(22, 22, RO),
        /** The transmit FIFO is empty. */
        TXE(21, 21, RO),
        /** The receive FIFO holds data. */
        RXD(20, 20, RO),
        /** The transmit FIFO takes data. */
        TXD(19, 19, RO),
        /** The receive FIFO is as full as {@code RXTHR} says. */
        RXR(18, 18, RO),
        /** The transmit FIFO is as empty as {@code TXTHR} says. */
        TXW(17, 17, RO),
        /** A received word found the FIFO full, or a load found it empty. */
        RXERR(16, 16, W1C),
        /** A frame found the FIFO empty, or a store found it full. */
        TXERR(15, 15, W1C),
        /** The receive FIFO begins with the first channel of a frame. */
        RXSYNC(14, 14, RO),
        /** The transmit FIFO begins with the first channel of a frame. */
        TXSYNC(13, 13, RO),
        /** The request lines may be asserted. */
        DMAEN(9, 9, RW),
        /** When {@code RXR} is set: one word, 16, 32 or 64. */
        RXTHR(8, 7, RW),
        /** When {@code TXW} is set: empty, below 16, below 32, below 64. */
        TXTHR(6, 5, RW),
        /** Empties the receive FIFO. */
        RXCLR(4, 4, W1SC),
        /** Empties the transmit FIFO. */
        TXCLR(3, 3, W1SC),
        /** Transmits. */
        TXON(2, 2, RW),
        /** Receives. */
        RXON(1, 1, RW),
        /** Gives the port power. */
        EN(0, 0, RW);

        private final Bits bits;

        Cs(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** A word of either FIFO. */
    public enum Fifo implements Field {
        /** The word. */
        WORD(31, 0, RW);

        private final Bits bits;

        Fifo(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** How frames look. */
    public enum Mode implements Field {
        /** Stops the clock of the port. */
        CLK_DIS(28, 28, RW),
        /** Decimation of PDM input. */
        PDMN(27, 27, RW, Bits.NOT_MODELLED),
        /** Input is PDM. */
        PDME(26, 26, RW, Bits.NOT_MODELLED),
        /** Both received channels are packed into one word. */
        FRXP(25, 25, RW),
        /** Both transmitted channels come packed in one word. */
        FTXP(24, 24, RW),
        /** The bit clock comes from outside. */
        CLKM(23, 23, RW),
        /** Inverts the bit clock; no bits are seen here. */
        CLKI(22, 22, RW, Bits.NOT_MODELLED),
        /** The frame sync comes from outside. */
        FSM(21, 21, RW),
        /** Inverts the frame sync; no bits are seen here. */
        FSI(20, 20, RW, Bits.NOT_MODELLED),
        /** Bit clocks of a frame, minus one. */
        FLEN(19, 10, RW),
        /** Bit clocks of the frame sync. */
        FSLEN(9, 0, RW);

        private final Bits bits;

        Mode(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Mode(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Where the two channels are in a frame. */
    public enum Channels implements Field {
        /** Adds 16 to the width. */
        CH1WEX(31, 31, RW),
        /** The first channel is used. */
        CH1EN(30, 30, RW),
        /** Its first bit. */
        CH1POS(29, 20, RW),
        /** Its width, minus 8. */
        CH1WID(19, 16, RW),
        /** Adds 16 to the width. */
        CH2WEX(15, 15, RW),
        /** The second channel is used. */
        CH2EN(14, 14, RW),
        /** Its first bit. */
        CH2POS(13, 4, RW),
        /** Its width, minus 8. */
        CH2WID(3, 0, RW);

        private final Bits bits;

        Channels(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** When the port asks for DMA. */
    public enum Dreq implements Field {
        /** It panics with fewer words to transmit. */
        TX_PANIC(30, 24, RW),
        /** It panics with more words received. */
        RX_PANIC(22, 16, RW),
        /** It asks with fewer words to transmit. */
        TX(14, 8, RW),
        /** It asks with more words received. */
        RX(6, 0, RW);

        private final Bits bits;

        Dreq(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** What interrupts. */
    public enum Interrupts implements Field {
        /** {@code CS_A.RXERR}. */
        RXERR(3, 3, RW),
        /** {@code CS_A.TXERR}. */
        TXERR(2, 2, RW),
        /** {@code CS_A.RXR}. */
        RXR(1, 1, RW),
        /** {@code CS_A.TXW}. */
        TXW(0, 0, RW);

        private final Bits bits;

        Interrupts(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** What has interrupted. */
    public enum Cleared implements Field {
        /** {@code CS_A.RXERR}. */
        RXERR(3, 3, W1C),
        /** {@code CS_A.TXERR}. */
        TXERR(2, 2, W1C),
        /** {@code CS_A.RXR}. */
        RXR(1, 1, W1C),
        /** {@code CS_A.TXW}. */
        TXW(0, 0, W1C);

        private final Bits bits;

        Cleared(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Input in Gray code, of a camera. */
    public enum Gray implements Field {
        /** Words received. */
        RXFIFOLEVEL(21, 16, RO, Bits.NOT_MODELLED),
        /** Bits flushed. */
        FLUSHED(15, 10, RO, Bits.NOT_MODELLED),
        /** Bits received. */
        RXLEVEL(9, 4, RO, Bits.NOT_MODELLED),
        /** Flushes. */
        FLUSH(2, 2, W1SC, Bits.NOT_MODELLED),
        /** Clears. */
        CLR(1, 1, W1SC, Bits.NOT_MODELLED),
        /** Switches it on. */
        EN(0, 0, RW, Bits.NOT_MODELLED);

        private final Bits bits;

        Gray(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
