package dmakit.kernel.iommu;

import dmakit.kernel.cma.Cma;
import dmakit.kernel.mm.Mm;
import dmakit.kernel.swiotlb.Swiotlb;

/**
 * Where memory for devices behind an IOMMU comes from.
 *
 * @param mm pages
 * @param cma contiguous areas
 * @param swiotlb for buffers that must be copied
 * @param atomic coherent memory for who may not sleep
 */
public record IommuSources(Mm mm, Cma cma, Swiotlb swiotlb, AtomicMemory atomic) {}
