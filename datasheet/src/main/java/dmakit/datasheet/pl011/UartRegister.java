package dmakit.datasheet.pl011;

import static dmakit.datasheet.Access.RO;
import static dmakit.datasheet.Access.RW;
import static dmakit.datasheet.Access.WO;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/** Registers of the PL011 UART. PrimeCell UART (PL011) TRM, DDI 0183, table 3-1. */
public enum UartRegister implements Register {
    //         offset  reset        fields
    DR(0x00, 0x0000_0000, Dr.values()),
    RSR_ECR(0x04, 0x0000_0000, Rsr.values()),
    FR(0x18, 0x0000_0090, Fr.values()),
    ILPR(0x20, 0x0000_0000, Ilpr.values()),
    IBRD(0x24, 0x0000_0000, Ibrd.values()),
    FBRD(0x28, 0x0000_0000, Fbrd.values()),
    LCR_H(0x2c, 0x0000_0000, LcrH.values()),
    CR(0x30, 0x0000_0300, Cr.values()),
    IFLS(0x34, 0x0000_0012, Ifls.values()),
    IMSC(0x38, 0x0000_0000, Mask.values()),
    RIS(0x3c, 0x0000_0000, Status.values()),
    MIS(0x40, 0x0000_0000, Status.values()),
    ICR(0x44, 0x0000_0000, Clear.values()),
    DMACR(0x48, 0x0000_0000, Dmacr.values()),
    PERIPH_ID0(0xfe0, 0x0000_0011, Id.values()),
    PERIPH_ID1(0xfe4, 0x0000_0010, Id.values()),
    PERIPH_ID2(0xfe8, 0x0000_0034, Id.values()),
    PERIPH_ID3(0xfec, 0x0000_0000, Id.values()),
    PCELL_ID0(0xff0, 0x0000_000d, Id.values()),
    PCELL_ID1(0xff4, 0x0000_00f0, Id.values()),
    PCELL_ID2(0xff8, 0x0000_0005, Id.values()),
    PCELL_ID3(0xffc, 0x0000_00b1, Id.values());

    /** Characters each FIFO holds. */
    public static final int DEPTH = 16;

    /** Bytes of the registers. */
    public static final int SIZE = 0x1000;

    /** The checked map. */
    public static final RegisterMap<UartRegister> MAP = new RegisterMap<>("pl011", SIZE, values());

    private final Row row;

