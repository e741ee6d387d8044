package dmakit.datasheet.vtd;

import static dmakit.datasheet.Access.RW;
import static dmakit.datasheet.Bits.NOT_MODELLED;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/** The descriptor that says that those before it are through. Intel VT-d, section 6.5.2.8. */
public enum InvalidationWait implements Register {
    // offset, fields
    COMMAND(0x00, Command.values()),
    STATUS(0x04, Status.values()),
    ADDRESS(0x08, Address.values()),
    ADDRESS_UPPER(0x0c, AddressUpper.values());

    /** Bytes of a descriptor. */
    public static final int SIZE = 16;

    /** {@code TYPE} of this descriptor. */
    public static final int TYPE = 5;

    /** The checked layout. */
    public static final RegisterMap<InvalidationWait> MAP =
            new RegisterMap<>("vt-d invalidation wait", SIZE, values());

    private final Row row;

    InvalidationWait(int offset, Field... fields) {
        row = Row.inMemory(offset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** Bits 31:0. */
    public enum Command implements Field {
        /** Wait for page requests. */
        PD(7, 7, RW, NOT_MODELLED),
        /** Fence: those behind it wait. */
        FN(6, 6, RW),
        /** Write the status. */
        SW(5, 5, RW),
        /** Interrupt. */
        IF(4, 4, RW),
        /** Which descriptor. */
        TYPE(3, 0, RW);

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

    /** Bits 63:32. */
    public enum Status implements Field {
        /** The status. */
        DATA(31, 0, RW);

        private final Bits bits;

        Status(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Bits 95:64. */
    public enum Address implements Field {
        /** Bits 31:2 of where the status is written. */
        ADDR(31, 2, RW);

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
