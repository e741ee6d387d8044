/**
 * What a device's DMA reaches and who moves its data: windows, coherence, IOMMU, {@code dmas}.
 *
 * <p><b>Doors.</b> {@link dmakit.devicetree.dma.DmaReach} for the bus addresses of a device, {@link
 * dmakit.devicetree.dma.Coherence}, {@link dmakit.devicetree.dma.IommuBinding}, {@link
 * dmakit.devicetree.dma.DmaRequest} for clients of a controller and {@link
 * dmakit.devicetree.dma.DmaController} for the controllers.
 *
 * <p><b>Leans on.</b> {@code dmakit.devicetree} and its {@code address}.
 *
 * <p><b>Never.</b> Knows a chip: what request cells mean is the business of its driver.
 *
 * <p><b>Always.</b> The windows of a device come from the buses above it, never from its own {@code
 * dma-ranges}.
 *
 * <p><b>In Linux.</b> {@code of_dma_configure} in {@code drivers/of/device.c}, {@code
 * of_dma_get_range} in {@code drivers/of/address.c}, {@code drivers/dma/of-dma.c}, {@code
 * drivers/iommu/of_iommu.c}.
 */
@NullMarked
package dmakit.devicetree.dma;

import org.jspecify.annotations.NullMarked;
