package dmakit.datasheet.ioat;

import static dmakit.datasheet.Access.RO;
import static dmakit.datasheet.Access.RW;
import static dmakit.datasheet.Access.W1C;
import static dmakit.datasheet.Access.W1SC;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/**
 * Registers of one channel. Intel Xeon Processor E5 v2 Product Families Datasheet, Volume Two,
 * "Intel QuickData Technology (CB_BAR)".
 */
public enum IoatChannelRegister implements Register {
    //         offset  reset        fields
    CHANCTRL(0x00, 0x0003_0000, Chanctrl.values()),
    CHANCMD(0x04, 0x0000_0000, Chancmd.values()),
    CHANSTS_LOW(0x08, 0x0000_0003, ChanstsLow.values()),
    CHANSTS_HIGH(0x0c, 0x0000_0000, Shown.values()),
    CHAINADDR_LOW(0x10, 0x0000_0000, Low.values()),
    CHAINADDR_HIGH(0x14, 0x0000_0000, High.values()),
    CHANCMP_LOW(0x18, 0x0000_0000, Low.values()),
    CHANCMP_HIGH(0x1c, 0x0000_0000, High.values()),
    CDAR_LOW(0x20, 0x0000_0000, Shown.values()),
    CDAR_HIGH(0x24, 0x0000_0000, Shown.values()),
    CHANERR(0x28, 0x0000_0000, Chanerr.values()),
    CHANERRMSK(0x2c, 0x0000_0000, Chanerrmsk.values()),
    DCACTRL(0x30, 0x0000_0000, Dcactrl.values());

    /** Where channel 0 starts, and how far it is to the next one, in bytes. */
    public static final int STRIDE = 0x80;

    /** Bytes of the block. */
    public static final int SIZE = 0x80;

    /** The checked map. */
    public static final RegisterMap<IoatChannelRegister> MAP =
            new RegisterMap<>("ioat channel", SIZE, values());

    private final Row row;

