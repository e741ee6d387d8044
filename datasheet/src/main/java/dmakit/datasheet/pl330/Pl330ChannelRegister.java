package dmakit.datasheet.pl330;

import static dmakit.datasheet.Access.RO;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/** What one channel's thread works with. DMA-330 TRM, tables 3-15 to 3-19. */
public enum Pl330ChannelRegister implements Register {
    //     offset  reset        fields
    SAR(0x000, 0x0000_0000, Address.values()),
    DAR(0x004, 0x0000_0000, Address.values()),
    CCR(0x008, 0x0080_0200, Ccr.values()),
    LC0(0x00c, 0x0000_0000, Lc.values()),
    LC1(0x010, 0x0000_0000, Lc.values());

    /** Where those of channel 0 are. */
    public static final int BASE = 0x400;

    /** From one channel's registers to the next one's, in bytes. */
    public static final int STRIDE = 0x20;

    /** The checked map of one channel. */
    public static final RegisterMap<Pl330ChannelRegister> MAP =
            new RegisterMap<>("pl330 channel", STRIDE, values());

    private final Row row;

    Pl330ChannelRegister(int offset, int reset, Field[] fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** Tables 3-15 and 3-16: where the next load or store goes. */
    public enum Address implements Field {
        /** An address on the bus. */
        ADDR(31, 0, RO);

        private final Bits bits;

        Address(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Table 3-17: DMAMOV sets it, and nothing else does. */
    public enum Ccr implements Field {
        /** Binary logarithm of the bytes that are put the other way round; 4 at most. */
        ENDIAN_SWAP_SIZE(30, 28, RO),
        /** Cache attributes of writes; no bus here has any. */
        DST_CACHE_CTRL(27, 25, RO, Bits.NOT_MODELLED),
        /** Protection of writes: privileged, non-secure, instruction. */
        DST_PROT_CTRL(24, 22, RO),
        /** Beats of a write, less one. */
        DST_BURST_LEN(21, 18, RO),
        /** Binary logarithm of the bytes in a beat of a write. */
        DST_BURST_SIZE(17, 15, RO),
        /** The destination advances. */
        DST_INC(14, 14, RO),
        /** Cache attributes of reads; no bus here has any. */
        SRC_CACHE_CTRL(13, 11, RO, Bits.NOT_MODELLED),
        /** Protection of reads: privileged, non-secure, instruction. */
        SRC_PROT_CTRL(10, 8, RO),
        /** Beats of a read, less one. */
        SRC_BURST_LEN(7, 4, RO),
        /** Binary logarithm of the bytes in a beat of a read. */
        SRC_BURST_SIZE(3, 1, RO),
        /** The source advances. */
        SRC_INC(0, 0, RO);

        private final Bits bits;

        Ccr(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Ccr(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** Tables 3-18 and 3-19: the loops left. */
    public enum Lc implements Field {
        /** Rounds to go after this one. */
        LOOP_COUNTER_ITERATIONS(7, 0, RO);

        private final Bits bits;

        Lc(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
