package dmakit.datasheet.pci;

import static dmakit.datasheet.Access.RO;
import static dmakit.datasheet.Access.RW;
import static dmakit.datasheet.Access.W1C;
import static dmakit.datasheet.Bits.NOT_MODELLED;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/**
 * The first 64 bytes of a function's configuration space, type 0: what every device has.
 *
 * <p>PCI Local Bus Specification 3.0, section 6.1 and figure 6-1; PCI Express Base Specification,
 * section 7.5.1.
 *
 * <p>Identity, class and the shape of base addresses differ per device: their resets are zero here,
 * and a function fills them in.
 */
public enum PciHeaderRegister implements Register {
    // offset, reset, fields
    ID(0x00, 0x0000_0000, Id.values()),
    COMMAND_STATUS(0x04, 0x0000_0000, CommandStatus.values()),
    CLASS_REVISION(0x08, 0x0000_0000, ClassRevision.values()),
    HEADER(0x0c, 0x0000_0000, Header.values()),
    BAR0(0x10, 0x0000_0000, BaseAddress.values()),
    BAR1(0x14, 0x0000_0000, BaseAddress.values()),
    BAR2(0x18, 0x0000_0000, BaseAddress.values()),
    BAR3(0x1c, 0x0000_0000, BaseAddress.values()),
    BAR4(0x20, 0x0000_0000, BaseAddress.values()),
    BAR5(0x24, 0x0000_0000, BaseAddress.values()),
    CARDBUS_CIS(0x28, 0x0000_0000, Pointer32.values()),
    SUBSYSTEM(0x2c, 0x0000_0000, Subsystem.values()),
    ROM(0x30, 0x0000_0000, Rom.values()),
    CAPABILITIES(0x34, 0x0000_0000, Capabilities.values()),
    INTERRUPT(0x3c, 0x0000_0000, Interrupt.values());

    /** Base addresses in a header. */
    public static final int BAR_COUNT = 6;

    /** Bytes of the block. */
    public static final int SIZE = 0x40;

    /** The checked map. */
    public static final RegisterMap<PciHeaderRegister> MAP =
            new RegisterMap<>("PCI type 0 header", SIZE, values());

    private final Row row;

    PciHeaderRegister(int offset, int reset, Field[] fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** Who made it and what it is. */
    public enum Id implements Field {
        /** Which of the vendor's devices. */
        DEVICE_ID(31, 16, RO),
        /** Given out by the PCI-SIG. */
        VENDOR_ID(15, 0, RO);

        private final Bits bits;

        Id(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** What the function may do, and what happened to it. */
    public enum CommandStatus implements Field {
        /** Bad parity was seen. */
        DETECTED_PARITY_ERROR(31, 31, W1C, NOT_MODELLED),
        /** SERR was asserted. */
        SIGNALED_SYSTEM_ERROR(30, 30, W1C, NOT_MODELLED),
        /** Nobody answered an access of this function. */
        RECEIVED_MASTER_ABORT(29, 29, W1C),
        /** An access of this function was refused. */
        RECEIVED_TARGET_ABORT(28, 28, W1C),
        /** This function refused an access. */
        SIGNALED_TARGET_ABORT(27, 27, W1C, NOT_MODELLED),
        /** How fast it answers. */
        DEVSEL_TIMING(26, 25, RO),
        /** Bad parity on an access of this function. */
        MASTER_DATA_PARITY_ERROR(24, 24, W1C, NOT_MODELLED),
        /** Takes back-to-back accesses. */
        FAST_BACK_TO_BACK(23, 23, RO),
        /** CAPABILITIES points to a list. */
        CAPABILITIES_LIST(20, 20, RO),
        /** INTx is pending. */
        INTERRUPT_STATUS(19, 19, RO),
        /** INTx is not asserted. */
        INTX_DISABLE(10, 10, RW),
        /** Back-to-back accesses to different targets. */
        FAST_BACK_TO_BACK_ENABLE(9, 9, RW, NOT_MODELLED),
        /** SERR may be asserted. */
        SERR_ENABLE(8, 8, RW, NOT_MODELLED),
        /** Bad parity is acted on. */
        PARITY_RESPONSE(6, 6, RW, NOT_MODELLED),
        /** Whole lines may be written. */
        MEMORY_WRITE_INVALIDATE(4, 4, RW, NOT_MODELLED),
        /** The function may access memory, and send messages. */
        BUS_MASTER(2, 2, RW),
        /** Memory base addresses answer. */
        MEMORY_SPACE(1, 1, RW),
        /** I/O base addresses answer. */
        IO_SPACE(0, 0, RW, NOT_MODELLED);

        private final Bits bits;

        CommandStatus(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        CommandStatus(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** What kind of device it is. */
    public enum ClassRevision implements Field {
        /** Class, subclass, programming interface. */
        CLASS_CODE(31, 8, RO),
        /** The vendor's revision. */
        REVISION(7, 0, RO);

        private final Bits bits;

        ClassRevision(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** The layout of the rest, and values nothing depends on any more. */
    public enum Header implements Field {
        /** Built-in self test; none. */
        BIST(31, 24, RO),
        /** The device has more functions. */
        MULTI_FUNCTION(23, 23, RO),
        /** 0 for this table. */
        LAYOUT(22, 16, RO),
        /** In bus clocks. */
        LATENCY_TIMER(15, 8, RW, NOT_MODELLED),
        /** In words of 4 bytes. */
        CACHE_LINE_SIZE(7, 0, RW, NOT_MODELLED);

        private final Bits bits;

        Header(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Header(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Where a region of the device answers. Which bits of ADDRESS can be set tells its size. */
    public enum BaseAddress implements Field {
        /** Upper bits of the address, or all of the upper half of a 64-bit one. */
        ADDRESS(31, 4, RW),
        /** Reads have no side effects. */
        PREFETCHABLE(3, 3, RO),
        /** 0 for 32 bits, 2 for 64. */
        TYPE(2, 1, RO),
        /** An I/O region. */
        IO(0, 0, RO);

        private final Bits bits;

        BaseAddress(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** A pointer nobody here uses. */
    public enum Pointer32 implements Field {
        /** Zero. */
        POINTER(31, 0, RO);

        private final Bits bits;

        Pointer32(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Who made the board the chip sits on. */
    public enum Subsystem implements Field {
        /** Which of the vendor's boards. */
        SUBSYSTEM_ID(31, 16, RO),
        /** Given out by the PCI-SIG. */
        SUBSYSTEM_VENDOR_ID(15, 0, RO);

        private final Bits bits;

        Subsystem(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Where an expansion ROM answers; none here. */
    public enum Rom implements Field {
        /** No bit can be set. */
        ADDRESS(31, 11, RO),
        /** Cannot be set. */
        ENABLE(0, 0, RO);

        private final Bits bits;

        Rom(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Start of the list of capabilities. */
    public enum Capabilities implements Field {
        /** Offset of the first one, or 0. */
        POINTER(7, 0, RO);

        private final Bits bits;

        Capabilities(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Which pin, and what software notes with it. */
    public enum Interrupt implements Field {
        /** Nothing depends on it. */
        MAX_LATENCY(31, 24, RO),
        /** Nothing depends on it. */
        MIN_GRANT(23, 16, RO),
        /** 1 for INTA to 4 for INTD, 0 for none. */
        PIN(15, 8, RO),
        /** A note of the system software. */
        LINE(7, 0, RW);

        private final Bits bits;

        Interrupt(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
