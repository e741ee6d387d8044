package dmakit.datasheet.xdmac;

import static dmakit.datasheet.Access.RC;
import static dmakit.datasheet.Access.RO;
import static dmakit.datasheet.Access.RW;
import static dmakit.datasheet.Access.WO;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/**
 * Registers of one channel. SAMA5D2 Series data sheet, "DMA Controller (XDMAC)", "Register
 * Summary".
 */
public enum XdmacChannelRegister implements Register {
    //         offset  reset        fields
    CIE(0x00, 0x0000_0000, Cie.values()),
    CID(0x04, 0x0000_0000, Cid.values()),
    CIM(0x08, 0x0000_0000, Cim.values()),
    CIS(0x0c, 0x0000_0000, Cis.values()),
    CSA(0x10, 0x0000_0000, Csa.values()),
    CDA(0x14, 0x0000_0000, Cda.values()),
    CNDA(0x18, 0x0000_0000, Cnda.values()),
    CNDC(0x1c, 0x0000_0000, Cndc.values()),
    CUBC(0x20, 0x0000_0000, Cubc.values()),
    CBC(0x24, 0x0000_0000, Cbc.values()),
    CC(0x28, 0x0000_0000, Cc.values()),
    CDS_MSP(0x2c, 0x0000_0000, CdsMsp.values()),
    CSUS(0x30, 0x0000_0000, Csus.values()),
    CDUS(0x34, 0x0000_0000, Cdus.values());

    /** Most channels of a controller. */
    public static final int CHANNEL_COUNT_MAX = 32;

    /** From one channel's registers to the next one's, in bytes. */
    public static final int STRIDE = 0x40;

    /** The checked map. */
    public static final RegisterMap<XdmacChannelRegister> MAP =
            new RegisterMap<>("xdmac channel", STRIDE, values());

    private final Row row;

