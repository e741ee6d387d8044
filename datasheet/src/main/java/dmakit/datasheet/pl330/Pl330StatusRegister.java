package dmakit.datasheet.pl330;

import static dmakit.datasheet.Access.RO;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/** What shows where one channel's thread is. DMA-330 TRM, tables 3-13 and 3-14. */
public enum Pl330StatusRegister implements Register {
    //     offset  reset        fields
    CSR(0x000, 0x0000_0000, Csr.values()),
    CPC(0x004, 0x0000_0000, Cpc.values());

    /** Where those of channel 0 are. */
    public static final int BASE = 0x100;

    /** From one channel's registers to the next one's, in bytes. */
    public static final int STRIDE = 8;

    /** The checked map of one channel. */
    public static final RegisterMap<Pl330StatusRegister> MAP =
            new RegisterMap<>("pl330 channel status", STRIDE, values());

    private final Row row;

    Pl330StatusRegister(int offset, int reset, Field[] fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** Table 3-13. */
    public enum Csr implements Field {
        /** The channel is non-secure. */
        CNS(21, 21, RO),
        /** The last DMAWFP left the kind to the peripheral. */
        DMAWFP_PERIPH(15, 15, RO),
        /** The last DMAWFP wanted a burst. */
        DMAWFP_B_NS(14, 14, RO),
        /** The event or peripheral it waits for. */
        WAKEUP_NUMBER(8, 4, RO),
        /** One of {@link ThreadState}. */
        CHANNEL_STATUS(3, 0, RO);

        private final Bits bits;

        Csr(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Table 3-14. */
    public enum Cpc implements Field {
        /** Of the instruction that is next, or faulted. */
        ADDRESS(31, 0, RO);

        private final Bits bits;

        Cpc(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
