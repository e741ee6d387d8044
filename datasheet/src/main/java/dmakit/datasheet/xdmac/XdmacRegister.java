package dmakit.datasheet.xdmac;

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
 * Registers that all channels share, in the order of SAMA5D2. SAMA5D2 Series data sheet, "DMA
 * Controller (XDMAC)", "Register Summary". {@link XdmacAxiRegister} says where later chips have
 * them.
 */
public enum XdmacRegister implements Register {
    //         offset  reset        fields
    GTYPE(0x000, 0x0000_0000, Gtype.values()),
    GCFG(0x004, 0x0000_0000, Gcfg.values()),
    GWAC(0x008, 0x0000_0000, Gwac.values()),
    GIE(0x00c, 0x0000_0000, Started.values()),
    GID(0x010, 0x0000_0000, Started.values()),
    GIM(0x014, 0x0000_0000, Shown.values()),
    GIS(0x018, 0x0000_0000, Shown.values()),
    GE(0x01c, 0x0000_0000, Started.values()),
    GD(0x020, 0x0000_0000, Started.values()),
    GS(0x024, 0x0000_0000, Shown.values()),
    GRS(0x028, 0x0000_0000, Kept.values()),
    GWS(0x02c, 0x0000_0000, Kept.values()),
    GRWS(0x030, 0x0000_0000, Started.values()),
    GRWR(0x034, 0x0000_0000, Started.values()),
    GSWR(0x038, 0x0000_0000, Started.values()),
    GSWS(0x03c, 0x0000_0000, Shown.values()),
    GSWF(0x040, 0x0000_0000, Started.values()),
    VERSION(0xffc, 0x0000_0000, Version.values());

    /** Where channel 0 starts. */
    public static final int CHANNEL_BASE = 0x50;

    /** Bytes of the block. */
    public static final int SIZE = 0x1000;

    /** The checked map. */
    public static final RegisterMap<XdmacRegister> MAP = new RegisterMap<>("xdmac", SIZE, values());

    private final Row row;

    XdmacRegister(int offset, int reset, Field[] fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** Global Type: how the controller is built. */
    public enum Gtype implements Field {
        /** Request lines, less one. */
        NB_REQ(22, 16, RO),
        /** Bytes of each FIFO. */
        FIFO_SZ(15, 5, RO),
        /** Channels, less one. */
        NB_CH(4, 0, RO);

        private final Bits bits;

        Gtype(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Global Configuration. */
    public enum Gcfg implements Field {
        /** Boundary x kilobytes. */
        BXKBEN(8, 8, RW, Bits.NOT_MODELLED),
        /** Keeps the clock of the bus interface on. */
        CGDISIF(3, 3, RW, Bits.NOT_MODELLED),
        /** Keeps the clock of the FIFOs on. */
        CGDISFIFO(2, 2, RW, Bits.NOT_MODELLED),
        /** Keeps the clock of the pipeline on. */
        CGDISPIPE(1, 1, RW, Bits.NOT_MODELLED),
        /** Keeps the clock of the registers on. */
        CGDISREG(0, 0, RW, Bits.NOT_MODELLED);

        private final Bits bits;

        Gcfg(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /**
     * Global Weighted Arbiter Configuration: bursts in a row that a pool of channels may win, less
     * one.
     */
    public enum Gwac implements Field {
        /** Weight of pool 3. */
        PW3(15, 12, RW),
        /** Weight of pool 2. */
        PW2(11, 8, RW),
        /** Weight of pool 1. */
        PW1(7, 4, RW),
        /** Weight of pool 0. */
        PW0(3, 0, RW);

        private final Bits bits;

        Gwac(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** A bit per channel that does something when one is stored. */
    public enum Started implements Field {
        /** Bit x for channel x. */
        CHANNELS(31, 0, WO);

        private final Bits bits;

        Started(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** A bit per channel that shows something. */
    public enum Shown implements Field {
        /** Bit x for channel x. */
        CHANNELS(31, 0, RO);

        private final Bits bits;

        Shown(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** A bit per channel that stays. */
    public enum Kept implements Field {
        /** Bit x for channel x. */
        CHANNELS(31, 0, RW);

        private final Bits bits;

        Kept(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Version of the module. */
    public enum Version implements Field {
        /** Number of a metal fix. */
        MFN(18, 16, RO, Bits.NOT_MODELLED),
        /** Version number. */
        VERSION(11, 0, RO, Bits.NOT_MODELLED);

        private final Bits bits;

        Version(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
