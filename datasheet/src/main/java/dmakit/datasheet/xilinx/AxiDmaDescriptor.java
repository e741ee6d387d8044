package dmakit.datasheet.xilinx;

import static dmakit.datasheet.Access.RO;
import static dmakit.datasheet.Access.RW;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/**
 * The words of a buffer descriptor in memory, little-endian. AXI DMA v7.1, PG021, "Scatter/Gather
 * Descriptor", tables 2-25 to 2-34. RW is what software writes, RO what the core writes back.
 */
public enum AxiDmaDescriptor implements Register {
    //      offset  fields
    NXTDESC(0x00, AxiDmaRegister.DescriptorPointer.values()),
    NXTDESC_MSB(0x04, AxiDmaRegister.Msb.values()),
    BUFFER_ADDRESS(0x08, AxiDmaRegister.Address.values()),
    BUFFER_ADDRESS_MSB(0x0c, AxiDmaRegister.Msb.values()),
    RESERVED_4(0x10),
    RESERVED_5(0x14),
    CONTROL(0x18, Control.values()),
    STATUS(0x1c, Status.values()),
    APP0(0x20, App.values()),
    APP1(0x24, App.values()),
    APP2(0x28, App.values()),
    APP3(0x2c, App.values()),
    APP4(0x30, App.values());

    /** Bytes of a descriptor. */
    public static final int SIZE = 0x34;

    /** What its address is a multiple of, in bytes. */
    public static final int ALIGNMENT = 0x40;

    /** Words for the application: the packet's control or status stream. */
    public static final int APP_COUNT = 5;

    /** The checked layout. */
    public static final RegisterMap<AxiDmaDescriptor> MAP =
            new RegisterMap<>("axi dma descriptor", SIZE, values());

    private final Row row;

    AxiDmaDescriptor(int offset, Field... fields) {
        row = Row.inMemory(offset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** "MM2S_CONTROL", "S2MM_CONTROL". */
    public enum Control implements Field {
        /** The buffer begins a packet; MM2S only. */
        TXSOF(27, 27, RW),
        /** The buffer ends a packet; MM2S only. */
        TXEOF(26, 26, RW),
        /** Bytes of the buffer, of which a core has 8 to 26 bits. */
        BUFFER_LENGTH(25, 0, RW);

        private final Bits bits;

        Control(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** "MM2S_STATUS", "S2MM_STATUS". */
    public enum Status implements Field {
        /** The buffer has been sent or filled. */
        CMPLT(31, 31, RO),
        /** Nothing answered at the buffer's address. */
        DMA_DEC_ERR(30, 30, RO),
        /** The buffer's memory answered with an error. */
        DMA_SLV_ERR(29, 29, RO),
        /** The buffer has no bytes. */
        DMA_INT_ERR(28, 28, RO),
        /** The buffer holds the start of a packet; S2MM only. */
        RXSOF(27, 27, RO),
        /** The buffer holds the end of a packet; S2MM only. */
        RXEOF(26, 26, RO),
        /** Bytes that were sent or received. */
        TRANSFERRED_BYTES(25, 0, RO);

        private final Bits bits;

        Status(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** "APP0" to "APP4": what the application says about the packet. */
    public enum App implements Field {
        /** All of the word. */
        APP(31, 0, RW);

        private final Bits bits;

        App(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
