package dmakit.datasheet.smmu;

import static dmakit.datasheet.Access.RO;
import static dmakit.datasheet.Access.RW;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/**
 * Registers of global address space 1: what each context bank is for. Arm SMMUv2, IHI 0062, chapter
 * 10, "Global Register Space 1".
 *
 * <p>Each stands for one register per context bank, 4 bytes apart.
 */
public enum ContextAttributeRegister implements Register {
    // offset, reset, fields
    CBAR(0x000, 0x0000_0000, Cbar.values()),
    CBFRSYNRA(0x400, 0x0000_0000, Cbfrsynra.values()),
    CBA2R(0x800, 0x0000_0000, Cba2r.values());

    /** Most context banks. */
    public static final int BANK_COUNT_MAX = 128;

    /** The value of {@link Cbar#TYPE} for stage 2 alone. */
    public static final int TYPE_STAGE_2 = 0;

    /** The value of {@link Cbar#TYPE} for stage 1 alone. */
    public static final int TYPE_STAGE_1 = 1;

    /** The value of {@link Cbar#BPSHCFG} for addresses that nobody shares. */
    public static final int BPSHCFG_NOT_SHARED = 3;

    /** The value of {@link Cbar#MEMATTR} for write-back memory. */
    public static final int MEMATTR_WRITE_BACK = 0xf;

    /** Bytes of the space that are described here. */
    public static final int SIZE = 0x1000;

    /** The checked map. */
    public static final RegisterMap<ContextAttributeRegister> MAP =
            new RegisterMap<>("smmu global space 1", SIZE, values());

    private final Row row;

    ContextAttributeRegister(int offset, int reset, Field[] fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** What a context bank does. The layout is that for stage 1 alone. */
    public enum Cbar implements Field {
        /** Its interrupt, in SMMUv1. */
        IRPTNDX(31, 24, RW, Bits.NOT_MODELLED),
        /** Its stages. */
        TYPE(17, 16, RW),
        /** Memory type in the stage that is left out. */
        MEMATTR(15, 12, RW, Bits.NOT_MODELLED),
        /** Shareability in the stage that is left out. */
        BPSHCFG(9, 8, RW, Bits.NOT_MODELLED),
        /** Marks the entries it makes. */
        VMID(7, 0, RW);

        private final Bits bits;

        Cbar(int msb, int lsb, Access access) {
            this(msb, lsb, access, true);
        }

        Cbar(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Whose access faulted. */
    public enum Cbfrsynra implements Field {
        /** Index into the table of security states. */
        SSD_INDEX(31, 16, RO, Bits.NOT_MODELLED),
        /** The stream. */
        STREAMID(15, 0, RO);

        private final Bits bits;

        Cbfrsynra(int msb, int lsb, Access access) {
            this(msb, lsb, access, true);
        }

        Cbfrsynra(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** More of what a context bank does. */
    public enum Cba2r implements Field {
        /** VMID of 16 bits. */
        VMID16(31, 16, RW, Bits.NOT_MODELLED),
        /** Monitor mode. */
        MONC(1, 1, RW, Bits.NOT_MODELLED),
        /** Its tables are those of AArch64. */
        VA64(0, 0, RW);

        private final Bits bits;

        Cba2r(int msb, int lsb, Access access) {
            this(msb, lsb, access, true);
        }

        Cba2r(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
