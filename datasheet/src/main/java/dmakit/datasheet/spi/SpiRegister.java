package dmakit.datasheet.spi;

import static dmakit.datasheet.Access.RO;
import static dmakit.datasheet.Access.RW;
import static dmakit.datasheet.Access.W1SC;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/** Registers of SPI0. BCM2835 ARM Peripherals, section 10.5. */
public enum SpiRegister implements Register {
    //         offset  reset        fields
    CS(0x00, 0x0004_1000, Cs.values()),
    FIFO(0x04, 0x0000_0000, Fifo.values()),
    CLK(0x08, 0x0000_0000, Clk.values()),
    DLEN(0x0c, 0x0000_0000, Dlen.values()),
    LTOH(0x10, 0x0000_0001, Ltoh.values()),
    DC(0x14, 0x3020_1020, Dc.values());

    /** Bytes each FIFO holds. */
    public static final int DEPTH_BYTES = 64;

    /** Bytes of the registers. */
    public static final int SIZE = 0x18;

    /** The checked map. */
    public static final RegisterMap<SpiRegister> MAP =
            new RegisterMap<>("bcm2835 spi", SIZE, values());

    private final Row row;

    SpiRegister(int offset, int reset, Field[] fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** Control and status. */
    public enum Cs implements Field {
        /** LoSSI words are long. */
        LEN_LONG(25, 25, RW, Bits.NOT_MODELLED),
        /** LoSSI in DMA mode. */
        DMA_LEN(24, 24, RW, Bits.NOT_MODELLED),
        /** Chip select 2 is active high. */
        CSPOL2(23, 23, RW, Bits.NOT_MODELLED),
        /** Chip select 1 is active high. */
        CSPOL1(22, 22, RW, Bits.NOT_MODELLED),
        /** Chip select 0 is active high. */
        CSPOL0(21, 21, RW, Bits.NOT_MODELLED),
        /** The receive FIFO is full. */
        RXF(20, 20, RO),
        /** The receive FIFO is three quarters full. */
        RXR(19, 19, RO),
        /** The transmit FIFO takes data. */
        TXD(18, 18, RO),
        /** The receive FIFO holds data. */
        RXD(17, 17, RO),
        /** All has been sent. */
        DONE(16, 16, RO),
        /** Unused. */
        TE_EN(15, 15, RW, Bits.NOT_MODELLED),
        /** Unused. */
        LMONO(14, 14, RW, Bits.NOT_MODELLED),
        /** LoSSI. */
        LEN(13, 13, RW, Bits.NOT_MODELLED),
        /** Bidirectional mode reads. */
        REN(12, 12, RW, Bits.NOT_MODELLED),
        /** TA clears when DLEN bytes have moved. */
        ADCS(11, 11, RW),
        /** Interrupts on RXR. */
        INTR(10, 10, RW),
        /** Interrupts on DONE. */
        INTD(9, 9, RW),
        /** DMA mode. */
        DMAEN(8, 8, RW),
        /** A transfer is active. */
        TA(7, 7, RW),
        /** Chip selects are active high. */
        CSPOL(6, 6, RW, Bits.NOT_MODELLED),
        /** One: empties the transmit FIFO; two: the receive FIFO. */
        CLEAR(5, 4, W1SC),
        /** The clock rests high. */
        CPOL(3, 3, RW, Bits.NOT_MODELLED),
        /** Data is taken at the second edge. */
        CPHA(2, 2, RW, Bits.NOT_MODELLED),
        /** Which chip. */
        CS(1, 0, RW);

        private final Bits bits;

        Cs(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Cs(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Data of either FIFO: a byte, or four in DMA mode. */
    public enum Fifo implements Field {
        /** The data. */
        DATA(31, 0, RW);

        private final Bits bits;

        Fifo(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Clock. */
    public enum Clk implements Field {
        /** Divisor of the core clock; 0 is 65536, and odd numbers are rounded down. */
        CDIV(15, 0, RW);

        private final Bits bits;

        Clk(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Bytes of a transfer in DMA mode. */
    public enum Dlen implements Field {
        /** How many. */
        LEN(15, 0, RW);

        private final Bits bits;

        Dlen(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** LoSSI output hold delay. */
    public enum Ltoh implements Field {
        /** In clocks. */
        TOH(3, 0, RW, Bits.NOT_MODELLED);

        private final Bits bits;

        Ltoh(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** When the FIFOs ask for DMA. */
    public enum Dc implements Field {
        /** Panics with more bytes received. */
        RPANIC(31, 24, RW),
        /** Asks with more bytes received. */
        RDREQ(23, 16, RW),
        /** Panics with fewer bytes to send. */
        TPANIC(15, 8, RW),
        /** Asks with fewer bytes to send. */
        TDREQ(7, 0, RW);

        private final Bits bits;

        Dc(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
