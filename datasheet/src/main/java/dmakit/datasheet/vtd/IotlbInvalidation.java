package dmakit.datasheet.vtd;

import static dmakit.datasheet.Access.RW;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/** The descriptor that empties the IOTLB, 128 bits. Intel VT-d, section 6.5.2.3. */
public enum IotlbInvalidation implements Register {
    // offset, fields
    COMMAND(0x00, Command.values()),
    RESERVED_1(0x04),
    ADDRESS(0x08, Address.values()),
    ADDRESS_UPPER(0x0c, AddressUpper.values());

    /** Bytes of a descriptor. */
    public static final int SIZE = 16;

    /** {@code TYPE} of this descriptor. */
    public static final int TYPE = 2;

    /** {@code G}: everything. */
    public static final int GLOBAL = 1;

    /** {@code G}: one domain. */
    public static final int DOMAIN = 2;

    /** {@code G}: pages of one domain. */
    public static final int PAGES = 3;

    /** The checked layout. */
    public static final RegisterMap<IotlbInvalidation> MAP =
            new RegisterMap<>("vt-d iotlb invalidation", SIZE, values());

    private final Row row;

    IotlbInvalidation(int offset, Field... fields) {
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
        /** Wait for reads under way. */
        DR(7, 7, RW),
        /** Wait for writes under way. */
        DW(6, 6, RW),
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

    /** Bits 95:64. */
    public enum Address implements Field {
        /** Bits 31:12 of an address of the master. */
        ADDR(31, 12, RW),
        /** Tables did not change, but for leaves. */
        IH(6, 6, RW),
        /** Log2 of the pages. */
        AM(5, 0, RW);

        private final Bits bits;

        Address(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Bits 127:96. */
    public enum AddressUpper implements Field {
        /** Bits 63:32 of the address. */
        ADDR(31, 0, RW);

        private final Bits bits;

        AddressUpper(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
