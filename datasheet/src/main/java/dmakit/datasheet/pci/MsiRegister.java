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
 * The capability for message signalled interrupts, with a 64-bit address and without masks.
 *
 * <p>PCI Local Bus Specification 3.0, section 6.8.1.
 */
public enum MsiRegister implements Register {
    // offset, reset, fields
    CONTROL(0x00, 0x0000_0005, Control.values()),
    ADDRESS(0x04, 0x0000_0000, Address.values()),
    UPPER_ADDRESS(0x08, 0x0000_0000, Word.values()),
    DATA(0x0c, 0x0000_0000, Data.values());

    /** The capability's number. */
    public static final int ID = 0x05;

    /** Most messages one function may have. */
    public static final int VECTOR_COUNT_MAX = 32;

    /** Bytes of the block. */
    public static final int SIZE = 0x10;

    /** The checked map. */
    public static final RegisterMap<MsiRegister> MAP =
            new RegisterMap<>("MSI capability", SIZE, values());

    private final Row row;

    MsiRegister(int offset, int reset, Field[] fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** Header and message control. */
    public enum Control implements Field {
        /** Messages can be masked one by one; not here. */
        PER_VECTOR_MASKING(24, 24, RO),
        /** The address has 64 bits. */
        ADDRESS_64(23, 23, RO),
        /** log2 of the messages the system gave. */
        MULTIPLE_ENABLE(22, 20, RW),
        /** log2 of the messages the device wants. */
        MULTIPLE_CAPABLE(19, 17, RO),
        /** Messages are sent, and INTx is not. */
        ENABLE(16, 16, RW),
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

    /** Where a message is written. */
    public enum Address implements Field {
        /** A multiple of 4. */
        ADDRESS(31, 2, RW);

        private final Bits bits;

        Address(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
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

    /** What is written there. */
    public enum Data implements Field {
        /** Its low bits tell messages apart. */
        DATA(15, 0, RW);

        private final Bits bits;

        Data(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
