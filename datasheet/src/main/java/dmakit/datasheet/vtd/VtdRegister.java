package dmakit.datasheet.vtd;

import static dmakit.datasheet.Access.RO;
import static dmakit.datasheet.Access.RW;
import static dmakit.datasheet.Access.W1C;
import static dmakit.datasheet.Access.WO;
import static dmakit.datasheet.Bits.NOT_MODELLED;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/**
 * Registers of a DMA remapping unit. Intel VT-d, chapter 10, "Register Descriptions".
 *
 * <p>Registers of 64 bits are two words here; stores and loads of 4 or of 8 bytes reach them. The
 * values of the capabilities are those of the unit that dmakit has a model of: domains of 16 bits,
 * tables of 3 or 4 levels with pages of 4 KiB, 2 MiB and 1 GiB, queued invalidation, 8 fault
 * records; neither interrupt remapping nor scalable mode.
 */
public enum VtdRegister implements Register {
    // offset, reset, fields
    VER(0x00, 0x0000_0010, Ver.values()),
    CAP(0x08, 0x226f_0606, Cap.values()),
    CAP_UPPER(0x0c, 0x00d2_078c, CapUpper.values()),
    ECAP(0x10, 0x0000_0fc3, Ecap.values()),
    ECAP_UPPER(0x14, 0x0000_0000, EcapUpper.values()),
    GCMD(0x18, 0x0000_0000, Gcmd.values()),
    GSTS(0x1c, 0x0000_0000, Gsts.values()),
    RTADDR(0x20, 0x0000_0000, Rtaddr.values()),
    RTADDR_UPPER(0x24, 0x0000_0000, AddressUpper.values()),
    CCMD(0x28, 0x0000_0000, Ccmd.values()),
    CCMD_UPPER(0x2c, 0x0000_0000, CcmdUpper.values()),
    FSTS(0x34, 0x0000_0000, Fsts.values()),
    FECTL(0x38, 0x8000_0000, EventControl.values()),
    FEDATA(0x3c, 0x0000_0000, EventData.values()),
    FEADDR(0x40, 0x0000_0000, EventAddress.values()),
    FEUADDR(0x44, 0x0000_0000, AddressUpper.values()),
    AFLOG(0x58, 0x0000_0000, Aflog.values()),
    AFLOG_UPPER(0x5c, 0x0000_0000, AflogUpper.values()),
    IQH(0x80, 0x0000_0000, Iqh.values()),
    IQH_UPPER(0x84, 0x0000_0000),
    IQT(0x88, 0x0000_0000, Iqt.values()),
    IQT_UPPER(0x8c, 0x0000_0000),
    IQA(0x90, 0x0000_0000, Iqa.values()),
    IQA_UPPER(0x94, 0x0000_0000, AddressUpper.values()),
    ICS(0x9c, 0x0000_0000, Ics.values()),
    IECTL(0xa0, 0x8000_0000, EventControl.values()),
    IEDATA(0xa4, 0x0000_0000, EventData.values()),
    IEADDR(0xa8, 0x0000_0000, EventAddress.values()),
    IEUADDR(0xac, 0x0000_0000, AddressUpper.values()),
    IQERCD(0xb0, 0x0000_0000, Iqercd.values()),
    IQERCD_UPPER(0xb4, 0x0000_0000, IqercdUpper.values());

    /** Bytes of the block. */
    public static final int SIZE = 0x1000;

    /** What {@code FRO} says: where the first {@link FaultRecord} is, in bytes. */
    public static final int FAULT_RECORDS = 0x220;

    /** What {@code NFR} says: how many there are. */
    public static final int FAULT_RECORD_COUNT = 8;

    /** What {@code IRO} says: where the {@link IotlbRegister}s are, in bytes. */
    public static final int IOTLB = 0xf0;

    /** Unit of {@code FRO} and {@code IRO}, in bytes. */
    public static final int OFFSET_UNIT = 16;

