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
 * Registers of global address space 0. Arm SMMUv2, IHI 0062, chapter 9, "Global Register Space 0";
 * secure ones are left out.
 *
 * <p>{@link #SMR} and {@link #S2CR} stand for one register per stream match group, 4 bytes apart.
 */
public enum GlobalRegister implements Register {
    // offset, reset, fields
    CR0(0x000, 0x0020_0001, Cr0.values()),
    ACR(0x010, 0x0000_0000, Acr.values()),
    IDR0(0x020, 0x0000_0000, Idr0.values()),
    IDR1(0x024, 0x0000_0000, Idr1.values()),
    IDR2(0x028, 0x0000_0000, Idr2.values()),
    IDR7(0x03c, 0x0000_0000, Idr7.values()),
    GFAR(0x040, 0x0000_0000, Word.values()),
    GFAR_HIGH(0x044, 0x0000_0000, Word.values()),
    GFSR(0x048, 0x0000_0000, Gfsr.values()),
    GFSRRESTORE(0x04c, 0x0000_0000, Command.values()),
    GFSYNR0(0x050, 0x0000_0000, Gfsynr0.values()),
    GFSYNR1(0x054, 0x0000_0000, Gfsynr1.values()),
    GFSYNR2(0x058, 0x0000_0000, Reserved.values()),
    TLBIVMID(0x064, 0x0000_0000, Tlbivmid.values()),
    TLBIALLNSNH(0x068, 0x0000_0000, Command.values()),
    TLBIALLH(0x06c, 0x0000_0000, Command.values()),
    TLBGSYNC(0x070, 0x0000_0000, Command.values()),
    TLBGSTATUS(0x074, 0x0000_0000, Tlbgstatus.values()),
    SMR(0x800, 0x0000_0000, Smr.values()),
    S2CR(0xc00, 0x0000_0000, S2cr.values());

    /** Most stream match groups. */
    public static final int GROUP_COUNT_MAX = 128;

    /** The value of {@link S2cr#TYPE} that sends a stream to a context bank. */
    public static final int TYPE_TRANSLATE = 0;

    /** The value of {@link S2cr#TYPE} that lets a stream through as it is. */
    public static final int TYPE_BYPASS = 1;

    /** The value of {@link S2cr#TYPE} that lets nothing through. */
    public static final int TYPE_FAULT = 2;

    /** The value of {@link S2cr#PRIVCFG} that makes every access a privileged one. */
    public static final int PRIVCFG_PRIVILEGED = 3;

    /** The value of {@link Idr0#PTFS} that leaves AArch64 tables alone. */
    public static final int PTFS_NO_AARCH32 = 3;

    /** Bytes of the space that are described here. */
    public static final int SIZE = 0x1000;

    /** The checked map. */
    public static final RegisterMap<GlobalRegister> MAP =
            new RegisterMap<>("smmu global space 0", SIZE, values());

    private final Row row;

    GlobalRegister(int offset, int reset, Field[] fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** Configuration of everything. */
    public enum Cr0 implements Field {
        /** VMIDs have 16 bits. */
        VMID16EN(31, 31, RW, Bits.NOT_MODELLED),
        /** Security of accesses that bypass. */
        NSCFG(29, 28, RW, Bits.NOT_MODELLED),
        /** Write allocation of accesses that bypass. */
        WACFG(27, 26, RW, Bits.NOT_MODELLED),
        /** Read allocation of accesses that bypass. */
        RACFG(25, 24, RW, Bits.NOT_MODELLED),
        /** Shareability of accesses that bypass. */
        SHCFG(23, 22, RW, Bits.NOT_MODELLED),
        /** A stream that matches several groups faults; always, here. */
        SMCFCFG(21, 21, RO),
        /** Memory type of accesses that bypass: that of MEMATTR. */
        MTCFG(20, 20, RW, Bits.NOT_MODELLED),
        /** Memory type of accesses that bypass. */
        MEMATTR(19, 16, RW, Bits.NOT_MODELLED),
        /** Upgrade of barriers. */
        BSU(15, 14, RW, Bits.NOT_MODELLED),
        /** Forced broadcast. */
        FB(13, 13, RW, Bits.NOT_MODELLED),
        /** Private TLB maintenance: no part in the CPU's broadcasts. */
        PTM(12, 12, RW, Bits.NOT_MODELLED),
        /** Private VMIDs. */
        VMIDPNE(11, 11, RW, Bits.NOT_MODELLED),
        /** A stream that matches no group faults, else it bypasses. */
        USFCFG(10, 10, RW),
        /** Global stall. */
        GSE(9, 9, RW, Bits.NOT_MODELLED),
        /** No stalls. */
        STALLD(8, 8, RW, Bits.NOT_MODELLED),
        /** Transience of accesses that bypass. */
        TRANSIENTCFG(7, 6, RW, Bits.NOT_MODELLED),
        /** Interrupt for configuration faults. */
        GCFGFIE(5, 5, RW, Bits.NOT_MODELLED),
        /** Error for configuration faults. */
        GCFGFRE(4, 4, RW, Bits.NOT_MODELLED),
        /** Stream ids of 16 bits. */
        EXIDENABLE(3, 3, RW, Bits.NOT_MODELLED),
        /** Interrupt for global faults. */
        GFIE(2, 2, RW),
        /** Error for global faults; always, here. */
        GFRE(1, 1, RW, Bits.NOT_MODELLED),
        /** Everything bypasses. */
        CLIENTPD(0, 0, RW);

        private final Bits bits;

        Cr0(int msb, int lsb, Access access) {
            this(msb, lsb, access, true);
        }

        Cr0(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Auxiliary configuration, of the MMU-500. */
    public enum Acr implements Field {
        /** The auxiliary controls of the context banks cannot be written. */
        CACHE_LOCK(26, 26, RW, Bits.NOT_MODELLED),
        /** Streams that bypass are cached. */
        S2CRB_TLBEN(10, 10, RW, Bits.NOT_MODELLED),
        /** Streams that match nothing are cached. */
        SMTNMB_TLBEN(8, 8, RW, Bits.NOT_MODELLED);

        private final Bits bits;

        Acr(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** What it can do. */
    public enum Idr0 implements Field {
        /** Two security states. */
        SES(31, 31, RO),
        /** Stage 1 translation. */
        S1TS(30, 30, RO),
        /** Stage 2 translation. */
        S2TS(29, 29, RO),
        /** Stage 1 followed by stage 2. */
        NTS(28, 28, RO),
        /** Stream matching. */
        SMS(27, 27, RO),
        /** No address translation operations. */
        ATOSNS(26, 26, RO),
        /** Formats of 32-bit tables it does without. */
        PTFS(25, 24, RO),
        /** Context interrupts, in SMMUv1. */
        NUMIRPT(23, 16, RO),
        /** Table walks snoop the CPU's caches. */
        CTTW(14, 14, RO),
        /** It takes part in the CPU's broadcast TLB maintenance. */
        BTM(13, 13, RO),
        /** Bits of a stream id. */
        NUMSIDB(12, 9, RO),
        /** Stream ids may have 16 bits. */
        EXIDS(8, 8, RO),
        /** Stream match groups. */
        NUMSMRG(7, 0, RO);

        private final Bits bits;

        Idr0(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Its sizes. */
    public enum Idr1 implements Field {
        /** Pages of registers have 64 KiB, else 4 KiB. */
        PAGESIZE(31, 31, RO),
        /** Bits of a page's number, minus one. */
        NUMPAGENDXB(30, 28, RO),
        /** Context banks for stage 2 alone. */
        NUMS2CB(23, 16, RO),
        /** Not every conflict between groups is detected. */
        SMCD(15, 15, RO),
        /** A table of security states. */
        SSDTP(13, 12, RO),
        /** Bits of an index into that table. */
        NUMSSDNDXB(11, 8, RO),
        /** Context banks. */
        NUMCB(7, 0, RO);

        private final Bits bits;

        Idr1(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Its address sizes: 0 for 32 bits, then 36, 40, 42, 44, 48. */
    public enum Idr2 implements Field {
        /** VMIDs may have 16 bits. */
        VMID16S(15, 15, RO),
        /** AArch64 tables of 64 KiB. */
        PTFSV8_64KB(14, 14, RO),
        /** AArch64 tables of 16 KiB. */
        PTFSV8_16KB(13, 13, RO),
        /** AArch64 tables of 4 KiB. */
        PTFSV8_4KB(12, 12, RO),
        /** Addresses that masters put out; 5 is 49 bits. */
        UBS(11, 8, RO),
        /** Physical addresses. */
        OAS(7, 4, RO),
        /** Intermediate addresses. */
        IAS(3, 0, RO);

        private final Bits bits;

        Idr2(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Its revision. */
    public enum Idr7 implements Field {
        /** The r of its number. */
        MAJOR(7, 4, RO),
        /** The p of its number. */
        MINOR(3, 0, RO);

        private final Bits bits;

        Idr7(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
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

    /** Global faults that were recorded. */
    public enum Gfsr implements Field {
        /** There were more than the one recorded. */
        MULTI(31, 31, W1C),
        /** An upstream transaction that is not supported. */
        UUT(8, 8, W1C, Bits.NOT_MODELLED),
        /** A permission fault. */
        PF(7, 7, W1C, Bits.NOT_MODELLED),
        /** An external fault. */
        EF(6, 6, W1C, Bits.NOT_MODELLED),
        /** A configuration access fault. */
        CAF(5, 5, W1C, Bits.NOT_MODELLED),
        /** A context bank that is not implemented was accessed. */
        UCIF(4, 4, W1C, Bits.NOT_MODELLED),
        /** A stream leads to a context bank that is not implemented. */
        UCBF(3, 3, W1C),
        /** A stream matches several groups. */
        SMCF(2, 2, W1C),
        /** A stream matches no group. */
        USF(1, 1, W1C),
        /** A stream of a group that lets nothing through. */
        ICF(0, 0, W1C);

        private final Bits bits;

        Gfsr(int msb, int lsb, Access access) {
            this(msb, lsb, access, true);
        }

        Gfsr(int msb, int lsb, Access access, boolean modelled) {
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
    public enum Gfsynr0 implements Field {
        /** An address translation operation. */
        ATS(6, 6, RW, Bits.NOT_MODELLED),
        /** Its security attribute. */
        NSATTR(5, 5, RW, Bits.NOT_MODELLED),
        /** Its security state. */
        NSSTATE(4, 4, RW, Bits.NOT_MODELLED),
        /** A fetch of instructions. */
        IND(3, 3, RW, Bits.NOT_MODELLED),
        /** Privileged. */
        PNU(2, 2, RW, Bits.NOT_MODELLED),
        /** A write. */
        WNR(1, 1, RW),
        /** In a stage that is nested. */
        NESTED(0, 0, RW, Bits.NOT_MODELLED);

        private final Bits bits;

        Gfsynr0(int msb, int lsb, Access access) {
            this(msb, lsb, access, true);
        }

        Gfsynr0(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Whose the access was. */
    public enum Gfsynr1 implements Field {
        /** Index into the table of security states. */
        SSD_INDEX(31, 16, RW, Bits.NOT_MODELLED),
        /** Its stream. */
        STREAMID(15, 0, RW);

        private final Bits bits;

        Gfsynr1(int msb, int lsb, Access access) {
            this(msb, lsb, access, true);
        }

        Gfsynr1(int msb, int lsb, Access access, boolean modelled) {
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

    /** Whose entries go. */
    public enum Tlbivmid implements Field {
        /** Entries of this VMID. */
        VMID(15, 0, WO);

        private final Bits bits;

        Tlbivmid(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Whether a synchronisation is under way. */
    public enum Tlbgstatus implements Field {
        /** It is. */
        GSACTIVE(0, 0, RO);

        private final Bits bits;

        Tlbgstatus(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Which streams match a group. */
    public enum Smr implements Field {
        /** Any do. */
        VALID(31, 31, RW),
        /** Bits of the id that do not count. */
        MASK(30, 16, RW),
        /** The id. */
        ID(14, 0, RW);

        private final Bits bits;

        Smr(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** What happens to the streams of a group. */
    public enum S2cr implements Field {
        /** Transience. */
        TRANSIENTCFG(29, 28, RW, Bits.NOT_MODELLED),
        /** Whether fetches count as data. */
        INSTCFG(27, 26, RW, Bits.NOT_MODELLED),
        /** Whether accesses are privileged: 0 as they say, 2 no, 3 yes. */
        PRIVCFG(25, 24, RW),
        /** Write allocation. */
        WACFG(23, 22, RW, Bits.NOT_MODELLED),
        /** Read allocation. */
        RACFG(21, 20, RW, Bits.NOT_MODELLED),
        /** Security. */
        NSCFG(19, 18, RW, Bits.NOT_MODELLED),
        /** Translate, bypass or fault. */
        TYPE(17, 16, RW),
        /** Memory type. */
        MEMATTR(15, 12, RW, Bits.NOT_MODELLED),
        /** Whether MEMATTR counts. */
        MTCFG(11, 11, RW, Bits.NOT_MODELLED),
        /** SMR is valid, with stream ids of 16 bits. */
        EXIDVALID(10, 10, RW, Bits.NOT_MODELLED),
        /** Shareability. */
        SHCFG(9, 8, RW, Bits.NOT_MODELLED),
        /** The context bank that translates. */
        CBNDX(7, 0, RW);

        private final Bits bits;

        S2cr(int msb, int lsb, Access access) {
            this(msb, lsb, access, true);
        }

        S2cr(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
