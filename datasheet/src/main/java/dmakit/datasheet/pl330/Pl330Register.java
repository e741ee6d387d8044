package dmakit.datasheet.pl330;

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
 * Registers of the controller as a whole. DMA-330 TRM, table 3-1. What a build decides (CR0 to CRD,
 * the revision) has no reset value here but that of PERIPH_ID_2, which is r1p2's.
 */
public enum Pl330Register implements Register {
    //     offset  reset        fields
    DSR(0x000, 0x0000_0000, Dsr.values()),
    DPC(0x004, 0x0000_0000, Pc.values()),
    INTEN(0x020, 0x0000_0000, Events.values()),
    INT_EVENT_RIS(0x024, 0x0000_0000, EventLevels.values()),
    INTMIS(0x028, 0x0000_0000, EventLevels.values()),
    INTCLR(0x02c, 0x0000_0000, EventClears.values()),
    FSRD(0x030, 0x0000_0000, Fsrd.values()),
    FSRC(0x034, 0x0000_0000, Fsrc.values()),
    FTRD(0x038, 0x0000_0000, Ftrd.values()),
    FTR0(0x040, 0x0000_0000, Ftr.values()),
    FTR1(0x044, 0x0000_0000, Ftr.values()),
    FTR2(0x048, 0x0000_0000, Ftr.values()),
    FTR3(0x04c, 0x0000_0000, Ftr.values()),
    FTR4(0x050, 0x0000_0000, Ftr.values()),
    FTR5(0x054, 0x0000_0000, Ftr.values()),
    FTR6(0x058, 0x0000_0000, Ftr.values()),
    FTR7(0x05c, 0x0000_0000, Ftr.values()),
    DBGSTATUS(0xd00, 0x0000_0000, Dbgstatus.values()),
    DBGCMD(0xd04, 0x0000_0000, Dbgcmd.values()),
    DBGINST0(0xd08, 0x0000_0000, Dbginst0.values()),
    DBGINST1(0xd0c, 0x0000_0000, Dbginst1.values()),
    CR0(0xe00, 0x0000_0000, Cr0.values()),
    CR1(0xe04, 0x0000_0000, Cr1.values()),
    CR2(0xe08, 0x0000_0000, Pc.values()),
    CR3(0xe0c, 0x0000_0000, EventLevels.values()),
    CR4(0xe10, 0x0000_0000, EventLevels.values()),
    CRD(0xe14, 0x0000_0000, Crd.values()),
    WD(0xe80, 0x0000_0000, Wd.values()),
    PERIPH_ID_0(0xfe0, 0x0000_0030, IdByte.values()),
    PERIPH_ID_1(0xfe4, 0x0000_0013, IdByte.values()),
    PERIPH_ID_2(0xfe8, 0x0000_0034, PeriphId2.values()),
    PERIPH_ID_3(0xfec, 0x0000_0000, IdByte.values()),
    PCELL_ID_0(0xff0, 0x0000_000d, IdByte.values()),
    PCELL_ID_1(0xff4, 0x0000_00f0, IdByte.values()),
    PCELL_ID_2(0xff8, 0x0000_0005, IdByte.values()),
    PCELL_ID_3(0xffc, 0x0000_00b1, IdByte.values());

    /** Bytes of the block of registers. */
    public static final int SIZE = 0x1000;

    /** Most channels of a build. */
    public static final int CHANNEL_COUNT_MAX = 8;

    /** Most events of a build, and most peripherals. */
    public static final int EVENT_COUNT_MAX = 32;

    /** The checked map. */
    public static final RegisterMap<Pl330Register> MAP = new RegisterMap<>("pl330", SIZE, values());

    private final Row row;

