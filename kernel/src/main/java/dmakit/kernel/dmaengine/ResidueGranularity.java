package dmakit.kernel.dmaengine;

import dmakit.kernel.Linux;

/** In which steps a provider counts the residue. Ordinals are Linux's numbers. */
@Linux(file = "include/linux/dmaengine.h", symbol = "enum dma_residue_granularity")
public enum ResidueGranularity {
    /** All or nothing. */
    DESCRIPTOR,
    /** By scatterlist entry or period. */
    SEGMENT,
    /** By burst. */
    BURST;

    /** The name in C, for example {@code DMA_RESIDUE_GRANULARITY_BURST}. */
    public String symbol() {
        return "DMA_RESIDUE_GRANULARITY_" + name();
    }
}
