package dmakit.datasheet.vtd;

import static dmakit.datasheet.Access.RW;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/** An entry of the root table, one per bus, 128 bits. Intel VT-d, section 9.1. */
public enum RootEntry implements Register {
    // offset, fields
    CTP(0x00, Ctp.values()),
    CTP_UPPER(0x04, CtpUpper.values()),
    RESERVED_2(0x08),
    RESERVED_3(0x0c);

    /** Bytes of an entry. */
    public static final int SIZE = 16;

    /** The checked layout. */
    public static final RegisterMap<RootEntry> MAP =
            new RegisterMap<>("vt-d root entry", SIZE, values());

    private final Row row;

    RootEntry(int offset, Field... fields) {
        row = Row.inMemory(offset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** Bits 31:0. */
    public enum Ctp implements Field {
        /** Context table, bits 31:12. */
        CTP(31, 12, RW),
        /** Present. */
        P(0, 0, RW);

        private final Bits bits;

        Ctp(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Bits 63:32. */
    public enum CtpUpper implements Field {
        /** Context table, bits 63:32. */
        CTP(31, 0, RW);

        private final Bits bits;

        CtpUpper(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
