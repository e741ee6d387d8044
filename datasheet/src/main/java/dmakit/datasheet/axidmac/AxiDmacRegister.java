package dmakit.datasheet.axidmac;

import static dmakit.datasheet.Access.RO;
import static dmakit.datasheet.Access.RW;
import static dmakit.datasheet.Access.W1C;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/** Registers of the core. AXI DMAC, "Register Map". */
public enum AxiDmacRegister implements Register {
    //     offset  reset        fields
    VERSION(0x000, 0x0004_0565, Version.values()),
    PERIPHERAL_ID(0x004, 0x0000_0000, PeripheralId.values()),
    SCRATCH(0x008, 0x0000_0000, Scratch.values()),
    IDENTIFICATION(0x00c, 0x444d_4143, Identification.values()),
    INTERFACE_DESCRIPTION_1(0x010, 0x0000_0000, Interfaces.values()),
    INTERFACE_DESCRIPTION_2(0x014, 0x0000_0000, Coherency.values()),
    IRQ_MASK(0x080, 0x0000_0003, IrqMask.values()),
    IRQ_PENDING(0x084, 0x0000_0000, IrqPending.values()),
    IRQ_SOURCE(0x088, 0x0000_0000, IrqSource.values()),
    CONTROL(0x400, 0x0000_0000, Control.values()),
    TRANSFER_ID(0x404, 0x0000_0000, TransferId.values()),
    TRANSFER_SUBMIT(0x408, 0x0000_0000, Submit.values()),
    FLAGS(0x40c, 0x0000_0002, Flags.values()),
    DEST_ADDRESS(0x410, 0x0000_0000, Address.values()),
    SRC_ADDRESS(0x414, 0x0000_0000, Address.values()),
    X_LENGTH(0x418, 0x0000_0000, Length.values()),
    Y_LENGTH(0x41c, 0x0000_0000, Length.values()),
    DEST_STRIDE(0x420, 0x0000_0000, Stride.values()),
    SRC_STRIDE(0x424, 0x0000_0000, Stride.values()),
    TRANSFER_DONE(0x428, 0x0000_0000, TransferDone.values()),
    ACTIVE_TRANSFER_ID(0x42c, 0x0000_0000, ActiveTransferId.values()),
    STATUS(0x430, 0x0000_0000, Status.values()),
    CURRENT_DEST_ADDRESS(0x434, 0x0000_0000, CurrentAddress.values()),
    CURRENT_SRC_ADDRESS(0x438, 0x0000_0000, CurrentAddress.values()),
    TRANSFER_PROGRESS(0x448, 0x0000_0000, Progress.values()),
    PARTIAL_TRANSFER_LENGTH(0x44c, 0x0000_0000, PartialLength.values()),
    PARTIAL_TRANSFER_ID(0x450, 0x0000_0000, PartialId.values()),
    DESCRIPTOR_ID(0x454, 0x0000_0000, DescriptorId.values()),
    FRAMELOCK_CONFIG(0x458, 0x0000_0000, FramelockConfig.values()),
    FRAMELOCK_STRIDE(0x45c, 0x0000_0000, FramelockStride.values()),
    SG_ADDRESS(0x47c, 0x0000_0000, Address.values()),
    DEST_ADDRESS_HIGH(0x490, 0x0000_0000, AddressHigh.values()),
    SRC_ADDRESS_HIGH(0x494, 0x0000_0000, AddressHigh.values()),
    CURRENT_DEST_ADDRESS_HIGH(0x498, 0x0000_0000, CurrentAddressHigh.values()),
    CURRENT_SRC_ADDRESS_HIGH(0x49c, 0x0000_0000, CurrentAddressHigh.values()),
    SG_ADDRESS_HIGH(0x4bc, 0x0000_0000, AddressHigh.values());

    /** Bytes of the block of registers: the core decodes 11 bits. */
    public static final int SIZE = 0x800;

    /** The checked map. */
    public static final RegisterMap<AxiDmacRegister> MAP =
            new RegisterMap<>("axi-dmac", SIZE, values());

    private final Row row;

