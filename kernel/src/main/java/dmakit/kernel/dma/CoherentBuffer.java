package dmakit.kernel.dma;

/**
 * Memory that CPU and device see alike.
 *
 * @param va where the CPU finds it; with {@link DmaAttrs#NO_KERNEL_MAPPING} no address, only a
 *     cookie for freeing
 * @param dma where the device finds it
 * @param size in bytes, as asked for
 */
public record CoherentBuffer(long va, long dma, long size) {
    /** Where the device finds it. */
    public DmaAddr dmaAddr() {
        return new DmaAddr(dma);
    }
}
