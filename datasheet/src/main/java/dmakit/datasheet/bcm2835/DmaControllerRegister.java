package dmakit.datasheet.bcm2835;

import static dmakit.datasheet.Access.RO;
import static dmakit.datasheet.Access.RW;

import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/**
 * Registers that all channels share. BCM2835 ARM Peripherals, section 4.2.1.2, "INT_STATUS
 * Register" and "ENABLE Register".
 */
public enum DmaControllerRegister implements Register {
    //         offset  reset        fields
    INT_STATUS(0xfe0, 0x0000_0000, IntStatus.values()),
    ENABLE(0xff0, 0x0000_7fff, Enable.values());

    /** Bytes of the controller's registers. */
    public static final int SIZE = 0x1000;

    /** The checked map. */
    public static final RegisterMap<DmaControllerRegister> MAP =
            new RegisterMap<>("bcm2835 dma", SIZE, values());

    private final Row row;

    DmaControllerRegister(int offset, int reset, Field[] fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** Which channels have {@code CS.INT} set. */
    public enum IntStatus implements Field {
        /** Channel 15, whose registers lie elsewhere. */
        INT15(15),
        INT14(14),
        INT13(13),
        INT12(12),
        INT11(11),
        INT10(10),
        INT9(9),
        INT8(8),
        INT7(7),
        INT6(6),
        INT5(5),
        INT4(4),
        INT3(3),
        INT2(2),
        INT1(1),
        INT0(0);

        private final Bits bits;

        IntStatus(int bit) {
            bits = new Bits(bit, bit, RO);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Which channels have power. Channel 15 always has. */
    public enum Enable implements Field {
        EN14(14),
        EN13(13),
        EN12(12),
        EN11(11),
        EN10(10),
        EN9(9),
        EN8(8),
        EN7(7),
        EN6(6),
        EN5(5),
        EN4(4),
        EN3(3),
        EN2(2),
        EN1(1),
        EN0(0);

        private final Bits bits;

        Enable(int bit) {
            bits = new Bits(bit, bit, RW);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
