package dmakit.kernel.dma;

import dmakit.kernel.Linux;
import dmakit.kernel.mm.Vma;
import org.jspecify.annotations.Nullable;

/**
 * Coherent memory that one device has for itself. It is asked before every other source, behind
 * whichever back end the device is; what it gives is never mapped by an IOMMU.
 */
@Linux(file = "include/linux/dma-map-ops.h", symbol = "dma_alloc_from_dev_coherent")
public interface DevicePool {
    /**
     * Takes memory, the bytes asked for zeroed.
     *
     * @param size in bytes, at least 1
     * @return null when no run of pages is free
     */
    @Nullable CoherentBuffer alloc(long size);

    /** Whether a refusal is final; else the other sources are asked. */
    boolean isExclusive();

    /** Whether an address of the CPU lies in the pool. */
    boolean holds(long va);

    /**
     * Gives memory back that {@link #holds} said yes to. The size is believed: a wrong one frees
     * what others have.
     */
    void free(long va, long size);

    /** The physical address of what was allocated. */
    long toPhys(long dma);

    /**
     * Maps memory of the pool into a process.
     *
     * @param size of the allocation in bytes
     * @throws dmakit.kernel.DmaException ENXIO when the area leaves the allocation
     */
    void mmap(Vma vma, long va, long size);
}
