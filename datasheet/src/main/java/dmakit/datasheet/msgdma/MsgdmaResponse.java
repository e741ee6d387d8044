package dmakit.datasheet.msgdma;

import static dmakit.datasheet.Access.RO;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/**
 * How a descriptor ended; reading the second word takes the response out of its FIFO. Embedded
 * Peripherals IP User Guide, "Response Port".
 */
public enum MsgdmaResponse implements Register {
    //     offset  reset        fields
    ACTUAL_BYTES_TRANSFERRED(0x000, 0x0000_0000, Bytes.values()),
    STATUS(0x004, 0x0000_0000, Status.values());

    /** Bytes of the block of registers. */
    public static final int SIZE = 8;

    /** The checked map. */
    public static final RegisterMap<MsgdmaResponse> MAP =
            new RegisterMap<>("msgdma response", SIZE, values());

    private final Row row;

    MsgdmaResponse(int offset, int reset, Field[] fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** How far it has come. */
    public enum Bytes implements Field {
        /** In bytes. */
        ACTUAL_BYTES_TRANSFERRED(31, 0, RO);

        private final Bits bits;

        Bytes(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** What has happened. */
    public enum Status implements Field {
        /** It ended before its length; no stream here does that. */
        EARLY_TERMINATION(8, 8, RO, Bits.NOT_MODELLED),
        /** Of streams; here bit 0 says that the bus refused. */
        ERROR(7, 0, RO);

        private final Bits bits;

        Status(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Status(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
