package dmakit.datasheet.pci;

import static dmakit.datasheet.Access.RO;
import static dmakit.datasheet.Access.RW;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/**
 * The capability for message signalled interrupts whose messages stand in a table in memory.
 *
 * <p>PCI Local Bus Specification 3.0, section 6.8.2.
 */
public enum MsixRegister implements Register {
    // offset, reset, fields
    CONTROL(0x00, 0x0000_0011, Control.values()),
    TABLE(0x04, 0x0000_0000, Place.values()),
    PENDING(0x08, 0x0000_0000, Place.values());

    /** The capability's number. */
    public static final int ID = 0x11;

    /** Most messages one function may have. */
    public static final int VECTOR_COUNT_MAX = 2048;

    /** Bytes of the block. */
    public static final int SIZE = 0xc;

    /** The checked map. */
    public static final RegisterMap<MsixRegister> MAP =
            new RegisterMap<>("MSI-X capability", SIZE, values());

    private final Row row;

    MsixRegister(int offset, int reset, Field[] fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** Header and message control. */
    public enum Control implements Field {
        /** Messages are sent, and INTx is not. */
        ENABLE(31, 31, RW),
        /** No message is sent. */
        FUNCTION_MASK(30, 30, RW),
        /** Entries, minus one. */
        TABLE_SIZE(26, 16, RO),
        /** Offset of the next capability, or 0. */
        NEXT(15, 8, RO),
        /** Which capability this is. */
        CAPABILITY_ID(7, 0, RO);

        private final Bits bits;

        Control(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Where a table lies. */
    public enum Place implements Field {
        /** From the start of the region, a multiple of 8. */
        OFFSET(31, 3, RO),
        /** Which region. */
        BAR(2, 0, RO);

        private final Bits bits;

        Place(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
