package dmakit.kernel.iommu;

import dmakit.kernel.mm.Gfp;
import org.jspecify.annotations.Nullable;

/** Coherent memory for callers that may not sleep; direct mapping has the same. */
public interface AtomicMemory {
    /**
     * Takes whole pages, zeroed.
     *
     * @param size in bytes, whole pages
     * @param device its name, for the log
     * @return null when there are none
     */
    @Nullable IommuBlock take(long size, Gfp gfp, String device);

    /**
     * Gives pages back.
     *
     * @return false when they are none of these
     */
    boolean give(long va, long size);
}
