package dmakit.datasheet.plx;

import static dmakit.datasheet.Access.RO;
import static dmakit.datasheet.Access.RW;
import static dmakit.datasheet.Access.W1C;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/**
 * Registers of one DMA channel of a PEX 87xx, PCI 10b5:87d0, in region 0. The manual is not public;
 * offsets and bits are those that two drivers published for the part agree on (see {@code
 * docs/datasheets.md}).
 */
public enum PlxRegister implements Register {
    // offset, reset, fields
    GLOBAL_CONTROL(0x1f8, 0x0000_0000, Untouched.values()),
    BLOCK_SOURCE_LOW(0x200, 0x0000_0000, Word.values()),
    BLOCK_SOURCE_HIGH(0x204, 0x0000_0000, Word.values()),
    BLOCK_DESTINATION_LOW(0x208, 0x0000_0000, Word.values()),
    BLOCK_DESTINATION_HIGH(0x20c, 0x0000_0000, Word.values()),
    BLOCK_SIZE(0x210, 0x0000_0000, Size.values()),
    DESC_RING_ADDR(0x214, 0x0000_0000, Word.values()),
    DESC_RING_ADDR_HI(0x218, 0x0000_0000, Word.values()),
    DESC_RING_NEXT_ADDR(0x21c, 0x0000_0000, Word.values()),
    DESC_RING_COUNT(0x220, 0x0000_0000, Count.values()),
    DESC_RING_LAST_ADDR(0x224, 0x0000_0000, Shown.values()),
    DESC_RING_LAST_SIZE(0x228, 0x0000_0000, Shown.values()),
    PREF_LIMIT(0x234, 0x0000_0001, Prefetch.values()),
    CTRL(0x238, 0x0001_0000, Ctrl.values()),
    INTR_CTRL_STATUS(0x23c, 0x0000_0000, Interrupt.values());

    /** PCI vendor, PLX Technology. */
    public static final int VENDOR_ID = 0x10b5;

    /** PCI device. */
    public static final int DEVICE_ID = 0x87d0;

    /** System peripheral, other. */
    public static final int CLASS_CODE = 0x08_8000;

    /** Bytes of region 0. */
    public static final int REGION_BYTES = 0x2000;

    /** Descriptors in the longest ring. */
    public static final int RING_COUNT_MAX = 0xffff;

    /** {@code CTRL.MODE}: one transfer, named in registers. */
    public static final int MODE_BLOCK = 0;

    /** {@code CTRL.MODE}: descriptors in the part's own memory. */
    public static final int MODE_ON_CHIP = 1;

    /** {@code CTRL.MODE}: descriptors in a ring in memory. */
    public static final int MODE_OFF_CHIP = 2;

    /** Bytes of the block that is modelled; the rest of the region is the switch's. */
    public static final int SIZE = 0x400;

    /** The checked map. */
    public static final RegisterMap<PlxRegister> MAP = new RegisterMap<>("plx dma", SIZE, values());

    private final Row row;

    PlxRegister(int offset, int reset, Field[] fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** A register of other channels, too. */
    public enum Untouched implements Field {
        /** The value. */
        VALUE(31, 0, RW, Bits.NOT_MODELLED);

        private final Bits bits;

        Untouched(int msb, int lsb, Access access, boolean modelled) {
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

    /** All bits are one value, which the engine shows. */
    public enum Shown implements Field {
        /** The value. */
        VALUE(31, 0, RO);

        private final Bits bits;

        Shown(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** What a transfer of block mode moves. */
    public enum Size implements Field {
        /** How many bytes. */
        BYTES(26, 0, RW);

        private final Bits bits;

        Size(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** The length of the ring. */
    public enum Count implements Field {
        /** Descriptors. */
        DESCRIPTORS(15, 0, RW);

        private final Bits bits;

        Count(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** How far the engine reads ahead. */
    public enum Prefetch implements Field {
        /** Descriptors that one fetch reads. */
        LIMIT(7, 0, RW);

        private final Bits bits;

        Prefetch(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Control and status. */
    public enum Ctrl implements Field {
        /** A request failed; its header is in a log. */
        HEADER_LOG(31, 31, W1C, Bits.NOT_MODELLED),
        /** The engine works. */
        IN_PROGRESS(30, 30, RO),
        /** Relaxed ordering, traffic classes. */
        TRAFFIC(29, 19, RW, Bits.NOT_MODELLED),
        /** Bytes of one read: 64 shifted left by this, up to 5 for 2048; 7 for 4 bytes. */
        MAX_TXFR_SIZE(18, 16, RW),
        /** A pause at once is through. */
        IMM_PAUSE_DONE(12, 12, W1C, Bits.NOT_MODELLED),
        /** For the factory. */
        FACTORY_TEST(11, 11, RW, Bits.NOT_MODELLED),
        /** It stopped after {@link #ABORT}. */
        ABORT_DONE(10, 10, W1C),
        /** It stopped after {@link #GRACEFUL_PAUSE}. */
        GRACEFUL_PAUSE_DONE(9, 9, W1C),
        /** It stopped at a descriptor that is not valid. */
        DESC_INVALID(8, 8, W1C),
        /** Where the descriptors are. */
        MODE(6, 5, RW),
        /** Stop behind the last descriptor of the ring, instead of going on with the first. */
        RING_STOP_MODE(4, 4, RW),
        /** Writing one starts the engine, or has it look again for valid descriptors. */
        START(3, 3, RW),
        /** Store the outcome of descriptors into them. */
        WRITE_BACK_EN(2, 2, RW),
        /** Stop at the next request. */
        ABORT(1, 1, RW),
        /** Stop behind the descriptor in work. */
        GRACEFUL_PAUSE(0, 0, RW);

        private final Bits bits;

        Ctrl(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Ctrl(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Which events interrupt, and which have. */
    public enum Interrupt implements Field {
        /** A pause at once is through. */
        IMM_PAUSE_DONE(21, 21, W1C, Bits.NOT_MODELLED),
        /** A graceful pause is through. */
        PAUSE_DONE(20, 20, W1C),
        /** An abort is through. */
        ABORT_DONE(19, 19, W1C),
        /** A descriptor that wants it is done; interrupts always. */
        DESC_DONE(18, 18, W1C),
        /** The engine met a descriptor that is not valid. */
        INV_DESC(17, 17, W1C),
        /** Nobody answered the engine. */
        ERROR(16, 16, W1C),
        /** Interrupt by the pin of the part instead. */
        PIN_EN(15, 15, RW, Bits.NOT_MODELLED),
        /** Lets IMM_PAUSE_DONE interrupt. */
        IMM_PAUSE_DONE_EN(5, 5, RW, Bits.NOT_MODELLED),
        /** Lets PAUSE_DONE interrupt. */
        PAUSE_DONE_EN(4, 4, RW),
        /** Lets ABORT_DONE interrupt. */
        ABORT_DONE_EN(3, 3, RW),
        /** Lets INV_DESC interrupt. */
        INV_DESC_EN(1, 1, RW),
        /** Lets ERROR interrupt. */
        ERROR_EN(0, 0, RW);

        private final Bits bits;

        Interrupt(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Interrupt(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
