package dmakit.kernel.dma;

import dmakit.kernel.Linux;

/**
 * Mapping in two steps, for back ends that translate: first addresses, then memory behind them.
 *
 * <p>Sizes are positive. Nothing sleeps. Errors are negative numbers, and 0 is none.
 */
public interface IovaOps {
    /**
     * Reserves addresses.
     *
     * @param state empty; has addresses afterwards
     * @param phys of the first byte, whose place in a page of the IOMMU is kept
     * @return false when there are none
     */
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "dma_iova_try_alloc")
    boolean tryAlloc(DmaIova state, long phys, long size);

    /** Gives addresses back behind which nothing is linked; the state is empty then. */
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "dma_iova_free")
    void free(DmaIova state);

    /**
     * Puts memory behind a part of the addresses. The device may use it after {@link #sync}.
     *
     * @param offset from the first address
     * @return 0, or EIO for a piece that starts inside of a page of the IOMMU and is not the first,
     *     ENOMEM
     */
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "dma_iova_link")
    int link(DmaIova state, long phys, long offset, long size, DmaDirection direction, int attrs);

    /** Makes what was linked known to the IOMMU. */
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "dma_iova_sync")
    int sync(DmaIova state, long offset, long size);

    /** Takes memory away from a part of the addresses. */
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "dma_iova_unlink")
    void unlink(DmaIova state, long offset, long size, DmaDirection direction, int attrs);

    /**
     * Takes all memory away and gives the addresses back.
     *
     * @param mapped bytes from the first address on that are linked; may be 0
     */
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "dma_iova_destroy")
    default void destroy(DmaIova state, long mapped, DmaDirection direction, int attrs) {
        if (mapped != 0) {
            unlink(state, 0, mapped, direction, attrs);
        }
        free(state);
    }
}
