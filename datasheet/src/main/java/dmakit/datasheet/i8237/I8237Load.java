package dmakit.datasheet.i8237;

import static dmakit.datasheet.Access.RC;
import static dmakit.datasheet.Access.RO;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/**
 * What loads from an 8237A answer, by its address lines A3 to A0; the others are illegal. 8237A
 * data sheet, figures 4 and 6. The mask reads back in PC chip sets only, 82371AB data sheet,
 * section 4.2.1.
 */
public enum I8237Load implements Register {
    // offset, reset, fields
    ADDRESS_0(0x0, I8237Store.Half.values()),
    COUNT_0(0x1, I8237Store.Half.values()),
    ADDRESS_1(0x2, I8237Store.Half.values()),
    COUNT_1(0x3, I8237Store.Half.values()),
    ADDRESS_2(0x4, I8237Store.Half.values()),
    COUNT_2(0x5, I8237Store.Half.values()),
    ADDRESS_3(0x6, I8237Store.Half.values()),
    COUNT_3(0x7, I8237Store.Half.values()),
    STATUS(0x8, Status.values()),
    TEMPORARY(0xd, Temporary.values()),
    ALL_MASK(0xf, I8237Store.Masks.values());

    /** The checked map. */
    public static final RegisterMap<I8237Load> MAP =
            new RegisterMap<>("8237A loads", 1, I8237Store.SIZE, values());

    private final Row row;

    I8237Load(int offset, Field[] fields) {
        row = new Row(offset, 0, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** Zero but for the mask, which a reset sets. */
    @Override
    public int reset() {
        return this == ALL_MASK ? I8237Store.Masks.CHANNELS.mask() : 0;
    }

    /** "Status Register". */
    public enum Status implements Field {
        /** A bit for each channel that asks. */
        REQUESTS(7, 4, RO),
        /** A bit for each channel that came to its end since the last load. */
        TERMINAL_COUNTS(3, 0, RC);

        private final Bits bits;

        Status(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** "Temporary Register". */
    public enum Temporary implements Field {
        /** The last byte copied from memory to memory. */
        BYTE(7, 0, RO);

        private final Bits bits;

        Temporary(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
