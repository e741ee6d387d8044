package dmakit.kernel.dmaengine;

import dmakit.kernel.Linux;

/** Which way a transfer goes. Ordinals are Linux's numbers, not those of the DMA mapping API. */
@Linux(file = "include/linux/dmaengine.h", symbol = "enum dma_transfer_direction")
public enum TransferDirection {
    /** Memory to memory. */
    MEM_TO_MEM("DMA_MEM_TO_MEM"),
    /** Memory to a peripheral's FIFO. */
    MEM_TO_DEV("DMA_MEM_TO_DEV"),
    /** A peripheral's FIFO to memory. */
    DEV_TO_MEM("DMA_DEV_TO_MEM"),
    /** FIFO to FIFO. */
    DEV_TO_DEV("DMA_DEV_TO_DEV"),
    /** None. */
    NONE("DMA_TRANS_NONE");

    private final String symbol;

    TransferDirection(String symbol) {
        this.symbol = symbol;
    }

    /** The name in C, for example {@code DMA_MEM_TO_DEV}. */
    public String symbol() {
        return symbol;
    }

    /** Whether one end is a peripheral that paces the transfer. */
    public boolean isSlave() {
        return this == MEM_TO_DEV || this == DEV_TO_MEM || this == DEV_TO_DEV;
    }
}