    /** Bytes of a descriptor of 128 bits in the invalidation queue. */
    public static final int DESCRIPTOR_BYTES = 16;

    /** Entries of a root table, of a context table, buses and functions. */
    public static final int TABLE_ENTRIES = 256;

    /** The checked map. */
    public static final RegisterMap<VtdRegister> MAP = new RegisterMap<>("vt-d", SIZE, values());

    private final Row row;

    VtdRegister(int offset, int reset, Field... fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** Version. */
    public enum Ver implements Field {
        /** Major version. */
        MAJOR(7, 4, RO),
        /** Minor version. */
        MINOR(3, 0, RO);

        private final Bits bits;

        Ver(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Capabilities. */
    public enum Cap implements Field {
        /** Where the fault records start, in units of 16 bytes; bits 7:0. */
        FRO(31, 24, RO),
        /** Reads of zero length may go to pages that are write-only. */
        ZLR(22, 22, RO),
        /** Address bits of a master, minus one. */
        MGAW(21, 16, RO),
        /** Depths of second-level tables: bit 1 for 3 levels, bit 2 for 4, bit 3 for 5. */
        SAGAW(12, 8, RO),
        /** Absence is cached too. */
        CM(7, 7, RO),
        /** Has a protected region in high memory. */
        PHMR(6, 6, RO),
        /** Has a protected region in low memory. */
        PLMR(5, 5, RO),
        /** Its write buffer must be flushed. */
        RWBF(4, 4, RO),
        /** Bits of a domain id, less 4, in units of 2. */
        ND(2, 0, RO);

        private final Bits bits;

        Cap(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Bits 63:32 of the capabilities. */
    public enum CapUpper implements Field {
        /** Setting the root table forgets what was cached. */
        ESRTPS(31, 31, RO),
        /** Setting the interrupt table forgets what was cached. */
        ESIRTPS(30, 30, RO),
        /** First-level tables of 5 levels. */
        FL5LP(28, 28, RO),
        /** Posted interrupts. */
        PI(27, 27, RO),
        /** First-level pages of 1 GiB. */
        FL1GP(24, 24, RO),
        /** Invalidation can wait for reads under way. */
        DRD(23, 23, RO),
        /** Invalidation can wait for writes under way. */
        DWD(22, 22, RO),
        /** Largest address mask of an invalidation by page. */
        MAMV(21, 16, RO),
        /** Fault records, minus one. */
        NFR(15, 8, RO),
        /** Invalidates by page. */
        PSI(7, 7, RO),
        /** Large second-level pages: bit 0 for 2 MiB, bit 1 for 1 GiB. */
        SLLPS(5, 2, RO),
        /** Bits 9:8 of FRO. */
        FRO_HIGH(1, 0, RO);

        private final Bits bits;

        CapUpper(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Extended capabilities. */
    public enum Ecap implements Field {
        /** Supervisor requests. */
        SRS(31, 31, RO),
        /** Execute requests. */
        ERS(30, 30, RO),
        /** Page requests. */
        PRS(29, 29, RO),
        /** Nested translation. */
        NEST(26, 26, RO),
        /** Memory types. */
        MTS(25, 25, RO),
        /** Largest handle mask of an interrupt entry invalidation. */
        MHMV(23, 20, RO),
        /** Where the IOTLB registers are, in units of 16 bytes. */
        IRO(17, 8, RO),
        /** Snoop control in second-level entries. */
        SC(7, 7, RO),
        /** Pass-through. */
        PT(6, 6, RO),
        /** Extended interrupt mode. */
        EIM(4, 4, RO),
        /** Interrupt remapping. */
        IR(3, 3, RO),
        /** TLBs in devices. */
        DT(2, 2, RO),
        /** Queued invalidation. */
        QI(1, 1, RO),
        /** Its walks snoop the CPU's caches. */
        C(0, 0, RO);

        private final Bits bits;

        Ecap(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Bits 63:32 of the extended capabilities. */
    public enum EcapUpper implements Field {
        /** RID_PASID in context entries. */
        RPS(17, 17, RO),
        /** Scalable-mode walks snoop. */
        SMPWCS(16, 16, RO),
        /** First-level translation. */
        FLTS(15, 15, RO),
        /** Second-level translation in scalable mode. */
        SLTS(14, 14, RO),
        /** Second-level accessed and dirty bits. */
        SLADS(13, 13, RO),
        /** Virtual commands. */
        VCS(12, 12, RO),
        /** Scalable mode. */
        SMTS(11, 11, RO),
        /** Page request drain. */
        PDS(10, 10, RO),
        /** Throttling of device TLB invalidations. */
        DIT(9, 9, RO),
        /** Process address space ids. */
        PASID(8, 8, RO),
        /** Bits of a PASID, minus one. */
        PSS(7, 3, RO),
        /** Extended accessed flags. */
        EAFS(2, 2, RO),
        /** No-write flag. */
        NWFS(1, 1, RO);

        private final Bits bits;

        EcapUpper(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Global command. */
    public enum Gcmd implements Field {
        /** Translate. */
        TE(31, 31, WO),
        /** Take the root table of RTADDR. */
        SRTP(30, 30, WO),
        /** Take the fault log of AFLOG. */
        SFL(29, 29, WO, NOT_MODELLED),
        /** Log faults in memory. */
        EAFL(28, 28, WO, NOT_MODELLED),
        /** Flush the write buffer. */
        WBF(27, 27, WO, NOT_MODELLED),
        /** Queued invalidation. */
        QIE(26, 26, WO),
        /** Remap interrupts. */
        IRE(25, 25, WO, NOT_MODELLED),
        /** Take the interrupt table. */
        SIRTP(24, 24, WO, NOT_MODELLED),
        /** Let compatibility-format interrupts through. */
        CFI(23, 23, WO, NOT_MODELLED);

        private final Bits bits;

        Gcmd(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Gcmd(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Global status. */
    public enum Gsts implements Field {
        /** Translates. */
        TES(31, 31, RO),
        /** Has taken the root table. */
        RTPS(30, 30, RO),
        /** Has taken the fault log. */
        FLS(29, 29, RO, NOT_MODELLED),
        /** Logs faults in memory. */
        AFLS(28, 28, RO, NOT_MODELLED),
        /** Flushes the write buffer. */
        WBFS(27, 27, RO, NOT_MODELLED),
        /** Queued invalidation is enabled. */
        QIES(26, 26, RO),
        /** Remaps interrupts. */
        IRES(25, 25, RO, NOT_MODELLED),
        /** Has taken the interrupt table. */
        IRTPS(24, 24, RO, NOT_MODELLED),
        /** Lets compatibility-format interrupts through. */
        CFIS(23, 23, RO, NOT_MODELLED);

        private final Bits bits;

        Gsts(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Gsts(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Root table address. */
    public enum Rtaddr implements Field {
        /** Physical address, bits 31:12. */
        RTA(31, 12, RW),
        /** Translation table mode: 0 for legacy. */
        TTM(11, 10, RW, NOT_MODELLED);

        private final Bits bits;

        Rtaddr(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Rtaddr(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Bits 63:32 of an address. */
    public enum AddressUpper implements Field {
        /** Bits 63:32. */
        ADDRESS(31, 0, RW);

        private final Bits bits;

        AddressUpper(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Context command. */
    public enum Ccmd implements Field {
        /** Source id. */
        SID(31, 16, RW),
        /** Domain id. */
        DID(15, 0, RW);

        private final Bits bits;

        Ccmd(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Bits 63:32 of the context command. */
    public enum CcmdUpper implements Field {
        /** Invalidate the context cache; set until that is done. */
        ICC(31, 31, RW),
        /** Granularity wanted, see {@link ContextInvalidation}. */
        CIRG(30, 29, RW),
        /** Granularity of what was done. */
        CAIG(28, 27, RO),
        /** Function bits of SID that are ignored. */
        FM(1, 0, RW);

        private final Bits bits;

        CcmdUpper(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Fault status. */
    public enum Fsts implements Field {
        /** The record of the fault that was first. */
        FRI(15, 8, RO),
        /** A device did not answer an invalidation in time. */
        ITE(6, 6, W1C, NOT_MODELLED),
        /** A device answered an invalidation wrongly. */
        ICE(5, 5, W1C, NOT_MODELLED),
        /** The invalidation queue stands still. */
        IQE(4, 4, W1C),
        /** A fault was logged in memory. */
        APF(3, 3, W1C, NOT_MODELLED),
        /** The log in memory is full. */
        AFO(2, 2, W1C, NOT_MODELLED),
        /** A fault record holds a fault. */
        PPF(1, 1, RO),
        /** A fault was lost, all records being full. */
        PFO(0, 0, W1C);

        private final Bits bits;

        Fsts(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Fsts(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Control of an event's message. */
    public enum EventControl implements Field {
        /** Masked. */
        IM(31, 31, RW),
        /** Waits to be sent. */
        IP(30, 30, RO);

        private final Bits bits;

        EventControl(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Data of an event's message. */
    public enum EventData implements Field {
        /** Bits 31:16, extended interrupt mode. */
        EIMD(31, 16, RW, NOT_MODELLED),
        /** Bits 15:0. */
        IMD(15, 0, RW);

        private final Bits bits;

        EventData(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        EventData(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Address of an event's message. */
    public enum EventAddress implements Field {
        /** Bits 31:2. */
        MA(31, 2, RW);

        private final Bits bits;

        EventAddress(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Advanced fault log. */
    public enum Aflog implements Field {
        /** Physical address, bits 31:12. */
        FLA(31, 12, RW, NOT_MODELLED),
        /** Log2 of its pages. */
        FLS(11, 9, RW, NOT_MODELLED);

        private final Bits bits;

        Aflog(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Bits 63:32 of the advanced fault log. */
    public enum AflogUpper implements Field {
        /** Bits 63:32. */
        FLA(31, 0, RW, NOT_MODELLED);

        private final Bits bits;

        AflogUpper(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Invalidation queue head. */
    public enum Iqh implements Field {
        /** Offset of the next descriptor, in units of 16 bytes. */
        QH(18, 4, RO);

        private final Bits bits;

        Iqh(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Invalidation queue tail. */
    public enum Iqt implements Field {
        /** Offset behind the last descriptor, in units of 16 bytes. */
        QT(18, 4, RW);

        private final Bits bits;

        Iqt(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Invalidation queue address. */
    public enum Iqa implements Field {
        /** Physical address, bits 31:12. */
        IQA(31, 12, RW),
        /** Descriptors of 256 bits. */
        DW(11, 11, RW, NOT_MODELLED),
        /** Log2 of its pages; a page has 256 descriptors. */
        QS(2, 0, RW);

        private final Bits bits;

        Iqa(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Iqa(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Invalidation completion status. */
    public enum Ics implements Field {
        /** A wait descriptor that wants an interrupt is through. */
        IWC(0, 0, W1C);

        private final Bits bits;

        Ics(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Invalidation queue error. */
    public enum Iqercd implements Field {
        /** Why the queue stands still, see {@link QueueError}. */
        IQEI(3, 0, RO);

        private final Bits bits;

        Iqercd(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Bits 63:32 of the invalidation queue error. */
    public enum IqercdUpper implements Field {
        /** Source id of a wrong answer. */
        ICESID(31, 16, RO, NOT_MODELLED),
        /** Source id of a missing answer. */
        ITESID(15, 0, RO, NOT_MODELLED);

        private final Bits bits;

        IqercdUpper(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