    IoatChannelRegister(int offset, int reset, Field[] fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** CHANCTRL and DMA_COMP. */
    public enum Chanctrl implements Field {
        /** Does what version 2 does. */
        COMP_V2(17, 17, RO),
        /** Does what version 1 does. */
        COMP_V1(16, 16, RO),
        /** Priority of the channel. */
        PRIORITY(15, 12, RW, Bits.NOT_MODELLED),
        /** Completions go to a cache. */
        COMPL_DCA_EN(9, 9, RW, Bits.NOT_MODELLED),
        /** Somebody uses the channel. */
        IN_USE(8, 8, RW, Bits.NOT_MODELLED),
        /** Descriptors are read without snooping. */
        SNOOP_CONTROL(5, 5, RW, Bits.NOT_MODELLED),
        /** Errors interrupt. */
        ERR_INT_EN(4, 4, RW),
        /** Every error halts the channel. */
        ANY_ERR_ABORT_EN(3, 3, RW, Bits.NOT_MODELLED),
        /** Errors write the completion. */
        ERR_COMPLETION_EN(2, 2, RW),
        /** Lets the channel interrupt again after it did. */
        INT_REARM(0, 0, W1SC);

        private final Bits bits;

        Chanctrl(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Chanctrl(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** CHANCMD and DMACOUNT. */
    public enum Chancmd implements Field {
        /** Descriptors announced since CHAINADDR was stored; wraps. */
        DMACOUNT(31, 16, RW),
        /** Resets the channel. */
        RESET(5, 5, W1SC),
        /** Goes on after a suspension. */
        RESUME(4, 4, W1SC),
        /** Halts the channel. */
        ABORT(3, 3, W1SC),
        /** Suspends the channel. */
        SUSPEND(2, 2, W1SC),
        /** Of version 1. */
        APPEND(1, 1, W1SC, Bits.NOT_MODELLED),
        /** Of version 1. */
        START(0, 0, W1SC, Bits.NOT_MODELLED);

        private final Bits bits;

        Chancmd(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Chancmd(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** CHANSTS, low half. */
    public enum ChanstsLow implements Field {
        /** The last completed descriptor. */
        ADDRESS(31, 6, RO),
        /** An error that is not fatal. */
        SOFT_ERR(4, 4, RO, Bits.NOT_MODELLED),
        /** An error of no channel. */
        UNAFFILIATED_ERR(3, 3, RO, Bits.NOT_MODELLED),
        /** A number of {@link Status}. */
        STATUS(2, 0, RO);

        private final Bits bits;

        ChanstsLow(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        ChanstsLow(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** A high half. */
    public enum High implements Field {
        /** Bits 63 to 32. */
        ADDRESS(31, 0, RW);

        private final Bits bits;

        High(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** A low half. */
    public enum Low implements Field {
        /** Bits 31 to 0. */
        ADDRESS(31, 0, RW);

        private final Bits bits;

        Low(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** A half of an address that is shown. */
    public enum Shown implements Field {
        /** Bits of an address. */
        ADDRESS(31, 0, RO);

        private final Bits bits;

        Shown(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** CHANERR: why the channel halted. */
    public enum Chanerr implements Field {
        /** A descriptor more than were announced. */
        DESCRIPTOR_COUNT(18, 18, W1C, Bits.NOT_MODELLED),
        /** Q does not fit. */
        XOR_Q(17, 17, W1C),
        /** P, or the exclusive or, does not fit. */
        XOR_P_OR_CRC(16, 16, W1C),
        /** An error of no channel. */
        UNAFFILIATED(15, 15, W1C, Bits.NOT_MODELLED),
        /** A super-extended descriptor cannot be read. */
        SED_ADDRESS(14, 14, W1C),
        /** The interrupt is set up wrong. */
        INT_CONFIGURATION(13, 13, W1C, Bits.NOT_MODELLED),
        /** The completion cannot be written. */
        COMPLETION_ADDRESS(12, 12, W1C),
        /** A descriptor of no, or too many, bytes. */
        LENGTH(11, 11, W1C),
        /** A descriptor of an unknown kind. */
        CONTROL(10, 10, W1C),
        /** A write was refused. */
        WRITE_DATA(9, 9, W1C),
        /** A read was refused. */
        READ_DATA(8, 8, W1C),
        /** Data decayed in the function. */
        DMA_DATA_INTEGRITY(7, 7, W1C, Bits.NOT_MODELLED),
        /** Data decayed in the chipset. */
        CHIPSET_DATA_INTEGRITY(6, 6, W1C, Bits.NOT_MODELLED),
        /** A command that contradicts itself. */
        CHANCMD(5, 5, W1C),
        /** CHAINADDR is not a multiple of 64. */
        CHAIN_ADDRESS_VALUE(4, 4, W1C),
        /** The next descriptor is not at a multiple of 64. */
        NEXT_DESC_ALIGN(3, 3, W1C),
        /** A descriptor cannot be read. */
        NEXT_ADDRESS(2, 2, W1C),
        /** The destination's address is wrong. */
        DEST_ADDRESS(1, 1, W1C, Bits.NOT_MODELLED),
        /** The source's address is wrong. */
        SRC_ADDRESS(0, 0, W1C, Bits.NOT_MODELLED);

        private final Bits bits;

        Chanerr(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Chanerr(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** CHANERRMSK: what does not halt the channel, bits as in CHANERR. */
    public enum Chanerrmsk implements Field {
        /** Ones for what is passed over. */
        ERRORS(18, 0, RW);

        private final Bits bits;

        Chanerrmsk(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** DCACTRL: direct cache access. */
    public enum Dcactrl implements Field {
        /** Completions go to a cache. */
        CMPL_WRITE_ENABLE(16, 16, RW, Bits.NOT_MODELLED),
        /** Whose. */
        TARGET_CPU(15, 0, RW, Bits.NOT_MODELLED);

        private final Bits bits;

        Dcactrl(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** What a channel does: the numbers of {@code CHANSTS.STATUS}. */
    public enum Status {
        /** Works on descriptors. */
        ACTIVE,
        /** Has done all that were announced. */
        DONE,
        /** Stands still until it is resumed or gets another chain. */
        SUSPENDED,
        /** Has met an error, or has just been reset. */
        HALTED
    }
}
