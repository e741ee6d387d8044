package dmakit.datasheet.ioat;

import static dmakit.datasheet.Access.RW;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/**
 * The descriptor: 64 bytes, eight words of 64 bits of which the first is two of 32 bits. The
 * layouts are those of Linux's {@code drivers/dma/ioat/hw.h}.
 *
 * <p>An exclusive or of more than 5 sources, and a syndrome of more than 3, goes on in a second
 * descriptor: sources 6 to 8 at its words 0 to 2, or sources 4 to 6 at 0 to 2 and 7 and 8 at 4 and
 * 5; its word 3 is the address of the next. A syndrome of 9 to 16 sources has the address of a
 * super-extended descriptor in the place of its third source: coefficients 9 to 16 at word 0,
 * sources 3 to 16 at words 1 to 14.
 */
public enum IoatDescriptor implements Register {
    //         offset  reset        fields
    SIZE(0x00, 0x0000_0000, Size.values()),
    CONTROL(0x04, 0x0000_0000, Control.values()),
    SRC(0x08, 0x0000_0000, Half.values()),
    DST(0x10, 0x0000_0000, Half.values()),
    NEXT(0x18, 0x0000_0000, Half.values()),
    SRC_2(0x20, 0x0000_0000, Half.values()),
    SRC_3(0x28, 0x0000_0000, Half.values()),
    SRC_4_OR_COEF(0x30, 0x0000_0000, Half.values()),
    SRC_5_OR_Q(0x38, 0x0000_0000, Half.values());

    /** Where descriptors may start. */
    public static final int ALIGNMENT = 64;

    /** Bytes of the longest super-extended descriptor. */
    public static final int SED_BYTES_MAX = 128;

    /** Bytes of the block. */
    public static final int SIZE_BYTES = 0x40;

    /** The checked map. */
    public static final RegisterMap<IoatDescriptor> MAP =
            new RegisterMap<>("ioat descriptor", SIZE_BYTES, values());

    private final Row row;

    IoatDescriptor(int offset, int reset, Field[] fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** Bytes; where a check was asked to write back, afterwards what it found. */
    public enum Size implements Field {
        /** The error status has been written. */
        WBES(31, 31, RW),
        /** Q does not fit. */
        Q_VAL_ERR(26, 26, RW),
        /** P does not fit. */
        P_VAL_ERR(25, 25, RW),
        /** Bytes. */
        BYTES(24, 0, RW);

        private final Bits bits;

        Size(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** What to do. */
    public enum Control implements Field {
        /** A number of {@link Op}. */
        OP(31, 24, RW),
        /** A check writes its errors back. */
        WB_EN(15, 15, RW),
        /** No Q. */
        Q_DISABLE(12, 12, RW),
        /** No P. */
        P_DISABLE(11, 11, RW),
        /** Goes to a cache. */
        HINT(10, 10, RW, Bits.NOT_MODELLED),
        /** The destination goes to a cache. */
        DEST_DCA(9, 9, RW, Bits.NOT_MODELLED),
        /** Completes with the next. */
        BUNDLE(8, 8, RW, Bits.NOT_MODELLED),
        /**
         * Sources, less 2; of the operations with up to 16, less 9; 1 for a copy that moves
         * nothing.
         */
        SRC_CNT(7, 5, RW),
        /** Later ones wait; here they do anyhow. */
        FENCE(4, 4, RW, Bits.NOT_MODELLED),
        /** Its end writes the completion. */
        COMPL_WRITE(3, 3, RW),
        /** The destination is not snooped. */
        DEST_SNOOP_DIS(2, 2, RW, Bits.NOT_MODELLED),
        /** The source is not snooped. */
        SRC_SNOOP_DIS(1, 1, RW, Bits.NOT_MODELLED),
        /** Its end interrupts. */
        INT_EN(0, 0, RW);

        private final Bits bits;

        Control(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Control(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** An address of 64 bits; the word after holds the high half. */
    public enum Half implements Field {
        /** Bits 31 to 0. */
        ADDRESS(31, 0, RW);

        private final Bits bits;

        Half(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** What descriptors ask for. */
    public enum Op {
        /** Copies. */
        COPY(0x00),
        /** Stores the exclusive or of 2 to 8 sources. */
        XOR(0x87),
        /** Checks that a source is the exclusive or of others. */
        XOR_VAL(0x88),
        /** Stores P and Q of 2 to 8 sources. */
        PQ(0x89),
        /** Checks P and Q of 2 to 8 sources. */
        PQ_VAL(0x8a),
        /** Stores P and Q of 9 to 16 sources. */
        PQ_16S(0xa0),
        /** Checks P and Q of 9 to 16 sources. */
        PQ_VAL_16S(0xa1);

        private final int code;

        Op(int code) {
            this.code = code;
        }

        /** The number in {@code CONTROL.OP}. */
        public int code() {
            return code;
        }
    }
}
