/**
 * The driver for Intel VT-d: domains of second-level tables, queued invalidation, fault reports.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.drivers.vtd.VtdDriver}, for the platform bus, and {@link
 * dmakit.kernel.drivers.vtd.VtdOptions}, the words of {@code intel_iommu=}.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel.iommu}, whose drivers' side it implements; {@code
 * dmakit.datasheet.vtd} for registers, tables and descriptors; {@code dmakit.kernel.mm} for their
 * memory.
 *
 * <p><b>Never.</b> Reaches the unit but through its registers, its tables and its queue in memory,
 * and its interrupt.
 *
 * <p><b>Always.</b> An invalidation is through when the call that asks for it returns.
 *
 * <p><b>In Linux.</b> {@code drivers/iommu/intel/iommu.c}, {@code drivers/iommu/intel/dmar.c}.
 */
@NullMarked
package dmakit.kernel.drivers.vtd;

import org.jspecify.annotations.NullMarked;
