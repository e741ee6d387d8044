/**
 * IOMMUs: domains, groups, and how a device behind one does DMA.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.iommu.Iommus}, who is behind what; {@link
 * dmakit.kernel.iommu.IommuDomain}, what drivers map themselves; {@link
 * dmakit.kernel.iommu.IommuDriver}, which the driver of an IOMMU implements, and {@link
 * dmakit.kernel.iommu.PagingDomain}, its page tables.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel.mm} and {@code dmakit.kernel.cma} for memory, {@code
 * dmakit.kernel.dma} for what a back end of the mapping API is, {@code dmakit.kernel.swiotlb} for
 * buffers that must be bounced.
 *
 * <p><b>Never.</b> Touches a register: each IOMMU has its driver.
 *
 * <p><b>Always.</b> An address has one mapping; it is given away again only after the IOMMU has
 * forgotten it.
 *
 * <p><b>In Linux.</b> {@code drivers/iommu/iommu.c}, {@code drivers/iommu/dma-iommu.c}, {@code
 * drivers/iommu/iova.c}.
 */
@NullMarked
package dmakit.kernel.iommu;

import org.jspecify.annotations.NullMarked;
