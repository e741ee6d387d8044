/**
 * The driver for Arm's system MMU, architecture version 2: streams, context banks, page tables and
 * their invalidation.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.drivers.smmu.ArmSmmuDriver}, for the platform bus.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel.iommu}, whose calls it serves; {@code
 * dmakit.datasheet.smmu} for registers and descriptors; {@code dmakit.kernel.mm} for the tables'
 * memory.
 *
 * <p><b>Never.</b> Reaches the chip but through its registers, tables in memory and interrupts.
 *
 * <p><b>Always.</b> A descriptor is in RAM before the call that wrote it returns, where walks do
 * not snoop.
 *
 * <p><b>In Linux.</b> {@code drivers/iommu/arm/arm-smmu/arm-smmu.c}, {@code
 * drivers/iommu/io-pgtable-arm.c}.
 */
@NullMarked
package dmakit.kernel.drivers.smmu;

import org.jspecify.annotations.NullMarked;
