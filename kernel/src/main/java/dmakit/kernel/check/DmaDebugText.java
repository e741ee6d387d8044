package dmakit.kernel.check;

import dmakit.kernel.Linux;

/**
 * What a kernel with {@code CONFIG_DMA_API_DEBUG} says, word for word, without the numbers that
 * follow in brackets. The catalogue of findings and the debugging of the mapping API quote it.
 */
@Linux(file = "kernel/dma/debug.c", symbol = "err_printk")
public final class DmaDebugText {
    public static final String INVALID_ADDRESS =
            "device driver tries to free an invalid DMA memory address";
    public static final String NOT_ALLOCATED =
            "device driver tries to free DMA memory it has not allocated";
    public static final String OTHER_SIZE = "device driver frees DMA memory with different size";
    public static final String OTHER_FUNCTION =
            "device driver frees DMA memory with wrong function";
    public static final String OTHER_CPU_ADDRESS =
            "device driver frees DMA memory with different CPU address";
    public static final String OTHER_ENTRY_COUNT =
            "device driver frees DMA sg list with different entry count";
    public static final String OTHER_DIRECTION =
            "device driver frees DMA memory with different direction";
    public static final String ERROR_UNCHECKED = "device driver failed to check map error";
    public static final String INVALID_AREA = "device driver maps memory from invalid area";
    public static final String SYNC_NOT_ALLOCATED =
            "device driver tries to sync DMA memory it has not allocated";
    public static final String SYNC_OTHER_DIRECTION =
            "device driver syncs DMA memory with different direction";
    public static final String SYNC_READ_ONLY =
            "device driver syncs device read-only DMA memory for cpu";
    public static final String SYNC_WRITE_ONLY =
            "device driver syncs device write-only DMA memory to device";
    public static final String SYNC_OTHER_ENTRY_COUNT =
            "device driver syncs DMA sg list with different entry count";
    public static final String SEGMENT_TOO_LONG =
            "mapping sg segment longer than device claims to support";
    public static final String SEGMENT_ACROSS = "mapping sg segment across boundary";
    public static final String OVERLAPPING =
            "cacheline tracking EEXIST, overlapping mappings aren't supported";
    public static final String PENDING =
            "device driver has pending DMA allocations while released from device";

    private DmaDebugText() {}
}
