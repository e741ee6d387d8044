package dmakit.kernel.dmaengine;

import dmakit.kernel.Linux;

/** How a transfer ended. Ordinals are Linux's numbers. */
@Linux(file = "include/linux/dmaengine.h", symbol = "enum dmaengine_tx_result")
public enum TransferResult {
    /** All bytes were moved. */
    NOERROR,
    /** The source could not be read. */
    READ_FAILED,
    /** The destination could not be written. */
    WRITE_FAILED,
    /** Somebody stopped it. */
    ABORTED;

    /** The name in C, for example {@code DMA_TRANS_NOERROR}. */
    public String symbol() {
        return "DMA_TRANS_" + name();
    }
}
