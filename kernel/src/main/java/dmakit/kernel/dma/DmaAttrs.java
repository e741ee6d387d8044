package dmakit.kernel.dma;

import dmakit.kernel.Linux;

/** Attributes of allocations and mappings: bits that are or'ed, with Linux's values. */
@Linux(file = "include/linux/dma-mapping.h", symbol = "DMA_ATTR_SKIP_CPU_SYNC")
public final class DmaAttrs {
    /** No attribute. */
    public static final int NONE = 0;

    /** Of old kernels: a write here pushes out all that the device wrote before; ignored. */
    public static final int WRITE_BARRIER = 1;

    /** Reads and writes may pass each other; ignored. */
    public static final int WEAK_ORDERING = 1 << 1;

    /** Stores of the CPU may be gathered; on arm64 as without. */
    public static final int WRITE_COMBINE = 1 << 2;

    /**
     * Of old kernels: an allocation may lie in the caches, and {@code dma_cache_sync} is called
     * where it must not.
     */
    public static final int NON_CONSISTENT = 1 << 3;

    /** The CPU will not touch an allocation: it gets no address, but a cookie to free it by. */
    public static final int NO_KERNEL_MAPPING = 1 << 4;

    /** No cache maintenance: the driver does it, or did. */
    public static final int SKIP_CPU_SYNC = 1 << 5;

    /** An allocation is physically contiguous, also behind an IOMMU. */
    public static final int FORCE_CONTIGUOUS = 1 << 6;

    /** An allocation need not be made of large pages. */
    public static final int ALLOC_SINGLE_PAGES = 1 << 7;

    /** No line in the log when it fails. */
    public static final int NO_WARN = 1 << 8;

    /** For privileged masters only. */
    public static final int PRIVILEGED = 1 << 9;

    /** What {@code dma_map_phys} maps is no RAM: registers of another device. */
    public static final int MMIO = 1 << 10;

    private DmaAttrs() {}
}
