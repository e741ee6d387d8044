package dmakit.datasheet.bcm2835;

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
 * Registers of one full channel, 0 to 6. BCM2835 ARM Peripherals, section 4.2.1, "DMA Channel
 * Register Address Map".
 *
 * <p>{@code TI} to {@code NEXTCONBK} are loaded from the control block, so the manual calls them
 * read-only registers although their fields are marked RW: that is what software may put into
 * memory. {@code NEXTCONBK} alone takes stores.
 */
public enum DmaChannelRegister implements Register {
    //         offset  reset        fields
    CS(0x00, 0x0000_0000, Cs.values()),
    CONBLK_AD(0x04, 0x0000_0000, ConblkAd.values()),
    TI(0x08, 0x0000_0000, Ti.values()),
    SOURCE_AD(0x0c, 0x0000_0000, SourceAd.values()),
    DEST_AD(0x10, 0x0000_0000, DestAd.values()),
    TXFR_LEN(0x14, 0x0000_0000, TxfrLen.values()),
    STRIDE(0x18, 0x0000_0000, Stride.values()),
    NEXTCONBK(0x1c, 0x0000_0000, Nextconbk.values()),
    DEBUG(0x20, 0x0400_0000, Debug.values());

    /** From one channel's registers to the next one's, in bytes. */
    public static final int CHANNEL_STRIDE = 0x100;

    /** The checked map of one channel. */
    public static final RegisterMap<DmaChannelRegister> MAP =
            new RegisterMap<>("bcm2835 dma channel", CHANNEL_STRIDE, values());

    private final Row row;

    DmaChannelRegister(int offset, int reset, Field[] fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** "0_CS" ... "14_CS": DMA control and status. */
    public enum Cs implements Field {
        /** Resets the channel. */
        RESET(31, 31, W1SC),
        /** Ends the current control block and loads the next. */
        ABORT(30, 30, W1SC),
        /** Runs on while the debugger's pause signal is asserted. */
        DISDEBUG(29, 29, RW),
        /** A block is complete only when its last write has been answered. */
        WAIT_FOR_OUTSTANDING_WRITES(28, 28, RW),
        /** AXI priority while the peripheral panics; 0 is the lowest. */
        PANIC_PRIORITY(23, 20, RW),
        /** AXI priority otherwise; 0 is the lowest. */
        PRIORITY(19, 16, RW),
        /** One of the error flags of {@code DEBUG} is set. */
        ERROR(8, 8, RO),
        /** The last write has not been answered yet. */
        WAITING_FOR_OUTSTANDING_WRITES(6, 6, RO),
        /** The channel waits for its request line. */
        DREQ_STOPS_DMA(5, 5, RO),
        /** The channel does not transfer: not active, or burning wait cycles. */
        PAUSED(4, 4, RO),
        /** Level of the request line that {@code PERMAP} selects. */
        DREQ(3, 3, RO),
        /** A control block with {@code INTEN} has ended. */
        INT(2, 2, W1C),
        /** A control block has ended. */
        END(1, 1, W1C),
        /** Runs the channel; cleared by hardware at the end of the chain. */
        ACTIVE(0, 0, RW);

        private final Bits bits;

        Cs(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** "0_CONBLK_AD": address of the current control block. */
    public enum ConblkAd implements Field {
        /** A bus address; the low 5 bits must be zero. */
        SCB_ADDR(31, 0, RW);

        private final Bits bits;

        ConblkAd(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** "0_TI" ... "6_TI": transfer information. */
    public enum Ti implements Field {
        /** Wide writes go out one beat at a time. */
        NO_WIDE_BURSTS(26, 26, RW),
        /** Cycles burnt after each read and each write. */
        WAITS(25, 21, RW),
        /** Number of the request line; 0 is always asserted. */
        PERMAP(20, 16, RW),
        /** Beats of a burst, less one. */
        BURST_LENGTH(15, 12, RW),
        /** Reads nothing, and writes with all strobes zero. */
        SRC_IGNORE(11, 11, RW),
        /** The request line gates reads. */
        SRC_DREQ(10, 10, RW),
        /** Reads 128 bits at a time instead of 32. */
        SRC_WIDTH(9, 9, RW),
        /** The source address advances. */
        SRC_INC(8, 8, RW),
        /** Writes nothing. */
        DEST_IGNORE(7, 7, RW),
        /** The request line gates writes. */
        DEST_DREQ(6, 6, RW),
        /** Writes 128 bits at a time instead of 32. */
        DEST_WIDTH(5, 5, RW),
        /** The destination address advances. */
        DEST_INC(4, 4, RW),
        /** Each write waits for its response. */
        WAIT_RESP(3, 3, RW),
        /** {@code TXFR_LEN} is rows of bytes, with {@code STRIDE} between them. */
        TDMODE(1, 1, RW),
        /** The end of the block interrupts. */
        INTEN(0, 0, RW);

        private final Bits bits;

        Ti(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** "0_SOURCE_AD": source address. */
    public enum SourceAd implements Field {
        /** A bus address; advances with the transfer. */
        S_ADDR(31, 0, RW);

        private final Bits bits;

        SourceAd(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** "0_DEST_AD": destination address. */
    public enum DestAd implements Field {
        /** A bus address; advances with the transfer. */
        D_ADDR(31, 0, RW);

        private final Bits bits;

        DestAd(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** "0_TXFR_LEN" ... "6_TXFR_LEN": transfer length; counts down. */
    public enum TxfrLen implements Field {
        /**
         * With {@code TDMODE} the rows, less one: the manual says "how many xlength transfers are
         * performed", but the chip performs one more. Otherwise the high bits of the length.
         */
        YLENGTH(29, 16, RW),
        /** Bytes, of a row or in all. */
        XLENGTH(15, 0, RW);

        private final Bits bits;

        TxfrLen(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** "0_STRIDE" ... "6_STRIDE": what is added to the addresses after a row; signed bytes. */
    public enum Stride implements Field {
        /** Added to the destination address. */
        D_STRIDE(31, 16, RW),
        /** Added to the source address. */
        S_STRIDE(15, 0, RW);

        private final Bits bits;

        Stride(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** "0_NEXTCONBK": address of the next control block. */
    public enum Nextconbk implements Field {
        /** A bus address, or 0 at the end of the chain; the low 5 bits must be zero. */
        ADDR(31, 0, RW);

        private final Bits bits;

        Nextconbk(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** "0_DEBUG" ... "14_DEBUG". */
    public enum Debug implements Field {
        /** The channel is a lite one. */
        LITE(28, 28, RO),
        /** Version of the register layout: 2. */
        VERSION(27, 25, RO),
        /** State of the channel's state machine; the manual does not list its values. */
        DMA_STATE(24, 16, RO),
        /** AXI identifier of the channel; its values are not public. */
        DMA_ID(15, 8, RO, Bits.NOT_MODELLED),
        /** Writes not answered yet. */
        OUTSTANDING_WRITES(7, 4, RO),
        /** A read was answered with an error. */
        READ_ERROR(2, 2, W1C),
        /** The read FIFO of channel 0 failed. */
        FIFO_ERROR(1, 1, W1C),
        /** A read burst lacked its end mark. */
        READ_LAST_NOT_SET_ERROR(0, 0, W1C);

        private final Bits bits;

        Debug(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        Debug(int msb, int lsb, Access access, boolean modelled) {
            bits = new Bits(msb, lsb, access, modelled);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
