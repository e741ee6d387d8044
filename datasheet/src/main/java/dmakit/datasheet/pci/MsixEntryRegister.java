package dmakit.datasheet.pci;

import static dmakit.datasheet.Access.RW;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/**
 * One entry of the MSI-X table.
 *
 * <p>PCI Local Bus Specification 3.0, section 6.8.2.6 on.
 */
public enum MsixEntryRegister implements Register {
    // offset, reset, fields
    ADDRESS(0x00, 0x0000_0000, Word.values()),
    UPPER_ADDRESS(0x04, 0x0000_0000, Word.values()),
    DATA(0x08, 0x0000_0000, Word.values()),
    VECTOR_CONTROL(0x0c, 0x0000_0001, VectorControl.values());

    /** Bytes of the block. */
    public static final int SIZE = 0x10;

    /** The checked map. */
    public static final RegisterMap<MsixEntryRegister> MAP =
            new RegisterMap<>("MSI-X table entry", SIZE, values());

    private final Row row;

    MsixEntryRegister(int offset, int reset, Field[] fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
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

    /** Whether the message is sent. */
    public enum VectorControl implements Field {
        /** It waits, and its pending bit is set. */
        MASK(0, 0, RW);

        private final Bits bits;

        VectorControl(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
