package dmakit.datasheet.xilinx;

import static dmakit.datasheet.Access.RO;
import static dmakit.datasheet.Access.RW;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/**
 * The words of a descriptor of an AXI CDMA, little-endian. AXI CDMA v4.1, PG034, "Transfer
 * Descriptor".
 */
public enum CdmaDescriptor implements Register {
    NXTDESC_PNTR(0x00, 0x0000_0000, NxtdescPntr.values()),
    NXTDESC_PNTR_MSB(0x04, 0x0000_0000, NxtdescPntrMsb.values()),
    SA(0x08, 0x0000_0000, Sa.values()),
    SA_MSB(0x0c, 0x0000_0000, SaMsb.values()),
    DA(0x10, 0x0000_0000, Da.values()),
    DA_MSB(0x14, 0x0000_0000, DaMsb.values()),
    CONTROL(0x18, 0x0000_0000, Control.values()),
    STATUS(0x1c, 0x0000_0000, Status.values());

    /** Bytes of a descriptor. */
    public static final int SIZE = 0x20;

    /** What its address is a multiple of, in bytes. */
    public static final int ALIGNMENT = 0x40;

    /** The checked layout. */
    public static final RegisterMap<CdmaDescriptor> MAP =
            new RegisterMap<>("axi cdma descriptor", SIZE, values());

    private final Row row;

    CdmaDescriptor(int offset, int reset, Field[] fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** Next descriptor. */
    public enum NxtdescPntr implements Field {
        /** The low 32 bits. */
        POINTER(31, 6, RW);

        private final Bits bits;

        NxtdescPntr(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Next descriptor, high half. */
    public enum NxtdescPntrMsb implements Field {
        /** Bits 63 to 32. */
        ADDRESS(31, 0, RW);

        private final Bits bits;

        NxtdescPntrMsb(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Source address. */
    public enum Sa implements Field {
        /** The low 32 bits. */
        ADDRESS(31, 0, RW);

        private final Bits bits;

        Sa(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Source address, high half. */
    public enum SaMsb implements Field {
        /** Bits 63 to 32. */
        ADDRESS(31, 0, RW);

        private final Bits bits;

        SaMsb(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Destination address. */
    public enum Da implements Field {
        /** The low 32 bits. */
        ADDRESS(31, 0, RW);

        private final Bits bits;

        Da(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Destination address, high half. */
    public enum DaMsb implements Field {
        /** Bits 63 to 32. */
        ADDRESS(31, 0, RW);

        private final Bits bits;

        DaMsb(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Transfer control. */
    public enum Control implements Field {
        /** Bytes to transfer. */
        BTT(25, 0, RW);

        private final Bits bits;

        Control(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Transfer status. */
    public enum Status implements Field {
        /** The bytes are copied. */
        CMPLT(31, 31, RO),
        /** Nothing answered at an address. */
        DMA_DEC_ERR(30, 30, RO),
        /** Memory answered with an error. */
        DMA_SLV_ERR(29, 29, RO),
        /** The transfer has no bytes. */
        DMA_INT_ERR(28, 28, RO);

        private final Bits bits;

        Status(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
