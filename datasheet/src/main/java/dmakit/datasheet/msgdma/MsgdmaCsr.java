package dmakit.datasheet.msgdma;

import static dmakit.datasheet.Access.RO;
import static dmakit.datasheet.Access.RW;
import static dmakit.datasheet.Access.W1C;
import static dmakit.datasheet.Access.W1SC;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/**
 * The control and status registers of the dispatcher. Embedded Peripherals IP User Guide, "CSR
 * Registers".
 */
public enum MsgdmaCsr implements Register {
    //     offset  reset        fields
    STATUS(0x000, 0x0000_000a, Status.values()),
    CONTROL(0x004, 0x0000_0000, Control.values()),
    DESCRIPTOR_FILL_LEVEL(0x008, 0x0000_0000, FillLevel.values()),
    RESPONSE_FILL_LEVEL(0x00c, 0x0000_0000, ResponseFillLevel.values()),
    SEQUENCE_NUMBER(0x010, 0x0000_0000, SequenceNumber.values());

    /** Bytes of the block of registers. */
    public static final int SIZE = 0x20;

    /** The checked map. */
    public static final RegisterMap<MsgdmaCsr> MAP =
            new RegisterMap<>("msgdma csr", SIZE, values());

    private final Row row;

    MsgdmaCsr(int offset, int reset, Field[] fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** "Status Register". */
    public enum Status implements Field {
        /** A descriptor or an error has interrupted. */
        IRQ(9, 9, W1C),
        /** A descriptor ended before its length; no stream here does that. */
        STOPPED_ON_EARLY_TERMINATION(8, 8, RO, Bits.NOT_MODELLED),
        /** A descriptor ended with an error, and the dispatcher with it. */
        STOPPED_ON_ERROR(7, 7, W1C),
        /** A reset is under way. */
        RESETTING(6, 6, RO),
        /** The dispatcher stands still. */
        STOPPED(5, 5, RO),
        /** No response fits any more. */
        RESPONSE_BUFFER_FULL(4, 4, RO),
        /** There is no response to read. */
        RESPONSE_BUFFER_EMPTY(3, 3, RO),
        /** No descriptor fits any more. */
        DESCRIPTOR_BUFFER_FULL(2, 2, RO),
        /** No descriptor waits. */
        DESCRIPTOR_BUFFER_EMPTY(1, 1, RO),
        /** A descriptor waits or is being worked on. */
        BUSY(0, 0, RO);

        private final Bits bits;

        Status(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Status(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** "Control Register". */
    public enum Control implements Field {
        /** No further descriptor is begun. */
        STOP_DESCRIPTORS(5, 5, RW),
        /** The interrupt reaches the CPU. */
        GLOBAL_INTERRUPT_ENABLE(4, 4, RW),
        /** Early termination stops the dispatcher; no stream here does that. */
        STOP_ON_EARLY_TERMINATION(3, 3, RW, Bits.NOT_MODELLED),
        /** An error stops the dispatcher. */
        STOP_ON_ERROR(2, 2, RW),
        /** Drops everything. */
        RESET_DISPATCHER(1, 1, W1SC),
        /** Stands still, in the midst of a descriptor too. */
        STOP_DISPATCHER(0, 0, RW);

        private final Bits bits;

        Control(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Control(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** "Descriptor Fill Level". */
    public enum FillLevel implements Field {
        /** Descriptors whose writes wait. */
        WRITE_FILL_LEVEL(31, 16, RO),
        /** Descriptors whose reads wait. */
        READ_FILL_LEVEL(15, 0, RO);

        private final Bits bits;

        FillLevel(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** "Response Fill Level". */
    public enum ResponseFillLevel implements Field {
        /** Responses to read. */
        RESPONSE_FILL_LEVEL(15, 0, RO);

        private final Bits bits;

        ResponseFillLevel(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** "Sequence Number": of the descriptors being worked on. */
    public enum SequenceNumber implements Field {
        /** Of writes. */
        WRITE_SEQUENCE_NUMBER(31, 16, RO),
        /** Of reads. */
        READ_SEQUENCE_NUMBER(15, 0, RO);

        private final Bits bits;

        SequenceNumber(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
