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
 * The PCI Express capability of an endpoint, as far as there is one behind it.
 *
 * <p>PCI Express Base Specification 3.0, section 7.8.
 */
public enum ExpressRegister implements Register {
    // offset, reset, fields
    CAPABILITIES(0x00, 0x0002_0010, Capabilities.values()),
    DEVICE_CAPABILITIES(0x04, 0x0000_8001, DeviceCapabilities.values()),
    DEVICE_CONTROL(0x08, 0x0000_2010, DeviceControl.values()),
    LINK_CAPABILITIES(0x0c, 0x0000_0c11, LinkCapabilities.values()),
    LINK_CONTROL(0x10, 0x0011_0000, LinkControl.values()),
    DEVICE_CAPABILITIES_2(0x24, 0x0000_0000, DeviceCapabilities2.values()),
    DEVICE_CONTROL_2(0x28, 0x0000_0000, DeviceControl2.values()),
    LINK_CAPABILITIES_2(0x2c, 0x0000_0002, LinkCapabilities2.values()),
    LINK_CONTROL_2(0x30, 0x0000_0001, LinkControl2.values());

    /** The capability's number. */
    public static final int ID = 0x10;

    /** Bytes of the block. */
    public static final int SIZE = 0x3c;

    /** The checked map. */
    public static final RegisterMap<ExpressRegister> MAP =
            new RegisterMap<>("PCI Express capability", SIZE, values());

    private final Row row;

    ExpressRegister(int offset, int reset, Field[] fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** Header and kind of port. */
    public enum Capabilities implements Field {
        /** Which message its own events use. */
        MESSAGE_NUMBER(29, 25, RO),
        /** It is a slot. */
        SLOT(24, 24, RO),
        /** 0 for an endpoint. */
        PORT_TYPE(23, 20, RO),
        /** 2 for this table. */
        VERSION(19, 16, RO),
        /** Offset of the next capability, or 0. */
        NEXT(15, 8, RO),
        /** Which capability this is. */
        CAPABILITY_ID(7, 0, RO);

        private final Bits bits;

        Capabilities(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** What the function can do. */
    public enum DeviceCapabilities implements Field {
        /** It can be reset alone; not here. */
        FUNCTION_LEVEL_RESET(28, 28, RO),
        /** Reports errors by their role. */
        ROLE_BASED_ERRORS(15, 15, RO),
        /** 128 bytes, shifted left by this. */
        MAX_PAYLOAD(2, 0, RO);

        private final Bits bits;

        DeviceCapabilities(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** What it is told, and what happened. */
    public enum DeviceControl implements Field {
        /** Accesses are on their way. */
        TRANSACTIONS_PENDING(21, 21, RO),
        /** An access nobody supports. */
        UNSUPPORTED_REQUEST(19, 19, W1C, NOT_MODELLED),
        /** A fatal error. */
        FATAL_ERROR(18, 18, W1C, NOT_MODELLED),
        /** An error. */
        NON_FATAL_ERROR(17, 17, W1C, NOT_MODELLED),
        /** A corrected error. */
        CORRECTABLE_ERROR(16, 16, W1C, NOT_MODELLED),
        /** 128 bytes, shifted left by this. */
        MAX_READ_REQUEST(14, 12, RW, NOT_MODELLED),
        /** Accesses may ask not to be snooped. */
        NO_SNOOP_ENABLE(11, 11, RW, NOT_MODELLED),
        /** 128 bytes, shifted left by this. */
        MAX_PAYLOAD(7, 5, RW, NOT_MODELLED),
        /** Writes may pass each other. */
        RELAXED_ORDERING(4, 4, RW, NOT_MODELLED),
        /** Which errors are reported. */
        ERROR_REPORTING(3, 0, RW, NOT_MODELLED);

        private final Bits bits;

        DeviceControl(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        DeviceControl(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** What the link can do. */
    public enum LinkCapabilities implements Field {
        /** Of the port. */
        PORT_NUMBER(31, 24, RO),
        /** Sleep states it knows. */
        ASPM_SUPPORT(11, 10, RO),
        /** Lanes. */
        MAX_WIDTH(9, 4, RO),
        /** 1 for 2.5 GT/s. */
        MAX_SPEED(3, 0, RO);

        private final Bits bits;

        LinkCapabilities(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** What the link is told, and how it runs. */
    public enum LinkControl implements Field {
        /** Lanes in use. */
        WIDTH(25, 20, RO),
        /** 1 for 2.5 GT/s. */
        SPEED(19, 16, RO),
        /** Both ends share a clock. */
        COMMON_CLOCK(6, 6, RW, NOT_MODELLED),
        /** Sleep states it may use. */
        ASPM_CONTROL(1, 0, RW, NOT_MODELLED);

        private final Bits bits;

        LinkControl(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        LinkControl(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** More of what the function can do. */
    public enum DeviceCapabilities2 implements Field {
        /** Not here. */
        COMPLETION_TIMEOUT_DISABLE_SUPPORTED(4, 4, RO),
        /** None. */
        COMPLETION_TIMEOUT_RANGES(3, 0, RO);

        private final Bits bits;

        DeviceCapabilities2(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** More of what it is told. */
    public enum DeviceControl2 implements Field {
        /** Waits for ever. */
        COMPLETION_TIMEOUT_DISABLE(4, 4, RW, NOT_MODELLED),
        /** How long it waits. */
        COMPLETION_TIMEOUT(3, 0, RW, NOT_MODELLED);

        private final Bits bits;

        DeviceControl2(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Speeds of the link. */
    public enum LinkCapabilities2 implements Field {
        /** Bit 1 for 2.5 GT/s. */
        SPEEDS(7, 1, RO);

        private final Bits bits;

        LinkCapabilities2(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Wanted speed. */
    public enum LinkControl2 implements Field {
        /** 1 for 2.5 GT/s. */
        TARGET_SPEED(3, 0, RW, NOT_MODELLED);

        private final Bits bits;

        LinkControl2(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
