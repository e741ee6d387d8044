package dmakit.datasheet.plx;

import static dmakit.datasheet.Access.RW;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/**
 * The words of a standard descriptor in memory, little-endian. Addresses have 48 bits. With {@code
 * WRITE_BACK_EN} the engine stores the first word again when it is done with one.
 */
public enum PlxDescriptor implements Register {
    //           offset  fields
    FLAGS_AND_SIZE(0x00, Flags.values()),
    ADDRESSES_HIGH(0x04, High.values()),
    DESTINATION_LOW(0x08, PlxRegister.Word.values()),
    SOURCE_LOW(0x0c, PlxRegister.Word.values());

    /** Bytes in a descriptor. */
    public static final int SIZE = 16;

    /** Most bytes that one descriptor moves. */
    public static final int TRANSFER_BYTES_MAX = (1 << 27) - 1;

    /** The addresses a descriptor can name. */
    public static final long ADDRESS_MASK = (1L << 48) - 1;

    /** The checked layout. */
    public static final RegisterMap<PlxDescriptor> MAP =
            new RegisterMap<>("plx descriptor", SIZE, values());

    private final Row row;

    PlxDescriptor(int offset, Field[] fields) {
        row = Row.inMemory(offset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** What is to be done, and what became of it. */
    public enum Flags implements Field {
        /** The engine may take it; the engine clears it when it is done. */
        VALID(31, 31, RW),
        /** Before: interrupt when done. Written back: all bytes have moved. */
        INTERRUPT_OR_SUCCESS(30, 30, RW),
        /** Written back: its source did not answer. */
        READ_FAIL(29, 29, RW),
        /** Written back: its destination did not answer. */
        WRITE_FAIL(28, 28, RW),
        /** A descriptor of the extended format, with 64-bit addresses. */
        EXTENDED(27, 27, RW, Bits.NOT_MODELLED),
        /** Bytes to move; written back: bytes that have moved. */
        BYTES(26, 0, RW);

        private final Bits bits;

        Flags(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Flags(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Bits 47:32 of both addresses. */
    public enum High implements Field {
        /** Of the source. */
        SOURCE(31, 16, RW),
        /** Of the destination. */
        DESTINATION(15, 0, RW);

        private final Bits bits;

        High(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
