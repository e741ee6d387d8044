package dmakit.datasheet.vtd;

import static dmakit.datasheet.Access.RW;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/** An entry of a context table, one per function, 128 bits. Intel VT-d, section 9.3. */
public enum ContextEntry implements Register {
    // offset, fields
    SLPTPTR(0x00, Slptptr.values()),
    SLPTPTR_UPPER(0x04, SlptptrUpper.values()),
    DOMAIN(0x08, Domain.values()),
    RESERVED_3(0x0c);

    /** Bytes of an entry. */
    public static final int SIZE = 16;

    /** {@code TT}: second-level translation. */
    public static final int TT_TRANSLATED = 0;

    /** {@code TT}: the same, and devices may have TLBs. */
    public static final int TT_DEVICE_TLB = 1;

    /** {@code TT}: accesses go through as they are. */
    public static final int TT_PASS_THROUGH = 2;

    /** Levels of a table of {@code AW} 0; each more has one level more. */
    public static final int LEVELS_OF_AW_0 = 2;

    /** The checked layout. */
    public static final RegisterMap<ContextEntry> MAP =
            new RegisterMap<>("vt-d context entry", SIZE, values());

    private final Row row;

    ContextEntry(int offset, Field... fields) {
        row = Row.inMemory(offset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** Bits 31:0. */
    public enum Slptptr implements Field {
        /** Second-level table, bits 31:12. */
        SLPTPTR(31, 12, RW),
        /** Translation type: {@link #TT_TRANSLATED} and the like. */
        TT(3, 2, RW),
        /** Faults are not recorded. */
        FPD(1, 1, RW),
        /** Present. */
        P(0, 0, RW);

        private final Bits bits;

        Slptptr(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Bits 63:32. */
    public enum SlptptrUpper implements Field {
        /** Second-level table, bits 63:32. */
        SLPTPTR(31, 0, RW);

        private final Bits bits;

        SlptptrUpper(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Bits 95:64. */
    public enum Domain implements Field {
        /** Domain id. */
        DID(23, 8, RW),
        /** For software. */
        AVAIL(6, 3, RW),
        /** Address width: 1 for 39 bits and 3 levels, 2 for 48 and 4, 3 for 57 and 5. */
        AW(2, 0, RW);

        private final Bits bits;

        Domain(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
