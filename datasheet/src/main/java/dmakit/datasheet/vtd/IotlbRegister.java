package dmakit.datasheet.vtd;

import static dmakit.datasheet.Access.RO;
import static dmakit.datasheet.Access.RW;
import static dmakit.datasheet.Access.WO;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/**
 * Registers that invalidate the IOTLB, at {@code ECAP.IRO}. Intel VT-d, chapter 10, "IOTLB
 * Registers".
 */
public enum IotlbRegister implements Register {
    // offset, reset, fields
    IVA(0x00, 0x0000_0000, Iva.values()),
    IVA_UPPER(0x04, 0x0000_0000, IvaUpper.values()),
    IOTLB(0x08, 0x0000_0000),
    IOTLB_UPPER(0x0c, 0x0000_0000, IotlbUpper.values());

    /** Bytes of the block. */
    public static final int SIZE = 16;

    /** The checked map. */
    public static final RegisterMap<IotlbRegister> MAP =
            new RegisterMap<>("vt-d iotlb", SIZE, values());

    private final Row row;

    IotlbRegister(int offset, int reset, Field... fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** Invalidate address. */
    public enum Iva implements Field {
        /** Bits 31:12 of an address of the master. */
        ADDR(31, 12, WO),
        /** Tables did not change, but for leaves. */
        IH(6, 6, WO),
        /** Log2 of the pages. */
        AM(5, 0, WO);

        private final Bits bits;

        Iva(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Bits 63:32 of the invalidate address. */
    public enum IvaUpper implements Field {
        /** Bits 63:32. */
        ADDR(31, 0, WO);

        private final Bits bits;

        IvaUpper(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** IOTLB invalidate, bits 63:32. */
    public enum IotlbUpper implements Field {
        /** Invalidate; set until that is done. */
        IVT(31, 31, RW),
        /** Granularity wanted, see {@link IotlbInvalidation}. */
        IIRG(29, 28, RW),
        /** Granularity of what was done. */
        IAIG(26, 25, RO),
        /** Wait for reads under way. */
        DR(17, 17, RW),
        /** Wait for writes under way. */
        DW(16, 16, RW),
        /** Domain id. */
        DID(15, 0, RW);

        private final Bits bits;

        IotlbUpper(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
