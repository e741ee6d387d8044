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
 * The capability for power states.
 *
 * <p>PCI Bus Power Management Interface Specification 1.2, section 3.2.
 */
public enum PowerManagementRegister implements Register {
    // offset, reset, fields
    CAPABILITIES(0x00, 0x0003_0001, Capabilities.values()),
    CONTROL(0x04, 0x0000_0000, Control.values());

    /** The capability's number. */
    public static final int ID = 0x01;

    /** Bytes of the block. */
    public static final int SIZE = 0x8;

    /** The checked map. */
    public static final RegisterMap<PowerManagementRegister> MAP =
            new RegisterMap<>("power management capability", SIZE, values());

    private final Row row;

    PowerManagementRegister(int offset, int reset, Field[] fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** Header and what it can do. */
    public enum Capabilities implements Field {
        /** States from which it wakes the system; none. */
        PME_SUPPORT(31, 27, RO),
        /** It knows D2. */
        D2_SUPPORT(26, 26, RO),
        /** It knows D1. */
        D1_SUPPORT(25, 25, RO),
        /** 3 for specification 1.2. */
        VERSION(18, 16, RO),
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

    /** Control and status. */
    public enum Control implements Field {
        /** It would wake the system. */
        PME_STATUS(15, 15, W1C, NOT_MODELLED),
        /** It may wake the system. */
        PME_ENABLE(8, 8, RW, NOT_MODELLED),
        /** D3hot keeps the configuration. */
        NO_SOFT_RESET(3, 3, RO),
        /** 0 for D0 to 3 for D3hot; outside D0 only the configuration answers. */
        POWER_STATE(1, 0, RW);

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
