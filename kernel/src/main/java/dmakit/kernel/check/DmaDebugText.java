package dmakit.kernel.check;

import dmakit.kernel.Linux;

/**
 * What a kernel with {@code CONFIG_DMA_API_DEBUG} says, word for word, without the numbers that
 * follow in brackets. The catalogue of findings and the debugging of the mapping API quote it.
 */
@Linux(file = "kernel/dma/debug.c", symbol = "err_printk")
public enum DmaDebugText {
    INVALID_ADDRESS("device driver tries to free an invalid DMA memory address"),
    NOT_ALLOCATED("device driver tries to free DMA memory it has not allocated"),
    OTHER_SIZE("device driver frees DMA memory with different size"),
    OTHER_FUNCTION("device driver frees DMA memory with wrong function"),
    OTHER_CPU_ADDRESS("device driver frees DMA memory with different CPU address"),
    OTHER_ENTRY_COUNT("device driver frees DMA sg list with different entry count"),
    OTHER_DIRECTION("device driver frees DMA memory with different direction"),
    ERROR_UNCHECKED("device driver failed to check map error"),
    INVALID_AREA("device driver maps memory from invalid area"),
    SYNC_NOT_ALLOCATED("device driver tries to sync DMA memory it has not allocated"),
    SYNC_OTHER_DIRECTION("device driver syncs DMA memory with different direction"),
    SYNC_READ_ONLY("device driver syncs device read-only DMA memory for cpu"),
    SYNC_WRITE_ONLY("device driver syncs device write-only DMA memory to device"),
    SYNC_OTHER_ENTRY_COUNT("device driver syncs DMA sg list with different entry count"),
    SEGMENT_TOO_LONG("mapping sg segment longer than device claims to support"),
    SEGMENT_ACROSS("mapping sg segment across boundary"),
    OVERLAPPING("cacheline tracking EEXIST, overlapping mappings aren't supported"),
    PENDING("device driver has pending DMA allocations while released from device");

    private final String text;

    DmaDebugText(String text) {
        this.text = text;
    }

    /** The words. */
    public String text() {
        return text;
    }
}
