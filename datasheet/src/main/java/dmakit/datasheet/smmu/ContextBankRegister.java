package dmakit.datasheet.smmu;

import static dmakit.datasheet.Access.RO;
import static dmakit.datasheet.Access.RW;
import static dmakit.datasheet.Access.W1C;
import static dmakit.datasheet.Access.WO;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/**
 * Registers of one context bank, for stage 1 with AArch64 tables. Arm SMMUv2, IHI 0062, chapter 11,
 * "Translation context bank address space".
 *
 * <p>64-bit registers are two words; the upper one is {@code ..._HIGH}.
 */
public enum ContextBankRegister implements Register {
    // offset, reset, fields
    SCTLR(0x000, 0x0000_0000, Sctlr.values()),
    ACTLR(0x004, 0x0000_0000, Actlr.values()),
    RESUME(0x008, 0x0000_0000, Resume.values()),
    TCR2(0x010, 0x0000_0000, Tcr2.values()),
    TTBR0(0x020, 0x0000_0000, TtbrLow.values()),
    TTBR0_HIGH(0x024, 0x0000_0000, TtbrHigh.values()),
    TTBR1(0x028, 0x0000_0000, TtbrLow.values()),
    TTBR1_HIGH(0x02c, 0x0000_0000, TtbrHigh.values()),
    TCR(0x030, 0x0000_0000, Tcr.values()),
    CONTEXTIDR(0x034, 0x0000_0000, Word.values()),
    MAIR0(0x038, 0x0000_0000, Mair.values()),
    MAIR1(0x03c, 0x0000_0000, Mair.values()),
    FSR(0x058, 0x0000_0000, Fsr.values()),
    FSRRESTORE(0x05c, 0x0000_0000, Command.values()),
    FAR(0x060, 0x0000_0000, Word.values()),
    FAR_HIGH(0x064, 0x0000_0000, Word.values()),
    FSYNR0(0x068, 0x0000_0000, Fsynr0.values()),
    FSYNR1(0x06c, 0x0000_0000, Reserved.values()),
    TLBIVA(0x600, 0x0000_0000, TlbivaLow.values()),
    TLBIVA_HIGH(0x604, 0x0000_0000, TlbivaHigh.values()),
    TLBIVAA(0x608, 0x0000_0000, TlbivaLow.values()),
    TLBIVAA_HIGH(0x60c, 0x0000_0000, TlbivaHigh.values()),
    TLBIASID(0x610, 0x0000_0000, Tlbiasid.values()),
    TLBIALL(0x618, 0x0000_0000, Command.values()),
    TLBIVAL(0x620, 0x0000_0000, TlbivaLow.values()),
    TLBIVAL_HIGH(0x624, 0x0000_0000, TlbivaHigh.values()),
    TLBIVAAL(0x628, 0x0000_0000, TlbivaLow.values()),
    TLBIVAAL_HIGH(0x62c, 0x0000_0000, TlbivaHigh.values()),
    TLBSYNC(0x7f0, 0x0000_0000, Command.values()),
    TLBSTATUS(0x7f4, 0x0000_0000, Tlbstatus.values());

    /** The value of {@link Fsr#FORMAT} for AArch64 tables. */
    public static final int FORMAT_AARCH64 = 2;

    /** The value of {@link Tcr#TG0} for tables of 4 KiB. */
    public static final int TG0_4K = 0;

    /** The value of {@link Tcr#TG1} for tables of 4 KiB. */
    public static final int TG1_4K = 2;

    /** The value of {@link Tcr2#SEP} for addresses whose upper bits are all there. */
    public static final int SEP_UPSTREAM = 7;

    /** Bytes of the bank that are described here. */
    public static final int SIZE = 0x1000;

    /** The checked map. */
    public static final RegisterMap<ContextBankRegister> MAP =
            new RegisterMap<>("smmu context bank", SIZE, values());

    private final Row row;

