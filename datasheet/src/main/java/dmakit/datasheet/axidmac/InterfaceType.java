package dmakit.datasheet.axidmac;

/** What a side of the core leads to. AXI DMAC, "DMA_TYPE_SRC"; ordinals are its numbers. */
public enum InterfaceType {
    /** Memory: the side has addresses. */
    AXI_MM,
    /** An AXI4-Stream, cut into packets by TLAST. */
    AXI_STREAM,
    /** ADI's FIFO interface: a stream without packets. */
    FIFO;

    /** Whether the side has addresses. */
    public boolean isMemory() {
        return this == AXI_MM;
    }
}
