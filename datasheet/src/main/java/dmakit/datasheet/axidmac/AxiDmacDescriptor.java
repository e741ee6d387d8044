package dmakit.datasheet.axidmac;

import static dmakit.datasheet.Access.RW;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/** The words of a descriptor in memory. AXI DMAC, "Descriptor Structure". */
public enum AxiDmacDescriptor implements Register {
    //     offset  reset        fields
    FLAGS(0x000, 0x0000_0000, Flags.values()),
    ID(0x004, 0x0000_0000, Id.values()),
    DEST_ADDR(0x008, 0x0000_0000, Address.values()),
    DEST_ADDR_HIGH(0x00c, 0x0000_0000, Address.values()),
    SRC_ADDR(0x010, 0x0000_0000, Address.values()),
    SRC_ADDR_HIGH(0x014, 0x0000_0000, Address.values()),
    NEXT_SG_ADDR(0x018, 0x0000_0000, Address.values()),
    NEXT_SG_ADDR_HIGH(0x01c, 0x0000_0000, Address.values()),
    Y_LEN(0x020, 0x0000_0000, Length.values()),
    X_LEN(0x024, 0x0000_0000, Length.values()),
    SRC_STRIDE(0x028, 0x0000_0000, Stride.values()),
    DST_STRIDE(0x02c, 0x0000_0000, Stride.values());

    /** Bytes of a descriptor that the core reads. */
    public static final int SIZE = 0x30;

    /** What descriptors are aligned to: a word of the interface that reads them. */
    public static final int ALIGNMENT = 8;

    /** The checked map. */
    public static final RegisterMap<AxiDmacDescriptor> MAP =
            new RegisterMap<>("axi-dmac descriptor", SIZE, values());

    private final Row row;

    AxiDmacDescriptor(int offset, int reset, Field[] fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** What happens after it. */
    public enum Flags implements Field {
        /** Its end counts as that of a transfer. */
        EOT_IRQ(1, 1, RW),
        /** The chain ends here. */
        LAST(0, 0, RW);

        private final Bits bits;

        Flags(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** For software. */
    public enum Id implements Field {
        /** Shown in DESCRIPTOR_ID. */
        ID(31, 0, RW);

        private final Bits bits;

        Id(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** One half of an address. */
    public enum Address implements Field {
        /** On the bus of the core. */
        ADDRESS(31, 0, RW);

        private final Bits bits;

        Address(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** How much, minus one. */
    public enum Length implements Field {
        /** Bytes of a row, or rows. */
        LENGTH(31, 0, RW);

        private final Bits bits;

        Length(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** From one row to the next. */
    public enum Stride implements Field {
        /** In bytes. */
        STRIDE(31, 0, RW);

        private final Bits bits;

        Stride(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