    ContextBankRegister(int offset, int reset, Field[] fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** Whether it translates, and what becomes of faults. */
    public enum Sctlr implements Field {
        /** Private ASIDs. */
        ASIDPNE(12, 12, RW, Bits.NOT_MODELLED),
        /** Accesses go on while a fault waits; always, here. */
        HUPCF(8, 8, RW, Bits.NOT_MODELLED),
        /** A fault stalls its access instead of ending it. */
        CFCFG(7, 7, RW, Bits.NOT_MODELLED),
        /** Interrupt for context faults. */
        CFIE(6, 6, RW),
        /** Error for context faults; always, here. */
        CFRE(5, 5, RW, Bits.NOT_MODELLED),
        /** Tables are big-endian. */
        E(4, 4, RW, Bits.NOT_MODELLED),
        /** Access flags, in tables of AArch32; always, here. */
        AFE(2, 2, RW, Bits.NOT_MODELLED),
        /** Remapped memory types. */
        TRE(1, 1, RW, Bits.NOT_MODELLED),
        /** It translates, else addresses go through. */
        M(0, 0, RW);

        private final Bits bits;

        Sctlr(int msb, int lsb, Access access) {
            this(msb, lsb, access, true);
        }

        Sctlr(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Auxiliary control, of the MMU-500. */
    public enum Actlr implements Field {
        /** Prefetch of translations. */
        CPRE(1, 1, RW, Bits.NOT_MODELLED);

        private final Bits bits;

        Actlr(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** What becomes of a stalled access. */
    public enum Resume implements Field {
        /** It ends, else it is tried again. */
        TERMINATE(0, 0, WO, Bits.NOT_MODELLED);

        private final Bits bits;

        Resume(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** The rest of the tables' sizes. */
    public enum Tcr2 implements Field {
        /** The bit of an address that is its sign; 7 for the last one. */
        SEP(17, 15, RW, Bits.NOT_MODELLED),
        /** ASIDs of 16 bits, else 8. */
        AS(4, 4, RW),
        /** Physical addresses in tables: 0 for 32 bits, then 36, 40, 42, 44, 48. */
        PASIZE(2, 0, RW);

        private final Bits bits;

        Tcr2(int msb, int lsb, Access access) {
            this(msb, lsb, access, true);
        }

        Tcr2(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Where the first table lies. */
    public enum TtbrLow implements Field {
        /** Bits 31:0; those below the table's size are taken as zero. */
        ADDRESS(31, 0, RW);

        private final Bits bits;

        TtbrLow(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Where the first table lies, and the ASID. */
    public enum TtbrHigh implements Field {
        /** Marks the entries made. */
        ASID(31, 16, RW),
        /** Bits 47:32. */
        ADDRESS(15, 0, RW);

        private final Bits bits;

        TtbrHigh(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** The tables' sizes. */
    public enum Tcr implements Field {
        /** Granule of TTBR1; 2 for 4 KiB. */
        TG1(31, 30, RW),
        /** Shareability of walks of TTBR1. */
        SH1(29, 28, RW, Bits.NOT_MODELLED),
        /** Outer cacheability of walks of TTBR1. */
        ORGN1(27, 26, RW, Bits.NOT_MODELLED),
        /** Inner cacheability of walks of TTBR1. */
        IRGN1(25, 24, RW, Bits.NOT_MODELLED),
        /** No walks of TTBR1. */
        EPD1(23, 23, RW),
        /** The ASID is that of TTBR1. */
        A1(22, 22, RW),
        /** 64 minus the bits of an address in TTBR1. */
        T1SZ(21, 16, RW),
        /** Granule of TTBR0; 0 for 4 KiB. */
        TG0(15, 14, RW),
        /** Shareability of walks of TTBR0. */
        SH0(13, 12, RW, Bits.NOT_MODELLED),
        /** Outer cacheability of walks of TTBR0. */
        ORGN0(11, 10, RW, Bits.NOT_MODELLED),
        /** Inner cacheability of walks of TTBR0. */
        IRGN0(9, 8, RW, Bits.NOT_MODELLED),
        /** No walks of TTBR0. */
        EPD0(7, 7, RW),
        /** 64 minus the bits of an address in TTBR0. */
        T0SZ(5, 0, RW);

        private final Bits bits;

        Tcr(int msb, int lsb, Access access) {
            this(msb, lsb, access, true);
        }

        Tcr(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** All bits are one value. */
    public enum Word implements Field {
        /** The value. */
        VALUE(31, 0, RW);

        private final Bits bits;

        Word(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Four memory types, for the indexes in tables. */
    public enum Mair implements Field {
        /** Of index 3 or 7. */
        ATTR3(31, 24, RW, Bits.NOT_MODELLED),
        /** Of index 2 or 6. */
        ATTR2(23, 16, RW, Bits.NOT_MODELLED),
        /** Of index 1 or 5. */
        ATTR1(15, 8, RW, Bits.NOT_MODELLED),
        /** Of index 0 or 4. */
        ATTR0(7, 0, RW, Bits.NOT_MODELLED);

        private final Bits bits;

        Mair(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** The fault that was recorded. */
    public enum Fsr implements Field {
        /** There were more. */
        MULTI(31, 31, W1C),
        /** Its access is stalled. */
        SS(30, 30, RO, Bits.NOT_MODELLED),
        /** Which kind of tables. */
        FORMAT(10, 9, RO),
        /** An upstream transaction that is not supported. */
        UUT(8, 8, W1C, Bits.NOT_MODELLED),
        /** An address larger than PASIZE allows. */
        ASF(7, 7, W1C),
        /** A failure to lock an entry. */
        TLBLKF(6, 6, W1C, Bits.NOT_MODELLED),
        /** Several entries for one address. */
        TLBMCF(5, 5, W1C, Bits.NOT_MODELLED),
        /** Nothing answers where a table should be. */
        EF(4, 4, W1C),
        /** No permission. */
        PF(3, 3, W1C),
        /** The access flag is clear. */
        AFF(2, 2, W1C),
        /** No translation. */
        TF(1, 1, W1C);

        private final Bits bits;

        Fsr(int msb, int lsb, Access access) {
            this(msb, lsb, access, true);
        }

        Fsr(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** A store starts something; its value says nothing. */
    public enum Command implements Field {
        /** Ignored. */
        ANY(31, 0, WO);

        private final Bits bits;

        Command(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** What the access was. */
    public enum Fsynr0 implements Field {
        /** The context bank of stage 1, when stage 2 faulted. */
        S1CBNDX(23, 16, RO, Bits.NOT_MODELLED),
        /** An asynchronous fault. */
        AFR(11, 11, RO, Bits.NOT_MODELLED),
        /** On the walk of tables. */
        PTWF(10, 10, RO),
        /** Its security attribute. */
        NSATTR(8, 8, RO, Bits.NOT_MODELLED),
        /** A fetch of instructions. */
        IND(6, 6, RO, Bits.NOT_MODELLED),
        /** Privileged. */
        PNU(5, 5, RO),
        /** A write. */
        WNR(4, 4, RO),
        /** The level of the table at which it failed. */
        PLVL(1, 0, RO);

        private final Bits bits;

        Fsynr0(int msb, int lsb, Access access) {
            this(msb, lsb, access, true);
        }

        Fsynr0(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Implementation defined; nothing here. */
    public enum Reserved implements Field {
        /** Zero. */
        ANY(31, 0, RO);

        private final Bits bits;

        Reserved(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Which entries go. */
    public enum TlbivaLow implements Field {
        /** Bits 43:12 of the address. */
        VA(31, 0, WO);

        private final Bits bits;

        TlbivaLow(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Which entries go. */
    public enum TlbivaHigh implements Field {
        /** Whose; any's for TLBIVAA and TLBIVAAL. */
        ASID(31, 16, WO),
        /** Bits 55:44 of the address. */
        VA(11, 0, WO);

        private final Bits bits;

        TlbivaHigh(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Which entries go. */
    public enum Tlbiasid implements Field {
        /** Whose. */
        ASID(15, 0, WO);

        private final Bits bits;

        Tlbiasid(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Whether a synchronisation is under way. */
    public enum Tlbstatus implements Field {
        /** It is. */
        SACTIVE(0, 0, RO);

        private final Bits bits;

        Tlbstatus(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
