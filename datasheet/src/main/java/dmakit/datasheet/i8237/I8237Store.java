package dmakit.datasheet.i8237;

import static dmakit.datasheet.Access.RW;
import static dmakit.datasheet.Access.WO;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/**
 * What stores to an 8237A reach, by its address lines A3 to A0. 8237A data sheet, figures 4 and 6,
 * "Software Command Codes". On controller 2 of a PC ports are two apart.
 */
public enum I8237Store implements Register {
    // offset, fields
    ADDRESS_0(0x0, Half.values()),
    COUNT_0(0x1, Half.values()),
    ADDRESS_1(0x2, Half.values()),
    COUNT_1(0x3, Half.values()),
    ADDRESS_2(0x4, Half.values()),
    COUNT_2(0x5, Half.values()),
    ADDRESS_3(0x6, Half.values()),
    COUNT_3(0x7, Half.values()),
    COMMAND(0x8, Command.values()),
    REQUEST(0x9, Selected.values()),
    SINGLE_MASK(0xa, Selected.values()),
    MODE(0xb, Mode.values()),
    CLEAR_FLIP_FLOP(0xc, Any.values()),
    MASTER_CLEAR(0xd, Any.values()),
    CLEAR_MASK(0xe, Any.values()),
    ALL_MASK(0xf, Masks.values());

    /** Registers of one controller. */
    public static final int SIZE = 0x10;

    /** Channels of one controller. */
    public static final int CHANNEL_COUNT = 4;

    /** The checked map. */
    public static final RegisterMap<I8237Store> MAP =
            new RegisterMap<>("8237A stores", 1, SIZE, values());

    private final Row row;

    I8237Store(int offset, Field[] fields) {
        // Addresses, counts and modes are undefined before they are written: zero, here.
        row = new Row(offset, 0, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** One half of 16 bits; a flip-flop says which. */
    public enum Half implements Field {
        /** The low byte first. */
        BYTE(7, 0, RW);

        private final Bits bits;

        Half(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Any store does it. */
    public enum Any implements Field {
        /** Without meaning. */
        VALUE(7, 0, WO);

        private final Bits bits;

        Any(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** "Command Register". */
    public enum Command implements Field {
        /** DACK is active when high. */
        DACK_HIGH(7, 7, WO, Bits.NOT_MODELLED),
        /** DREQ is active when low. */
        DREQ_LOW(6, 6, WO),
        /** Write pulses begin a cycle early. */
        EXTENDED_WRITE(5, 5, WO, Bits.NOT_MODELLED),
        /** Who was served last comes last. */
        ROTATING_PRIORITY(4, 4, WO),
        /** Two cycles instead of three. */
        COMPRESSED_TIMING(3, 3, WO),
        /** Serve nobody. */
        DISABLE(2, 2, WO),
        /** Memory to memory: channel 0 stays where it is. */
        HOLD_ADDRESS_0(1, 1, WO),
        /** Channels 0 and 1 copy memory. */
        MEMORY_TO_MEMORY(0, 0, WO);

        private final Bits bits;

        Command(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Command(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** A bit of one channel: "Request Register", "Mask Register". */
    public enum Selected implements Field {
        /** Its new value. */
        SET(2, 2, WO),
        /** Of which channel. */
        CHANNEL(1, 0, WO);

        private final Bits bits;

        Selected(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** "Mode Register". */
    public enum Mode implements Field {
        /** 0 demand, 1 single, 2 block, 3 cascade. */
        KIND(7, 6, WO),
        /** Downwards. */
        DECREMENT(5, 5, WO),
        /** Begin again at terminal count. */
        AUTO_INITIALIZE(4, 4, WO),
        /** 0 verify, 1 write to memory, 2 read from memory, 3 illegal. */
        TRANSFER(3, 2, WO),
        /** Of which channel. */
        CHANNEL(1, 0, WO);

        /** {@link #KIND}: while the request lasts. */
        public static final int DEMAND = 0;

        /** {@link #KIND}: one transfer for each request. */
        public static final int SINGLE = 1;

        /** {@link #KIND}: to the end once requested. */
        public static final int BLOCK = 2;

        /** {@link #KIND}: another controller's. */
        public static final int CASCADE = 3;

        /** {@link #TRANSFER}: addresses without data. */
        public static final int VERIFY = 0;

        /** {@link #TRANSFER}: from the peripheral to memory. */
        public static final int WRITE = 1;

        /** {@link #TRANSFER}: from memory to the peripheral. */
        public static final int READ = 2;

        private final Bits bits;

        Mode(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** The whole mask. */
    public enum Masks implements Field {
        /** A bit for each channel. */
        CHANNELS(3, 0, RW);

        private final Bits bits;

        Masks(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
