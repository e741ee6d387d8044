/**
 * IOMMUs: domains, groups, and how a device behind one does DMA.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.iommu.IommuDriver}, which the driver of an IOMMU
 * implements, and {@link dmakit.kernel.iommu.PagingDomain}, its page tables.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel.mm} for memory, {@code dmakit.kernel.dma} for what a back
 * end of the mapping API is, {@code dmakit.kernel.swiotlb} for buffers that must be bounced.
 *
 * <p><b>Never.</b> Touches a register: each IOMMU has its driver.
 *
 * <p><b>In Linux.</b> {@code drivers/iommu/iommu.c}, {@code drivers/iommu/dma-iommu.c}, {@code
 * drivers/iommu/iova.c}.
 */
@NullMarked
package dmakit.kernel.iommu;

import org.jspecify.annotations.NullMarked;
