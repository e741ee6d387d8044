package dmakit.datasheet.bcm2835;

import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/**
 * The words of a control block in memory, little-endian. BCM2835 ARM Peripherals, table 4-2, "DMA
 * Control Block Definition".
 */
public enum DmaControlBlock implements Register {
    //         offset  fields
    TI(0x00, DmaChannelRegister.Ti.values()),
    SOURCE_AD(0x04, DmaChannelRegister.SourceAd.values()),
    DEST_AD(0x08, DmaChannelRegister.DestAd.values()),
    TXFR_LEN(0x0c, DmaChannelRegister.TxfrLen.values()),
    STRIDE(0x10, DmaChannelRegister.Stride.values()),
    NEXTCONBK(0x14, DmaChannelRegister.Nextconbk.values()),
    RESERVED_6(0x18),
    RESERVED_7(0x1c);

    /** Bytes in a control block. */
    public static final int SIZE = 32;

    /** What its address is a multiple of, in bytes. */
    public static final int ALIGNMENT = 32;

    /** The checked layout. */
    public static final RegisterMap<DmaControlBlock> MAP =
            new RegisterMap<>("bcm2835 dma control block", SIZE, values());

    private final Row row;

    DmaControlBlock(int offset, Field... fields) {
        row = Row.inMemory(offset, fields);
    }

    @Override
    public Row row() {
        return row;
    }
}
