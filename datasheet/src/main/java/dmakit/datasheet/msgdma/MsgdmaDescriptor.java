package dmakit.datasheet.msgdma;

import static dmakit.datasheet.Access.WO;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/**
 * The words of an extended descriptor, which software writes one after the other. Embedded
 * Peripherals IP User Guide, "Extended Descriptor Format".
 */
public enum MsgdmaDescriptor implements Register {
    //     offset  reset        fields
    READ_ADDRESS(0x000, 0x0000_0000, Low.values()),
    WRITE_ADDRESS(0x004, 0x0000_0000, Low.values()),
    LENGTH(0x008, 0x0000_0000, Length.values()),
    BURST_AND_SEQUENCE(0x00c, 0x0000_0000, BurstAndSequence.values()),
    STRIDE(0x010, 0x0000_0000, Stride.values()),
    READ_ADDRESS_HIGH(0x014, 0x0000_0000, High.values()),
    WRITE_ADDRESS_HIGH(0x018, 0x0000_0000, High.values()),
    CONTROL(0x01c, 0x0000_0000, Control.values());

    /** Bytes of a descriptor. */
    public static final int SIZE = 0x20;

    /** The checked layout. */
    public static final RegisterMap<MsgdmaDescriptor> MAP =
            new RegisterMap<>("msgdma descriptor", SIZE, values());

    private final Row row;

    MsgdmaDescriptor(int offset, int reset, Field[] fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** The low half of an address. */
    public enum Low implements Field {
        /** On the bus of the masters. */
        ADDRESS_31_0(31, 0, WO);

        private final Bits bits;

        Low(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** How much. */
    public enum Length implements Field {
        /** In bytes. */
        LENGTH(31, 0, WO);

        private final Bits bits;

        Length(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** How bursts are, and a number for software. */
    public enum BurstAndSequence implements Field {
        /** Words of a burst of writes at most; 0 is the core's own limit. */
        WRITE_BURST_COUNT(31, 24, WO, Bits.NOT_MODELLED),
        /** Words of a burst of reads at most; 0 is the core's own limit. */
        READ_BURST_COUNT(23, 16, WO, Bits.NOT_MODELLED),
        /** Shown while the descriptor is worked on. */
        SEQUENCE_NUMBER(15, 0, WO);

        private final Bits bits;

        BurstAndSequence(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        BurstAndSequence(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** From one word to the next, in words; 0 stays. */
    public enum Stride implements Field {
        /** Of writes. */
        WRITE_STRIDE(31, 16, WO),
        /** Of reads. */
        READ_STRIDE(15, 0, WO);

        private final Bits bits;

        Stride(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** The high half of an address. */
    public enum High implements Field {
        /** On the bus of the masters. */
        ADDRESS_63_32(31, 0, WO);

        private final Bits bits;

        High(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** "Descriptor Control Field". */
    public enum Control implements Field {
        /** Puts the descriptor into the FIFO. */
        GO(31, 31, WO),
        /** The next may begin before the last write has been answered. */
        EARLY_DONE_ENABLE(24, 24, WO, Bits.NOT_MODELLED),
        /** Which errors interrupt. */
        ERROR_IRQ_ENABLE(23, 16, WO),
        /** Early termination interrupts. */
        EARLY_TERMINATION_IRQ_ENABLE(15, 15, WO, Bits.NOT_MODELLED),
        /** The end interrupts. */
        TRANSFER_COMPLETE_IRQ_ENABLE(14, 14, WO),
        /** For packets without a known length: they end at it. */
        END_ON_LENGTH(13, 13, WO, Bits.NOT_MODELLED),
        /** For packets: they end the descriptor. */
        END_ON_EOP(12, 12, WO, Bits.NOT_MODELLED),
        /** Begins again when nothing else waits. */
        PARK_WRITES(11, 11, WO),
        /** Begins again when nothing else waits. */
        PARK_READS(10, 10, WO),
        /** For streams. */
        GENERATE_EOP(9, 9, WO, Bits.NOT_MODELLED),
        /** For streams. */
        GENERATE_SOP(8, 8, WO, Bits.NOT_MODELLED),
        /** For streams. */
        TRANSMIT_CHANNEL(7, 0, WO, Bits.NOT_MODELLED);

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
}
