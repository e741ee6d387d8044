package dmakit.datasheet.ioat;

import static dmakit.datasheet.Access.RC;
import static dmakit.datasheet.Access.RO;
import static dmakit.datasheet.Access.RW;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/**
 * Registers that all channels share. Intel Xeon Processor E5 v2 Product Families Datasheet, Volume
 * Two, "Intel QuickData Technology (CB_BAR)". Registers of 8 and 16 bits stand in the word they
 * share, under the name of the first.
 */
public enum IoatRegister implements Register {
    //         offset  reset        fields
    CHANCNT(0x00, 0x0000_0000, Chancnt.values()),
    ATTNSTATUS(0x04, 0x0000_0000, Attnstatus.values()),
    CBVER(0x08, 0x0000_0000, Cbver.values()),
    INTRDELAY(0x0c, 0x0000_0000, Intrdelay.values()),
    DMACAPABILITY(0x10, 0x0000_0000, Dmacapability.values());

    /** Vendor of the functions. */
    public static final int VENDOR_ID = 0x8086;

    /** The function with syndromes of 16 sources, of the Atom S1200 family. */
    public static final int DEVICE_ID = 0x0c50;

    /** Its sister, here the one with exclusive or and syndromes of 8 sources. */
    public static final int DEVICE_ID_8_SOURCES = 0x0c51;

    /** Class code: system peripheral. */
    public static final int CLASS_CODE = 0x088000;

    /** Bytes of the function's first region. */
    public static final int REGION_BYTES = 0x4000;

    /** Most channels of a function. */
    public static final int CHANNEL_COUNT_MAX = 4;

    /** Bytes of the block. */
    public static final int SIZE = 0x80;

    /** The checked map. */
    public static final RegisterMap<IoatRegister> MAP = new RegisterMap<>("ioat", SIZE, values());

    private final Row row;

    IoatRegister(int offset, int reset, Field[] fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** CHANCNT, XFERCAP, GENCTRL and INTRCTRL, a byte each. */
    public enum Chancnt implements Field {
        /** Each channel has a vector of MSI-X of its own. */
        MSIX_VECTOR_CONTROL(27, 27, RW),
        /** Interrupts: INT_STATUS and MASTER_INT_EN. */
        INT(26, 26, RO),
        /** A channel wants attention. */
        INT_STATUS(25, 25, RO),
        /** Lets the function interrupt. */
        MASTER_INT_EN(24, 24, RW),
        /** Debug mode. */
        DEBUG_EN(16, 16, RW, Bits.NOT_MODELLED),
        /** Most bytes of a descriptor, as a shift. */
        XFERCAP(12, 8, RO),
        /** Channels. */
        CHANCNT(4, 0, RO);

        private final Bits bits;

        Chancnt(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Chancnt(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** ATTNSTATUS: who wants attention. */
    public enum Attnstatus implements Field {
        /** Bit x for channel x. */
        CHANNELS(31, 0, RC);

        private final Bits bits;

        Attnstatus(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** CBVER and PERPORTOFFSET. */
    public enum Cbver implements Field {
        /** Where registers of a port are. */
        PERPORTOFFSET(31, 16, RO, Bits.NOT_MODELLED),
        /** Major version. */
        MAJOR(7, 4, RO),
        /** Minor version. */
        MINOR(3, 0, RO);

        private final Bits bits;

        Cbver(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Cbver(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** INTRDELAY and CS_STATUS. */
    public enum Intrdelay implements Field {
        /** Addresses are remapped. */
        ADDRESS_REMAPPING(19, 19, RO, Bits.NOT_MODELLED),
        /** Memory is bypassed. */
        MEMORY_BYPASS(18, 18, RO, Bits.NOT_MODELLED),
        /** Registers take narrow accesses alone. */
        MMIO_RESTRICTED(17, 17, RO, Bits.NOT_MODELLED),
        /** Runs on with fewer resources. */
        DEGRADED_MODE(16, 16, RO, Bits.NOT_MODELLED),
        /** Interrupts can be put off. */
        COALESCE_SUPPORT(15, 15, RO),
        /** By how many microseconds. */
        DELAY(13, 0, RW);

        private final Bits bits;

        Intrdelay(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Intrdelay(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** DMACAPABILITY: which operations there are. */
    public enum Dmacapability implements Field {
        /** Descriptors are fetched ahead. */
        DPS(23, 23, RO),
        /** Syndromes of up to 16 sources. */
        RAID16SS(17, 17, RO),
        /** Errors of checks are written back to the descriptor. */
        DWBES(13, 13, RO),
        /** Syndromes. */
        PQ(9, 9, RO),
        /** Exclusive or. */
        XOR(8, 8, RO),
        /** Interrupts by APIC. */
        APIC(7, 7, RO),
        /** Fills. */
        FILL_BLOCK(6, 6, RO),
        /** CRC of what moves. */
        CRC_MOVE(5, 5, RO),
        /** Direct cache access. */
        DCA(4, 4, RO),
        /** Skips markers. */
        SKIP_MARKER(2, 2, RO),
        /** CRC. */
        CRC(1, 1, RO),
        /** Descriptors may end at pages. */
        PAGE_BREAK(0, 0, RO);

        private final Bits bits;

        Dmacapability(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
