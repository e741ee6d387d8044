package dmakit.datasheet.vtd;

import static dmakit.datasheet.Access.RW;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/** The descriptor that empties the context cache, 128 bits. Intel VT-d, section 6.5.2.1. */
public enum ContextInvalidation implements Register {
    // offset, fields
    COMMAND(0x00, Command.values()),
    SOURCE(0x04, Source.values()),
    RESERVED_2(0x08),
    RESERVED_3(0x0c);

    /** Bytes of a descriptor. */
    public static final int SIZE = 16;

    /** {@code TYPE} of this descriptor. */
    public static final int TYPE = 1;

    /** {@code G}: everything. */
    public static final int GLOBAL = 1;

    /** {@code G}: one domain. */
    public static final int DOMAIN = 2;

    /** {@code G}: one function. */
    public static final int DEVICE = 3;

    /** The checked layout. */
    public static final RegisterMap<ContextInvalidation> MAP =
            new RegisterMap<>("vt-d context invalidation", SIZE, values());

    private final Row row;

    ContextInvalidation(int offset, Field... fields) {
        row = Row.inMemory(offset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** Bits 31:0. */
    public enum Command implements Field {
        /** Domain id. */
        DID(31, 16, RW),
        /** Granularity. */
        G(5, 4, RW),
        /** Which descriptor. */
        TYPE(3, 0, RW);

        private final Bits bits;

        Command(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Bits 63:32. */
    public enum Source implements Field {
        /** Function bits of SID that are ignored. */
        FM(17, 16, RW),
        /** Source id. */
        SID(15, 0, RW);

        private final Bits bits;

        Source(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
