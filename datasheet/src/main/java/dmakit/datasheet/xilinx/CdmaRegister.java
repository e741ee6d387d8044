package dmakit.datasheet.xilinx;

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

/** Registers of an AXI CDMA. AXI CDMA v4.1, PG034, "Register Space". */
public enum CdmaRegister implements Register {
    CDMACR(0x00, 0x0001_0002, Cdmacr.values()),
    CDMASR(0x04, 0x0001_0002, Cdmasr.values()),
    CURDESC_PNTR(0x08, 0x0000_0000, CurdescPntr.values()),
    CURDESC_PNTR_MSB(0x0c, 0x0000_0000, CurdescPntrMsb.values()),
    TAILDESC_PNTR(0x10, 0x0000_0000, TaildescPntr.values()),
    TAILDESC_PNTR_MSB(0x14, 0x0000_0000, TaildescPntrMsb.values()),
    SA(0x18, 0x0000_0000, Sa.values()),
    SA_MSB(0x1c, 0x0000_0000, SaMsb.values()),
    DA(0x20, 0x0000_0000, Da.values()),
    DA_MSB(0x24, 0x0000_0000, DaMsb.values()),
    BTT(0x28, 0x0000_0000, Btt.values());

    /** Bytes of a core's block of registers. */
    public static final int SIZE = 0x1000;

    /** Bytes of it that the map describes. */
    public static final int MAP_SIZE = 0x2c;

    /** The checked map. */
    public static final RegisterMap<CdmaRegister> MAP =
            new RegisterMap<>("axi cdma", MAP_SIZE, values());

    private final Row row;

    CdmaRegister(int offset, int reset, Field[] fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** Control. */
    public enum Cdmacr implements Field {
        /** Interrupts when nothing completes for so many units; 0 for never. */
        IRQ_DELAY(31, 24, RW),
        /** Interrupts after so many descriptors; a store of 0 leaves it. */
        IRQ_THRESHOLD(23, 16, RW),
        /** Lets errors interrupt. */
        ERR_IRQ_EN(14, 14, RW),
        /** Lets the delay timer interrupt. */
        DLY_IRQ_EN(13, 13, RW),
        /** Lets completion interrupt. */
        IOC_IRQ_EN(12, 12, RW),
        /** Goes round the ring for ever. */
        CYCLIC_BD_ENABLE(6, 6, RW),
        /** Writes to one address again and again. */
        KEY_HOLE_WRITE(5, 5, RW),
        /** Reads one address again and again. */
        KEY_HOLE_READ(4, 4, RW),
        /** Takes descriptors; cleared, simple transfers. */
        SG_MODE(3, 3, RW),
        /** Resets the core; reads as one until that is done. */
        RESET(2, 2, W1SC),
        /** TAILDESC is there: reads as one. */
        TAIL_PNTR_EN(1, 1, RO);

        private final Bits bits;

        Cdmacr(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Status. */
    public enum Cdmasr implements Field {
        /** Units of the delay timer that have passed. */
        IRQ_DELAY_STS(31, 24, RO),
        /** Descriptors until the next interrupt. */
        IRQ_THRESHOLD_STS(23, 16, RO),
        /** An error has stopped the core. */
        ERR_IRQ(14, 14, W1C),
        /** The delay timer has run out. */
        DLY_IRQ(13, 13, W1C),
        /** As much as the threshold says has completed. */
        IOC_IRQ(12, 12, W1C),
        /** Nothing answered where a descriptor should be. */
        SG_DEC_ERR(10, 10, RO),
        /** A descriptor's address answered with an error. */
        SG_SLV_ERR(9, 9, RO),
        /** A descriptor that is complete already was fetched. */
        SG_INT_ERR(8, 8, RO),
        /** Nothing answered where data should be. */
        DMA_DEC_ERR(6, 6, RO),
        /** Memory answered a transfer of data with an error. */
        DMA_SLV_ERR(5, 5, RO),
        /** A transfer of no bytes. */
        DMA_INT_ERR(4, 4, RO),
        /** The core has a scatter/gather engine. */
        SG_INCLD(3, 3, RO),
        /** Nothing is under way. */
        IDLE(1, 1, RO);

        private final Bits bits;

        Cdmasr(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Current descriptor. */
    public enum CurdescPntr implements Field {
        /** The low 32 bits; descriptors are aligned to 64 bytes. */
        POINTER(31, 6, RW);

        private final Bits bits;

        CurdescPntr(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Current descriptor, high half. */
    public enum CurdescPntrMsb implements Field {
        /** Bits 63 to 32. */
        ADDRESS(31, 0, RW);

        private final Bits bits;

        CurdescPntrMsb(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Tail descriptor. */
    public enum TaildescPntr implements Field {
        /** The low 32 bits; a store starts the chain. */
        POINTER(31, 6, RW);

        private final Bits bits;

        TaildescPntr(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Tail descriptor, high half. */
    public enum TaildescPntrMsb implements Field {
        /** Bits 63 to 32; in cores that have them this store starts the chain. */
        ADDRESS(31, 0, RW);

        private final Bits bits;

        TaildescPntrMsb(int msb, int lsb, Access access) {
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

    /** Bytes to transfer. */
    public enum Btt implements Field {
        /** A store starts a simple transfer. */
        BTT(25, 0, RW);

        private final Bits bits;

        Btt(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
