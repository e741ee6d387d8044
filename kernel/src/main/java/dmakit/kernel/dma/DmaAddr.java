package dmakit.kernel.dma;

import dmakit.kernel.Linux;

/**
 * What a device puts on its bus. 0 is a valid one.
 *
 * @param value unsigned
 */
@Linux(file = "include/linux/types.h", symbol = "dma_addr_t")
public record DmaAddr(long value) {
    /** What functions with the form of C answer instead of an address: all ones. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "DMA_MAPPING_ERROR")
    public static final long MAPPING_ERROR = -1;

    /** For messages: {@code dma:0xc0001000}. */
    @Override
    public String toString() {
        return "dma:0x" + Long.toHexString(value);
    }
}