    XdmacChannelRegister(int offset, int reset, Field[] fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** Interrupt Enable. */
    public enum Cie implements Field {
        /**
         * From now on interrupts when a request came while one was being served; the model's lines
         * are levels and lose none.
         */
        ROIE(6, 6, WO, Bits.NOT_MODELLED),
        /** From now on interrupts when a write was refused. */
        WBEIE(5, 5, WO),
        /** From now on interrupts when a read was refused. */
        RBEIE(4, 4, WO),
        /** From now on interrupts when a flush has ended. */
        FIE(3, 3, WO),
        /** From now on interrupts when the channel has been disabled. */
        DIE(2, 2, WO),
        /** From now on interrupts when a linked list has ended. */
        LIE(1, 1, WO),
        /** From now on interrupts when a block has ended. */
        BIE(0, 0, WO);

        private final Bits bits;

        Cie(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Cie(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Interrupt Disable. */
    public enum Cid implements Field {
        /**
         * No longer interrupts when a request came while one was being served; the model's lines
         * are levels and lose none.
         */
        ROID(6, 6, WO, Bits.NOT_MODELLED),
        /** No longer interrupts when a write was refused. */
        WBEID(5, 5, WO),
        /** No longer interrupts when a read was refused. */
        RBEID(4, 4, WO),
        /** No longer interrupts when a flush has ended. */
        FID(3, 3, WO),
        /** No longer interrupts when the channel has been disabled. */
        DID(2, 2, WO),
        /** No longer interrupts when a linked list has ended. */
        LID(1, 1, WO),
        /** No longer interrupts when a block has ended. */
        BID(0, 0, WO);

        private final Bits bits;

        Cid(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Cid(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Interrupt Mask. */
    public enum Cim implements Field {
        /**
         * Interrupts when a request came while one was being served; the model's lines are levels
         * and lose none.
         */
        ROIM(6, 6, RO, Bits.NOT_MODELLED),
        /** Interrupts when a write was refused. */
        WBEIM(5, 5, RO),
        /** Interrupts when a read was refused. */
        RBEIM(4, 4, RO),
        /** Interrupts when a flush has ended. */
        FIM(3, 3, RO),
        /** Interrupts when the channel has been disabled. */
        DIM(2, 2, RO),
        /** Interrupts when a linked list has ended. */
        LIM(1, 1, RO),
        /** Interrupts when a block has ended. */
        BIM(0, 0, RO);

        private final Bits bits;

        Cim(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Cim(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Interrupt Status; a load clears it. */
    public enum Cis implements Field {
        /**
         * A request came while one was being served; the model's lines are levels and lose none.
         */
        ROIS(6, 6, RC, Bits.NOT_MODELLED),
        /** A write was refused. */
        WBEIS(5, 5, RC),
        /** A read was refused. */
        RBEIS(4, 4, RC),
        /** A flush has ended. */
        FIS(3, 3, RC),
        /** The channel has been disabled. */
        DIS(2, 2, RC),
        /** A linked list has ended. */
        LIS(1, 1, RC),
        /** A block has ended. */
        BIS(0, 0, RC);

        private final Bits bits;

        Cis(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Cis(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Source Address. */
    public enum Csa implements Field {
        /** A bus address; advances with the transfer. */
        SA(31, 0, RW);

        private final Bits bits;

        Csa(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Destination Address. */
    public enum Cda implements Field {
        /** A bus address; advances with the transfer. */
        DA(31, 0, RW);

        private final Bits bits;

        Cda(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Next Descriptor Address. */
    public enum Cnda implements Field {
        /** Where the next descriptor is, in words. */
        NDA(31, 2, RW),
        /** The bus interface it is fetched through; they lead to the same memory. */
        NDAIF(0, 0, RW, Bits.NOT_MODELLED);

        private final Bits bits;

        Cnda(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Cnda(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Next Descriptor Control: what becomes of the next descriptor. */
    public enum Cndc implements Field {
        /** Which words it has, {@code XdmacDescriptor} 0 to 3. */
        NDVIEW(4, 3, RW),
        /** It replaces the destination. */
        NDDUP(2, 2, RW),
        /** It replaces the source. */
        NDSUP(1, 1, RW),
        /** There is one. */
        NDE(0, 0, RW);

        private final Bits bits;

        Cndc(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Microblock Control. */
    public enum Cubc implements Field {
        /** Data of the microblock; counts down. */
        UBLEN(23, 0, RW);

        private final Bits bits;

        Cubc(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Block Control. */
    public enum Cbc implements Field {
        /** Microblocks of the block, less one; counts down. */
        BLEN(11, 0, RW);

        private final Bits bits;

        Cbc(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Configuration. */
    public enum Cc implements Field {
        /** Number of the request line. */
        PERID(30, 24, RW),
        /** A write is in progress. */
        WRIP(23, 23, RO),
        /** A read is in progress. */
        RDIP(22, 22, RO),
        /** The descriptor has been loaded. */
        INITD(21, 21, RO),
        /** How the destination advances, a number of {@link Addressing}. */
        DAM(19, 18, RW),
        /** How the source advances, a number of {@link Addressing}. */
        SAM(17, 16, RW),
        /** The bus interface of the destination; both lead to the same memory. */
        DIF(14, 14, RW, Bits.NOT_MODELLED),
        /** The bus interface of the source. */
        SIF(13, 13, RW, Bits.NOT_MODELLED),
        /** Bytes of one datum, as a shift. */
        DWIDTH(12, 11, RW),
        /** Data of a chunk, which one request asks for, as a shift; at most 4. */
        CSIZE(10, 8, RW),
        /** Reads nothing and stores the pattern in {@code CDS_MSP}. */
        MEMSET(7, 7, RW),
        /** {@code GSWR} requests chunks, not the line. */
        SWREQ(6, 6, RW),
        /** Accesses are unsecure ones. */
        PROT(5, 5, RW, Bits.NOT_MODELLED),
        /** The peripheral is the destination. */
        DSYNC(4, 4, RW),
        /** Data of a burst between memories: 1, 4, 8 or 16. */
        MBSIZE(2, 1, RW),
        /** A peripheral paces the transfer. */
        TYPE(0, 0, RW);

        private final Bits bits;

        Cc(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Cc(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Data Stride, or the pattern of 32 bits with {@code MEMSET}. */
    public enum CdsMsp implements Field {
        /** Added to the destination after each datum; signed. */
        DDS_MSP(31, 16, RW),
        /** Added to the source after each datum; signed. */
        SDS_MSP(15, 0, RW);

        private final Bits bits;

        CdsMsp(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Source Microblock Stride. */
    public enum Csus implements Field {
        /** Added to the source after each microblock; signed. */
        SUBS(23, 0, RW);

        private final Bits bits;

        Csus(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Destination Microblock Stride. */
    public enum Cdus implements Field {
        /** Added to the destination after each microblock; signed. */
        DUBS(23, 0, RW);

        private final Bits bits;

        Cdus(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** How an address advances: what {@code SAM} and {@code DAM} hold. */
    public enum Addressing {
        /** It does not. */
        FIXED,
        /** By the datum. */
        INCREMENTED,
        /** By the datum, and by the microblock stride after each microblock. */
        MICROBLOCK_STRIDE,
        /** By the datum and the data stride, and by the microblock stride as well. */
        DATA_STRIDE;

        private static final Addressing[] ALL = values();

        /** The way of a number, 0 to 3. */
        public static Addressing of(int number) {
            return ALL[number];
        }
    }
}
