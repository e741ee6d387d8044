package dmakit.kernel.dmaengine;

import dmakit.kernel.Linux;

/** What a provider can do. Ordinals are Linux's numbers. */
@Linux(file = "include/linux/dmaengine.h", symbol = "enum dma_transaction_type")
public enum TransactionType {
    /** Copies memory. */
    MEMCPY,
    /** Combines sources by exclusive or. */
    XOR,
    /** Computes RAID-6 syndromes. */
    PQ,
    /** Checks that sources cancel out. */
    XOR_VAL,
    /** Checks RAID-6 syndromes. */
    PQ_VAL,
    /** Fills memory with a byte. */
    MEMSET,
    /** Fills a scatterlist with a byte. */
    MEMSET_SG,
    /** Moves nothing and completes in order. */
    INTERRUPT,
    /** Channels are for exclusive use and never shared by the public. */
    PRIVATE,
    /** Serves every operation of async_tx. */
    ASYNC_TX,
    /** Moves data from or to a peripheral. */
    SLAVE,
    /** Goes around a ring of periods until terminated. */
    CYCLIC,
    /** Moves chunks with gaps. */
    INTERLEAVE,
    /** Cookies complete in any order. */
    COMPLETION_NO_ORDER,
    /** Interleaved transfers repeat. */
    REPEAT,
    /** A repeated transfer is replaced at its end. */
    LOAD_EOT;

    /** The name in C, for example {@code DMA_MEMCPY}. */
    public String symbol() {
        return "DMA_" + name();
    }

    int bit() {
        return 1 << ordinal();
    }
}