    UartRegister(int offset, int reset, Field[] fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** A character, and what was wrong with it. */
    public enum Dr implements Field {
        /** One behind it was lost. */
        OE(11, 11, RO),
        /** It is a break. */
        BE(10, 10, RO, Bits.NOT_MODELLED),
        /** Its parity is wrong. */
        PE(9, 9, RO, Bits.NOT_MODELLED),
        /** It has no stop bit. */
        FE(8, 8, RO, Bits.NOT_MODELLED),
        /** The character. */
        DATA(7, 0, RW);

        private final Bits bits;

        Dr(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Dr(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** What was wrong with the character read last; any store clears it. */
    public enum Rsr implements Field {
        /** Characters were lost. */
        OE(3, 3, RW),
        /** A break. */
        BE(2, 2, RW, Bits.NOT_MODELLED),
        /** Wrong parity. */
        PE(1, 1, RW, Bits.NOT_MODELLED),
        /** No stop bit. */
        FE(0, 0, RW, Bits.NOT_MODELLED);

        private final Bits bits;

        Rsr(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Rsr(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Flags. */
    public enum Fr implements Field {
        /** Ring indicator. */
        RI(8, 8, RO, Bits.NOT_MODELLED),
        /** The transmit FIFO is empty. */
        TXFE(7, 7, RO),
        /** The receive FIFO is full. */
        RXFF(6, 6, RO),
        /** The transmit FIFO is full. */
        TXFF(5, 5, RO),
        /** The receive FIFO is empty. */
        RXFE(4, 4, RO),
        /** Characters are to be sent, or on their way. */
        BUSY(3, 3, RO),
        /** Data carrier detect. */
        DCD(2, 2, RO, Bits.NOT_MODELLED),
        /** Data set ready. */
        DSR(1, 1, RO, Bits.NOT_MODELLED),
        /** Clear to send. */
        CTS(0, 0, RO, Bits.NOT_MODELLED);

        private final Bits bits;

        Fr(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Fr(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Clock of IrDA. */
    public enum Ilpr implements Field {
        /** Its divisor. */
        ILPDVSR(7, 0, RW, Bits.NOT_MODELLED);

        private final Bits bits;

        Ilpr(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Baud rate, whole part. */
    public enum Ibrd implements Field {
        /** Of the clock by 16 times the rate. */
        BAUD_DIVINT(15, 0, RW);

        private final Bits bits;

        Ibrd(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Baud rate, fraction. */
    public enum Fbrd implements Field {
        /** In 64ths. */
        BAUD_DIVFRAC(5, 0, RW);

        private final Bits bits;

        Fbrd(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** What characters look like. */
    public enum LcrH implements Field {
        /** Parity does not change. */
        SPS(7, 7, RW, Bits.NOT_MODELLED),
        /** Bits of a character, minus five. */
        WLEN(6, 5, RW),
        /** The FIFOs are in use; otherwise each holds one character. */
        FEN(4, 4, RW),
        /** Two stop bits. */
        STP2(3, 3, RW),
        /** Parity is even. */
        EPS(2, 2, RW, Bits.NOT_MODELLED),
        /** There is a parity bit. */
        PEN(1, 1, RW),
        /** Sends a break. */
        BRK(0, 0, RW, Bits.NOT_MODELLED);

        private final Bits bits;

        LcrH(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        LcrH(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Control. */
    public enum Cr implements Field {
        /** Sends while CTS allows. */
        CTSEN(15, 15, RW, Bits.NOT_MODELLED),
        /** Drives RTS by the receive FIFO. */
        RTSEN(14, 14, RW, Bits.NOT_MODELLED),
        /** Modem output. */
        OUT2(13, 13, RW, Bits.NOT_MODELLED),
        /** Modem output. */
        OUT1(12, 12, RW, Bits.NOT_MODELLED),
        /** Request to send. */
        RTS(11, 11, RW, Bits.NOT_MODELLED),
        /** Data transmit ready. */
        DTR(10, 10, RW, Bits.NOT_MODELLED),
        /** Receives. */
        RXE(9, 9, RW),
        /** Transmits. */
        TXE(8, 8, RW),
        /** What is sent is received. */
        LBE(7, 7, RW),
        /** IrDA at low power. */
        SIRLP(2, 2, RW, Bits.NOT_MODELLED),
        /** IrDA. */
        SIREN(1, 1, RW, Bits.NOT_MODELLED),
        /** The UART works. */
        UARTEN(0, 0, RW);

        private final Bits bits;

        Cr(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Cr(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Levels of the FIFOs. */
    public enum Ifls implements Field {
        /** Received: an eighth, a quarter, half, three quarters, seven eighths. */
        RXIFLSEL(5, 3, RW),
        /** To transmit: likewise. */
        TXIFLSEL(2, 0, RW);

        private final Bits bits;

        Ifls(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** What interrupts. */
    public enum Mask implements Field {
        /** Overrun. */
        OE(10, 10, RW),
        /** Break. */
        BE(9, 9, RW, Bits.NOT_MODELLED),
        /** Parity. */
        PE(8, 8, RW, Bits.NOT_MODELLED),
        /** Framing. */
        FE(7, 7, RW, Bits.NOT_MODELLED),
        /** Words wait, and none came for 32 bit times. */
        RT(6, 6, RW),
        /** The transmit FIFO has passed its level. */
        TX(5, 5, RW),
        /** The receive FIFO has passed its level. */
        RX(4, 4, RW);

        private final Bits bits;

        Mask(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Mask(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** What has happened. */
    public enum Status implements Field {
        /** Overrun. */
        OE(10, 10, RO),
        /** Break. */
        BE(9, 9, RO, Bits.NOT_MODELLED),
        /** Parity. */
        PE(8, 8, RO, Bits.NOT_MODELLED),
        /** Framing. */
        FE(7, 7, RO, Bits.NOT_MODELLED),
        /** Words wait, and none came for 32 bit times. */
        RT(6, 6, RO),
        /** The transmit FIFO has passed its level. */
        TX(5, 5, RO),
        /** The receive FIFO has passed its level. */
        RX(4, 4, RO);

        private final Bits bits;

        Status(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Status(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** What is to be forgotten. */
    public enum Clear implements Field {
        /** Overrun. */
        OE(10, 10, WO),
        /** Break. */
        BE(9, 9, WO, Bits.NOT_MODELLED),
        /** Parity. */
        PE(8, 8, WO, Bits.NOT_MODELLED),
        /** Framing. */
        FE(7, 7, WO, Bits.NOT_MODELLED),
        /** Words wait, and none came for 32 bit times. */
        RT(6, 6, WO),
        /** The transmit FIFO has passed its level. */
        TX(5, 5, WO),
        /** The receive FIFO has passed its level. */
        RX(4, 4, WO);

        private final Bits bits;

        Clear(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Clear(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** DMA. */
    public enum Dmacr implements Field {
        /** No receive requests while an error waits. */
        DMAONERR(2, 2, RW),
        /** Requests characters to transmit. */
        TXDMAE(1, 1, RW),
        /** Requests that characters are taken. */
        RXDMAE(0, 0, RW);

        private final Bits bits;

        Dmacr(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** A byte of the identification. */
    public enum Id implements Field {
        /** The byte. */
        VALUE(7, 0, RO);

        private final Bits bits;

        Id(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
