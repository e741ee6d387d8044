package dmakit.datasheet.edu;

import static dmakit.datasheet.Access.RO;
import static dmakit.datasheet.Access.RW;
import static dmakit.datasheet.Access.WO;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/**
 * Registers of QEMU's {@code edu} device, PCI 1234:11e8. QEMU, docs/specs/edu.rst.
 *
 * <p>Below 0x80 accesses have 4 bytes; from there on 4 or 8. Behind the registers, at {@link
 * #BUFFER}, lies the device's own memory, which only its DMA reaches.
 */
public enum EduRegister implements Register {
    // offset, reset, fields
    IDENTIFICATION(0x00, 0x0100_00ed, Identification.values()),
    LIVENESS(0x04, 0x0000_0000, Word.values()),
    FACTORIAL(0x08, 0x0000_0000, Word.values()),
    STATUS(0x20, 0x0000_0000, Status.values()),
    INTERRUPT_STATUS(0x24, 0x0000_0000, Causes.values()),
    INTERRUPT_RAISE(0x60, 0x0000_0000, Raise.values()),
    INTERRUPT_ACKNOWLEDGE(0x64, 0x0000_0000, Raise.values()),
    DMA_SOURCE(0x80, 0x0000_0000, Word.values()),
    DMA_SOURCE_UPPER(0x84, 0x0000_0000, Word.values()),
    DMA_DESTINATION(0x88, 0x0000_0000, Word.values()),
    DMA_DESTINATION_UPPER(0x8c, 0x0000_0000, Word.values()),
    DMA_COUNT(0x90, 0x0000_0000, Word.values()),
    DMA_COUNT_UPPER(0x94, 0x0000_0000, Word.values()),
    DMA_COMMAND(0x98, 0x0000_0000, Command.values()),
    DMA_COMMAND_UPPER(0x9c, 0x0000_0000, Word.values());

    /** PCI vendor. */
    public static final int VENDOR_ID = 0x1234;

    /** PCI device. */
    public static final int DEVICE_ID = 0x11e8;

    /** Where the device's own memory starts, as its DMA sees it. */
    public static final int BUFFER = 0x40000;

    /** Bytes of the device's own memory. */
    public static final int BUFFER_BYTES = 4096;

    /** Bytes of region 0. */
    public static final int REGION_BYTES = 1 << 20;

    /** The addresses its DMA can put on the bus, unless it is built for more. */
    public static final long DMA_MASK = (1L << 28) - 1;

    /** Bytes of the block. */
    public static final int SIZE = 0x100;

    /** The checked map. */
    public static final RegisterMap<EduRegister> MAP = new RegisterMap<>("edu", SIZE, values());

    private final Row row;

    EduRegister(int offset, int reset, Field[] fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** Which device, and its version. */
    public enum Identification implements Field {
        /** Major version. */
        MAJOR(31, 24, RO),
        /** Minor version. */
        MINOR(23, 16, RO),
        /** 0x0ed. */
        EDU(11, 0, RO);

        private final Bits bits;

        Identification(int msb, int lsb, Access access) {
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

    /** The factorial. */
    public enum Status implements Field {
        /** Interrupt when the factorial is there. */
        INTERRUPT(7, 7, RW),
        /** It is not there yet. */
        COMPUTING(0, 0, RO);

        private final Bits bits;

        Status(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Why it interrupts. */
    public enum Causes implements Field {
        /** A transfer ended. */
        DMA(8, 8, RO),
        /** A factorial is there. */
        FACTORIAL(0, 0, RO);

        private final Bits bits;

        Causes(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Bits of the interrupt status. */
    public enum Raise implements Field {
        /** To be set, or cleared. */
        BITS(31, 0, WO);

        private final Bits bits;

        Raise(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** The DMA. */
    public enum Command implements Field {
        /** Interrupt when the transfer ended. */
        INTERRUPT(2, 2, RW),
        /** From the device to RAM. */
        TO_RAM(1, 1, RW),
        /** Start; set until the transfer ended. */
        RUN(0, 0, RW);

        private final Bits bits;

        Command(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
