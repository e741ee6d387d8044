package dmakit.kernel.dmaengine;

import dmakit.kernel.Linux;

/** What became of a cookie. Ordinals are Linux's numbers. */
@Linux(file = "include/linux/dmaengine.h", symbol = "enum dma_status")
public enum DmaStatus {
    /** It is over, or was never given out; says nothing about correctness. */
    COMPLETE,
    /** It is queued or moving. */
    IN_PROGRESS,
    /** Its channel stands still. */
    PAUSED,
    /** The provider recorded a failure. */
    ERROR,
    /** The provider completes in any order, so a cookie tells nothing. */
    OUT_OF_ORDER;

    /** The name in C, for example {@code DMA_COMPLETE}. */
    public String symbol() {
        return "DMA_" + name();
    }
}
