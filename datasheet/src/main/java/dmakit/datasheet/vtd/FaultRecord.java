package dmakit.datasheet.vtd;

import static dmakit.datasheet.Access.RO;
import static dmakit.datasheet.Access.W1C;
import static dmakit.datasheet.Bits.NOT_MODELLED;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/** One fault recording register, 128 bits. Intel VT-d, chapter 10. */
public enum FaultRecord implements Register {
    // offset, reset, fields
    FI(0x00, 0x0000_0000, Fi.values()),
    FI_UPPER(0x04, 0x0000_0000, FiUpper.values()),
    SOURCE(0x08, 0x0000_0000, Source.values()),
    REASON(0x0c, 0x0000_0000, Reason.values());

    /** Bytes of a record. */
    public static final int SIZE = 16;

    /** The checked map. */
    public static final RegisterMap<FaultRecord> MAP =
            new RegisterMap<>("vt-d fault record", SIZE, values());

    private final Row row;

    FaultRecord(int offset, int reset, Field... fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** Bits 31:0, fault information. */
    public enum Fi implements Field {
        /** Bits 31:12 of the address. */
        FI(31, 12, RO);

        private final Bits bits;

        Fi(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Bits 63:32, fault information. */
    public enum FiUpper implements Field {
        /** Bits 63:32 of the address. */
        FI(31, 0, RO);

        private final Bits bits;

        FiUpper(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Bits 95:64, who. */
    public enum Source implements Field {
        /** Has a PASID. */
        PP(31, 31, RO, NOT_MODELLED),
        /** Wanted to execute. */
        EXE(30, 30, RO, NOT_MODELLED),
        /** Privileged. */
        PRIV(29, 29, RO, NOT_MODELLED),
        /** Bit 1 of the type. */
        T2(28, 28, RO, NOT_MODELLED),
        /** Source id: bus, device and function. */
        SID(15, 0, RO);

        private final Bits bits;

        Source(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Source(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Bits 127:96, why. */
    public enum Reason implements Field {
        /** Holds a fault. */
        F(31, 31, W1C),
        /** Bit 0 of the type: set for a read. */
        T1(30, 30, RO),
        /** Address type. */
        AT(29, 28, RO, NOT_MODELLED),
        /** PASID. */
        PV(27, 8, RO, NOT_MODELLED),
        /** A {@link FaultReason}. */
        FR(7, 0, RO);

        private final Bits bits;

        Reason(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Reason(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
