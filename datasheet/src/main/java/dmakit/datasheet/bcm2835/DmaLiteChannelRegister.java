package dmakit.datasheet.bcm2835;

import static dmakit.datasheet.Access.RW;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/**
 * Registers of one lite channel, 7 to 14: no 2D mode and so no {@code STRIDE}, no ignored reads or
 * writes, a length of 16 bits. BCM2835 ARM Peripherals, sections 4.2.1.2 and 4.5, "DMA LITE
 * Engines".
 *
 * <p>Section 4.5 lets a transfer be "65536 bytes", which 16 bits cannot hold; the register table
 * wins, as it does in drivers.
 */
public enum DmaLiteChannelRegister implements Register {
    //         offset  reset        fields
    CS(0x00, 0x0000_0000, DmaChannelRegister.Cs.values()),
    CONBLK_AD(0x04, 0x0000_0000, DmaChannelRegister.ConblkAd.values()),
    TI(0x08, 0x0000_0000, Ti.values()),
    SOURCE_AD(0x0c, 0x0000_0000, DmaChannelRegister.SourceAd.values()),
    DEST_AD(0x10, 0x0000_0000, DmaChannelRegister.DestAd.values()),
    TXFR_LEN(0x14, 0x0000_0000, TxfrLen.values()),
    NEXTCONBK(0x1c, 0x0000_0000, DmaChannelRegister.Nextconbk.values()),
    DEBUG(0x20, 0x1400_0000, DmaChannelRegister.Debug.values());

    /** The checked map of one lite channel. */
    public static final RegisterMap<DmaLiteChannelRegister> MAP =
            new RegisterMap<>(
                    "bcm2835 dma lite channel", DmaChannelRegister.CHANNEL_STRIDE, values());

    private final Row row;

    DmaLiteChannelRegister(int offset, int reset, Field[] fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** "7_TI" ... "14_TI": transfer information. */
    public enum Ti implements Field {
        /** Cycles burnt after each read and each write. */
        WAITS(25, 21, RW),
        /** Number of the request line; 0 is always asserted. */
        PERMAP(20, 16, RW),
        /** Beats of a burst, less one. */
        BURST_LENGTH(15, 12, RW),
        /** The request line gates reads. */
        SRC_DREQ(10, 10, RW),
        /** Reads 128 bits at a time instead of 32. */
        SRC_WIDTH(9, 9, RW),
        /** The source address advances. */
        SRC_INC(8, 8, RW),
        /** The request line gates writes. */
        DEST_DREQ(6, 6, RW),
        /** Writes 128 bits at a time instead of 32. */
        DEST_WIDTH(5, 5, RW),
        /** The destination address advances. */
        DEST_INC(4, 4, RW),
        /** Each write waits for its response. */
        WAIT_RESP(3, 3, RW),
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

    /** "7_TXFR_LEN" ... "14_TXFR_LEN": transfer length in bytes; counts down. */
    public enum TxfrLen implements Field {
        /** Bytes. */
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
}