    Pl330Register(int offset, int reset, Field[] fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** Table 3-3: the manager thread. */
    public enum Dsr implements Field {
        /** The manager is non-secure. */
        DNS(9, 9, RO),
        /** The event it waits for. */
        WAKEUP_EVENT(8, 4, RO),
        /** One of {@link ThreadState}. */
        DMA_STATUS(3, 0, RO);

        private final Bits bits;

        Dsr(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** A program counter, or where the manager boots. */
    public enum Pc implements Field {
        /** An address on the bus. */
        ADDRESS(31, 0, RO);

        private final Bits bits;

        Pc(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Table 3-5: what DMASEV of each event does. */
    public enum Events implements Field {
        /** Interrupts instead of waking threads. */
        EVENT_IRQ_SELECT(31, 0, RW);

        private final Bits bits;

        Events(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** One bit per event or peripheral. */
    public enum EventLevels implements Field {
        /** Bit N belongs to number N. */
        BITS(31, 0, RO);

        private final Bits bits;

        EventLevels(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Table 3-8. */
    public enum EventClears implements Field {
        /** Takes the interrupt of an event back. */
        IRQ_CLR(31, 0, WO);

        private final Bits bits;

        EventClears(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Table 3-9. */
    public enum Fsrd implements Field {
        /** The manager faults. */
        FS_MGR(0, 0, RO);

        private final Bits bits;

        Fsrd(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Table 3-10. */
    public enum Fsrc implements Field {
        /** Bit N: channel N faults. */
        FAULT_STATUS(7, 0, RO);

        private final Bits bits;

        Fsrc(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Table 3-11: why the manager faults. */
    public enum Ftrd implements Field {
        /** The instruction came through the debug registers. */
        DBG_INSTR(30, 30, RO),
        /** The bus refused the fetch. */
        INSTR_FETCH_ERR(16, 16, RO),
        /** A secure event, and the manager is not. */
        MGR_EVNT_ERR(5, 5, RO),
        /** A secure channel, and the manager is not. */
        DMAGO_ERR(4, 4, RO),
        /** An operand that this build does not have. */
        OPERAND_INVALID(1, 1, RO),
        /** No instruction of a manager. */
        UNDEF_INSTR(0, 0, RO);

        private final Bits bits;

        Ftrd(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Table 3-12: why a channel faults. */
    public enum Ftr implements Field {
        /** Every channel that runs waits for room in the MFIFO. */
        LOCKUP_ERR(31, 31, RO),
        /** The instruction came through the debug registers. */
        DBG_INSTR(30, 30, RO),
        /** The bus refused a read. */
        DATA_READ_ERR(18, 18, RO),
        /** The bus refused a write. */
        DATA_WRITE_ERR(17, 17, RO),
        /** The bus refused the fetch. */
        INSTR_FETCH_ERR(16, 16, RO),
        /** The loads before have not brought what a store wants. */
        ST_DATA_UNAVAILABLE(13, 13, RO),
        /** The burst is larger than the MFIFO. */
        MFIFO_ERR(12, 12, RO),
        /** A secure access, and the channel is not. */
        CH_RDWR_ERR(7, 7, RO),
        /** A secure peripheral, and the channel is not. */
        CH_PERIPH_ERR(6, 6, RO),
        /** A secure event, and the channel is not. */
        CH_EVNT_ERR(5, 5, RO),
        /** An operand that this build does not have. */
        OPERAND_INVALID(1, 1, RO),
        /** No instruction of a channel. */
        UNDEF_INSTR(0, 0, RO);

        private final Bits bits;

        Ftr(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Table 3-20. */
    public enum Dbgstatus implements Field {
        /** An instruction is on its way to its thread. */
        DBGSTATUS(0, 0, RO);

        private final Bits bits;

        Dbgstatus(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Table 3-21. */
    public enum Dbgcmd implements Field {
        /** 0 executes the instruction; no other value is defined. */
        DBGCMD(1, 0, WO);

        private final Bits bits;

        Dbgcmd(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Table 3-22. */
    public enum Dbginst0 implements Field {
        /** The first operand. */
        INSTRUCTION_BYTE_1(31, 24, WO),
        /** The opcode. */
        INSTRUCTION_BYTE_0(23, 16, WO),
        /** Which channel executes it. */
        CHANNEL_NUMBER(10, 8, WO),
        /** A channel executes it, not the manager. */
        DEBUG_THREAD(0, 0, WO);

        private final Bits bits;

        Dbginst0(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Table 3-23. */
    public enum Dbginst1 implements Field {
        /** The operands behind the first. */
        INSTRUCTION_BYTES_5_2(31, 0, WO);

        private final Bits bits;

        Dbginst1(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Table 3-24. */
    public enum Cr0 implements Field {
        /** Events, less one. */
        NUM_EVENTS(21, 17, RO),
        /** Peripherals, less one. */
        NUM_PERIPH_REQ(16, 12, RO),
        /** Channels, less one. */
        NUM_CHNLS(6, 4, RO),
        /** The manager is non-secure. */
        MGR_NS_AT_RST(2, 2, RO),
        /** The manager boots by itself. */
        BOOT_EN(1, 1, RO),
        /** There are peripherals at all. */
        PERIPH_REQ(0, 0, RO);

        private final Bits bits;

        Cr0(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Table 3-25. */
    public enum Cr1 implements Field {
        /** Lines of the instruction cache, less one. */
        NUM_I_CACHE_LINES(7, 4, RO),
        /** Binary logarithm of the bytes in one. */
        I_CACHE_LEN(2, 0, RO);

        private final Bits bits;

        Cr1(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Table 3-29. */
    public enum Crd implements Field {
        /** Entries of the MFIFO, less one. */
        DATA_BUFFER_DEP(29, 20, RO),
        /** Entries of the read queue, less one. */
        RD_Q_DEP(19, 16, RO),
        /** Reads at a time, less one. */
        RD_CAP(14, 12, RO),
        /** Entries of the write queue, less one. */
        WR_Q_DEP(11, 8, RO),
        /** Writes at a time, less one. */
        WR_CAP(6, 4, RO),
        /** Binary logarithm of the bytes in an entry. */
        DATA_WIDTH(2, 0, RO);

        private final Bits bits;

        Crd(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Table 3-30. */
    public enum Wd implements Field {
        /** The watchdog interrupts and aborts nobody. */
        WD_IRQ_ONLY(0, 0, RW);

        private final Bits bits;

        Wd(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** A byte of an identification. */
    public enum IdByte implements Field {
        /** The byte. */
        VALUE(7, 0, RO);

        private final Bits bits;

        IdByte(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Table 3-34. */
    public enum PeriphId2 implements Field {
        /** 0 is r0p0, 1 r1p0, 2 r1p1, 3 r1p2. */
        REVISION(7, 4, RO),
        /** 4: Arm. */
        DESIGNER_1(3, 0, RO);

        private final Bits bits;

        PeriphId2(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
