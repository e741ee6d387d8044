package dmakit.datasheet.axi;

import static dmakit.datasheet.Access.RO;
import static dmakit.datasheet.Access.RW;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/** Registers of {@code dmakit,axi-copy} that its channels share, behind those of the channels. */
public enum AxiCopyRegister implements Register {
    //      offset  reset        fields
    ARBITER(0x200, 0x0000_0001, Arbiter.values()),
    INTERRUPTS(0x204, 0x0000_0000, Interrupts.values()),
    CAPABILITIES(0x208, 0x0000_0000, Capabilities.values()),
    BEATS(0x20c, 0x0000_0000, Count.values()),
    BURSTS(0x210, 0x0000_0000, Count.values());

    /** Channels a controller may have. */
    public static final int CHANNEL_COUNT_MAX = 16;

    /** Bytes of all registers. */
    public static final int SIZE = 0x1000;

    /** The checked map. */
    public static final RegisterMap<AxiCopyRegister> MAP =
            new RegisterMap<>("axi copy", SIZE, values());

    private final Row row;

    AxiCopyRegister(int offset, int reset, Field[] fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** Which channel has the next burst. */
    public enum Arbiter implements Field {
        /**
         * 0: the lowest number. 1: in turn. 2: the highest {@code PRIORITY}, equals in turn. 3: as
         * 2.
         */
        POLICY(1, 0, RW);

        private final Bits bits;

        Arbiter(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Which channels interrupt. */
    public enum Interrupts implements Field {
        /** One bit for each channel. */
        CHANNELS(15, 0, RO);

        private final Bits bits;

        Interrupts(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** What was built. Its value after a reset depends on that. */
    public enum Capabilities implements Field {
        /** Bytes of the bus, as a power of two. */
        LG2_BUS_BYTES(10, 8, RO),
        /** How many channels there are. */
        CHANNELS(4, 0, RO);

        private final Bits bits;

        Capabilities(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** What has been written since power-on, modulo 2^32. */
    public enum Count implements Field {
        /** How many. */
        COUNT(31, 0, RO);

        private final Bits bits;

        Count(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
