package dmakit.datasheet.i2s;

import static dmakit.datasheet.Access.RO;
import static dmakit.datasheet.Access.RW;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/**
 * Registers of {@code dmakit,codec}: a converter at the end of a serial audio link, whose clocks it
 * makes. What it plays comes back as what it records, one frame later. The device is invented here;
 * this is its manual.
 */
public enum CodecRegister implements Register {
    //         offset  reset        fields
    CTRL(0x00, 0x0000_0000, Ctrl.values()),
    RATE(0x04, 0x0000_bb80, Word.values()),
    FRAMES(0x08, 0x0000_0000, Count.values());

    /** Bytes of the registers. */
    public static final int SIZE = 0x100;

    /** The checked map. */
    public static final RegisterMap<CodecRegister> MAP = new RegisterMap<>("codec", SIZE, values());

    private final Row row;

    CodecRegister(int offset, int reset, Field[] fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** What the codec does. */
    public enum Ctrl implements Field {
        /** The clocks run. Switched on, it begins with silence. */
        ENABLE(0, 0, RW);

        private final Bits bits;

        Ctrl(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** A register that is one value. */
    public enum Word implements Field {
        /** Frames a second, 1 to 1,000,000; less or more counts as that. */
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

    /** A count, modulo 2^32. */
    public enum Count implements Field {
        /** Frames since it was switched on. */
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
