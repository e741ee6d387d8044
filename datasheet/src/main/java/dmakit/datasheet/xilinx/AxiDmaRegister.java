package dmakit.datasheet.xilinx;

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
 * Registers of one channel of an AXI DMA. AXI DMA v7.1, PG021, "Register Space", tables 2-6 to
 * 2-24. MM2S begins at {@link #MM2S}, S2MM at {@link #S2MM}; the layout is the same.
 *
 * <p>Of {@code CURDESC} to {@code TAILDESC_MSB} and {@code ADDRESS} to {@code LENGTH} a core has
 * one group: the former with the scatter/gather engine, the latter without it.
 */
public enum AxiDmaRegister implements Register {
    //        offset  reset        fields
    DMACR(0x00, 0x0001_0002, Dmacr.values()),
    DMASR(0x04, 0x0001_0001, Dmasr.values()),
    CURDESC(0x08, 0x0000_0000, DescriptorPointer.values()),
    CURDESC_MSB(0x0c, 0x0000_0000, Msb.values()),
    TAILDESC(0x10, 0x0000_0000, DescriptorPointer.values()),
    TAILDESC_MSB(0x14, 0x0000_0000, Msb.values()),
    ADDRESS(0x18, 0x0000_0000, Address.values()),
    ADDRESS_MSB(0x1c, 0x0000_0000, Msb.values()),
    LENGTH(0x28, 0x0000_0000, Length.values()),
    SG_CTL(0x2c, 0x0000_0000, SgCtl.values());

    /** Where the registers of the channel from memory to the stream begin. */
    public static final int MM2S = 0x00;

    /** Where the registers of the channel from the stream to memory begin. */
    public static final int S2MM = 0x30;

    /** Bytes from one channel's registers to the other's. */
    public static final int CHANNEL_SIZE = 0x30;

    /** Bytes of a core's block of registers. */
    public static final int SIZE = 0x1000;

    /** The checked map of one channel. */
    public static final RegisterMap<AxiDmaRegister> MAP =
            new RegisterMap<>("axi dma channel", CHANNEL_SIZE, values());

    private final Row row;

    AxiDmaRegister(int offset, int reset, Field[] fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** "MM2S_DMACR", "S2MM_DMACR": control. */
    public enum Dmacr implements Field {
        /** Interrupts when nothing completes for so many units after a packet; 0 for never. */
        IRQ_DELAY(31, 24, RW),
        /** Interrupts after so many packets; a store of 0 leaves it. */
        IRQ_THRESHOLD(23, 16, RW),
        /** Lets errors interrupt. */
        ERR_IRQ_EN(14, 14, RW),
        /** Lets the delay timer interrupt. */
        DLY_IRQ_EN(13, 13, RW),
        /** Lets completion interrupt. */
        IOC_IRQ_EN(12, 12, RW),
        /** Goes round the ring for ever and does not look at {@code Cmplt}. */
        CYCLIC_BD_ENABLE(4, 4, RW),
        /** Accesses one address of memory again and again. */
        KEYHOLE(3, 3, RW),
        /** Resets both channels; reads as one until that is done. */
        RESET(2, 2, W1SC),
        /** Reads as one. */
        RESERVED_1(1, 1, RO),
        /** Runs the channel; a channel that is stopped ends what it has begun. */
        RS(0, 0, RW);

        private final Bits bits;

        Dmacr(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** "MM2S_DMASR", "S2MM_DMASR": status. */
    public enum Dmasr implements Field {
        /** Units of the delay timer that have passed. */
        IRQ_DELAY_STS(31, 24, RO),
        /** Packets until the next interrupt. */
        IRQ_THRESHOLD_STS(23, 16, RO),
        /** An error has stopped the channel. */
        ERR_IRQ(14, 14, W1C),
        /** The delay timer has run out. */
        DLY_IRQ(13, 13, W1C),
        /** As many packets as the threshold says have completed. */
        IOC_IRQ(12, 12, W1C),
        /** Nothing answered where a descriptor should be. */
        SG_DEC_ERR(10, 10, RO),
        /** A descriptor's address answered with an error. */
        SG_SLV_ERR(9, 9, RO),
        /** A descriptor that is complete already was fetched. */
        SG_INT_ERR(8, 8, RO),
        /** Nothing answered where data should be. */
        DMA_DEC_ERR(6, 6, RO),
        /** Memory answered a transfer of data with an error. */
        DMA_SLV_ERR(5, 5, RO),
        /** A descriptor of no bytes; or a packet longer than the buffer of a simple transfer. */
        DMA_INT_ERR(4, 4, RO),
        /** The core has a scatter/gather engine. */
        SG_INCLD(3, 3, RO),
        /** The last descriptor, or the simple transfer, is done. */
        IDLE(1, 1, RO),
        /** The channel stands still: stopped, or in error. */
        HALTED(0, 0, RO);

        private final Bits bits;

        Dmasr(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** "MM2S_CURDESC", "MM2S_TAILDESC" and their like: address of a descriptor. */
    public enum DescriptorPointer implements Field {
        /** The low 32 bits; descriptors are aligned to 64 bytes. */
        POINTER(31, 6, RW);

        private final Bits bits;

        DescriptorPointer(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** The high halves of addresses, in cores of more than 32 address bits. */
    public enum Msb implements Field {
        /** Bits 63 to 32. */
        ADDRESS(31, 0, RW);

        private final Bits bits;

        Msb(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** "MM2S_SA", "S2MM_DA": memory of a simple transfer. */
    public enum Address implements Field {
        /** The low 32 bits. */
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

    /** "MM2S_LENGTH", "S2MM_LENGTH". */
    public enum Length implements Field {
        /** Bytes of a simple transfer, which a store starts; afterwards bytes received. */
        LENGTH(25, 0, RW);

        private final Bits bits;

        Length(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** "SG_CTL": attributes of the fetch of descriptors, in multichannel cores. */
    public enum SgCtl implements Field {
        /** {@code ARUSER} of fetches. */
        SG_USER(11, 8, RW),
        /** {@code ARCACHE} of fetches. */
        SG_CACHE(3, 0, RW);

        private final Bits bits;

        SgCtl(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access, Bits.NOT_MODELLED);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
