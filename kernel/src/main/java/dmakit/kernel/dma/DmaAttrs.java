package dmakit.kernel.dma;

import dmakit.kernel.Linux;

/** Attributes of allocations and mappings: bits that are or'ed, with Linux's values. */
public final class DmaAttrs {
    /** No attribute. */
    public static final int NONE = 0;

    /** Of old kernels: a write here pushes out all that the device wrote before; ignored. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "DMA_ATTR_WRITE_BARRIER")
    public static final int WRITE_BARRIER = 1;

    /** Reads and writes may pass each other; ignored. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "DMA_ATTR_WEAK_ORDERING")
    public static final int WEAK_ORDERING = 1 << 1;

    /** Stores of the CPU may be gathered; on arm64 as without. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "DMA_ATTR_WRITE_COMBINE")
    public static final int WRITE_COMBINE = 1 << 2;

    /**
     * Of old kernels: an allocation may lie in the caches, and {@code dma_cache_sync} is called
     * where it must not.
     */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "DMA_ATTR_NON_CONSISTENT")
    public static final int NON_CONSISTENT = 1 << 3;

    /** The CPU will not touch an allocation: it gets no address, but a cookie to free it by. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "DMA_ATTR_NO_KERNEL_MAPPING")
    public static final int NO_KERNEL_MAPPING = 1 << 4;

    /** No cache maintenance: the driver does it, or did. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "DMA_ATTR_SKIP_CPU_SYNC")
    public static final int SKIP_CPU_SYNC = 1 << 5;

    /** An allocation is physically contiguous, also behind an IOMMU. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "DMA_ATTR_FORCE_CONTIGUOUS")
    public static final int FORCE_CONTIGUOUS = 1 << 6;

    /** An allocation need not be made of large pages. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "DMA_ATTR_ALLOC_SINGLE_PAGES")
    public static final int ALLOC_SINGLE_PAGES = 1 << 7;

    /** No line in the log when it fails. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "DMA_ATTR_NO_WARN")
    public static final int NO_WARN = 1 << 8;

    /** For privileged masters only. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "DMA_ATTR_PRIVILEGED")
    public static final int PRIVILEGED = 1 << 9;

    /** What {@code dma_map_phys} maps is no RAM: registers of another device. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "DMA_ATTR_MMIO")
    public static final int MMIO = 1 << 10;

    private DmaAttrs() {}
}