    AxiDmacRegister(int offset, int reset, Field[] fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** Of the core; the patch level is a letter. */
    public enum Version implements Field {
        /** Not compatible with another. */
        VERSION_MAJOR(31, 16, RO),
        /** Adds to the ones before. */
        VERSION_MINOR(15, 8, RO),
        /** A letter, as a character. */
        VERSION_PATCH(7, 0, RO);

        private final Bits bits;

        Version(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Which of several cores it is. */
    public enum PeripheralId implements Field {
        /** As the core was generated. */
        PERIPHERAL_ID(31, 0, RO);

        private final Bits bits;

        PeripheralId(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** For software. */
    public enum Scratch implements Field {
        /** Without effect. */
        SCRATCH(31, 0, RW);

        private final Bits bits;

        Scratch(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** What it is. */
    public enum Identification implements Field {
        /** The letters DMAC. */
        IDENTIFICATION(31, 0, RO);

        private final Bits bits;

        Identification(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** What the sides of the core lead to, as it was generated. */
    public enum Interfaces implements Field {
        /** Frames of a frame lock, minus one. */
        MAX_NUM_FRAMES(31, 27, RO, Bits.NOT_MODELLED),
        /** A packet ends with each row, not with the last. */
        DMA_2D_TLAST_MODE(26, 26, RO, Bits.NOT_MODELLED),
        /** Transfers wait for a signal. */
        USE_EXT_SYNC(25, 25, RO, Bits.NOT_MODELLED),
        /** A transfer runs from reset on. */
        AUTORUN(24, 24, RO, Bits.NOT_MODELLED),
        /** Logarithm of the bytes of a burst. */
        BYTES_PER_BURST_WIDTH(19, 16, RO),
        /** An {@link InterfaceType}. */
        DMA_TYPE_SRC(13, 12, RO),
        /** Logarithm of the bytes of a word that is read. */
        BYTES_PER_BEAT_SRC_LOG2(11, 8, RO),
        /** An {@link InterfaceType}. */
        DMA_TYPE_DEST(5, 4, RO),
        /** Logarithm of the bytes of a word that is written. */
        BYTES_PER_BEAT_DEST_LOG2(3, 0, RO);

        private final Bits bits;

        Interfaces(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Interfaces(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** How memory is reached, as the core was generated. */
    public enum Coherency implements Field {
        /** AxPROT of its accesses. */
        AXI_AXPROT(10, 8, RO),
        /** AxCACHE of its accesses. */
        AXI_AXCACHE(7, 4, RO),
        /** Accesses snoop the caches of the CPU. */
        CACHE_COHERENT(0, 0, RO);

        private final Bits bits;

        Coherency(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** What does not reach the CPU. */
    public enum IrqMask implements Field {
        /** The end of a transfer. */
        TRANSFER_COMPLETED(1, 1, RW),
        /** That there is room for another. */
        TRANSFER_QUEUED(0, 0, RW);

        private final Bits bits;

        IrqMask(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** What reaches the CPU; clearing it clears the source. */
    public enum IrqPending implements Field {
        /** A transfer has ended. */
        TRANSFER_COMPLETED(1, 1, W1C),
        /** A transfer has been queued, and there is room for another. */
        TRANSFER_QUEUED(0, 0, W1C);

        private final Bits bits;

        IrqPending(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** What has happened, masked or not. */
    public enum IrqSource implements Field {
        /** A transfer has ended. */
        TRANSFER_COMPLETED(1, 1, RO),
        /** A transfer has been queued, and there is room for another. */
        TRANSFER_QUEUED(0, 0, RO);

        private final Bits bits;

        IrqSource(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** How the channel works. */
    public enum Control implements Field {
        /** Two cores share frames. */
        FRAMELOCK(3, 3, RW, Bits.NOT_MODELLED),
        /** Transfers are chains of descriptors in memory. */
        HWDESC(2, 2, RW),
        /** The transfer stands still. */
        PAUSE(1, 1, RW),
        /** The channel works; without it everything is dropped. */
        ENABLE(0, 0, RW);

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

    /** What the next transfer is called. */
    public enum TransferId implements Field {
        /** Valid while nothing is being submitted. */
        TRANSFER_ID(1, 0, RO);

        private final Bits bits;

        TransferId(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Begins a transfer. */
    public enum Submit implements Field {
        /** Set until the transfer is queued. */
        TRANSFER_SUBMIT(0, 0, RW);

        private final Bits bits;

        Submit(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Of the next transfer. */
    public enum Flags implements Field {
        /** Where a packet ends early, its length is kept. */
        PARTIAL_REPORTING_EN(2, 2, RW),
        /** The transfer ends the packet; what follows a packet that ended early is read again. */
        TLAST(1, 1, RW),
        /** The transfer begins again when it ends, and tells nobody. */
        CYCLIC(0, 0, RW);

        private final Bits bits;

        Flags(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Where a side begins; of words. */
    public enum Address implements Field {
        /** The low half. */
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

    /** Which transfers have ended since they were queued. */
    public enum TransferDone implements Field {
        /** There is a packet that ended early to be read about. */
        PARTIAL_TRANSFER_DONE(31, 31, RO),
        /** Transfer 3. */
        TRANSFER_3_DONE(3, 3, RO),
        /** Transfer 2. */
        TRANSFER_2_DONE(2, 2, RO),
        /** Transfer 1. */
        TRANSFER_1_DONE(1, 1, RO),
        /** Transfer 0. */
        TRANSFER_0_DONE(0, 0, RO);

        private final Bits bits;

        TransferDone(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Which transfer is under way. */
    public enum ActiveTransferId implements Field {
        /** The next one while there is none. */
        ACTIVE_TRANSFER_ID(4, 0, RO);

        private final Bits bits;

        ActiveTransferId(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** For later. */
    public enum Status implements Field {
        /** 0. */
        RESERVED(31, 0, RO);

        private final Bits bits;

        Status(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Where a side is. */
    public enum CurrentAddress implements Field {
        /** The low half. */
        ADDRESS(31, 0, RO);

        private final Bits bits;

        CurrentAddress(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** How far the transfer under way is. */
    public enum Progress implements Field {
        /** In bytes. */
        TRANSFER_PROGRESS(31, 0, RO);

        private final Bits bits;

        Progress(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** How long the packet was that ended early. */
    public enum PartialLength implements Field {
        /** In bytes. */
        PARTIAL_LENGTH(31, 0, RO);

        private final Bits bits;

        PartialLength(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Which transfer ended early; reading it goes on to the next. */
    public enum PartialId implements Field {
        /** Its number. */
        PARTIAL_TRANSFER_ID(1, 0, RO);

        private final Bits bits;

        PartialId(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Which descriptor has ended last. */
    public enum DescriptorId implements Field {
        /** As it says itself. */
        DESCRIPTOR_ID(31, 0, RO);

        private final Bits bits;

        DescriptorId(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** How two cores share frames. */
    public enum FramelockConfig implements Field {
        /** Frames between the cores. */
        DISTANCE(23, 16, RW, Bits.NOT_MODELLED),
        /** Frames, minus one. */
        FRAMENUM(15, 8, RW, Bits.NOT_MODELLED),
        /** Frames are written before they are read. */
        WAIT_WRITER(1, 1, RW, Bits.NOT_MODELLED),
        /** Which core waits. */
        MODE(0, 0, RW, Bits.NOT_MODELLED);

        private final Bits bits;

        FramelockConfig(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** From one frame to the next. */
    public enum FramelockStride implements Field {
        /** In bytes. */
        STRIDE(31, 0, RW, Bits.NOT_MODELLED);

        private final Bits bits;

        FramelockStride(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Where a side begins. */
    public enum AddressHigh implements Field {
        /** The high half. */
        ADDRESS_HIGH(31, 0, RW);

        private final Bits bits;

        AddressHigh(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Where a side is. */
    public enum CurrentAddressHigh implements Field {
        /** The high half. */
        ADDRESS_HIGH(31, 0, RO);

        private final Bits bits;

        CurrentAddressHigh(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
