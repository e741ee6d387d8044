/**
 * The DMA mapping API: lends memory to a device and takes it back.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.mapping.DmaMapping}, the functions drivers call; {@link
 * dmakit.kernel.mapping.StreamingMapping}, the same as a scope; {@link
 * dmakit.kernel.mapping.DmaPool}, small blocks of coherent memory; {@link
 * dmakit.kernel.mapping.DmaConfigurator}, which sets a device up from the device tree.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel.direct}, the way to memory of devices without an IOMMU;
 * {@code dmakit.kernel.dma}, the door every such way stands behind.
 *
 * <p><b>Never.</b> Looks at a controller's registers, or asks which chip it serves.
 *
 * <p><b>Always.</b> What was mapped is known until it is unmapped with the same values; a device
 * whose driver leaves gives everything back or is named.
 *
 * <p><b>In Linux.</b> {@code kernel/dma/mapping.c}, {@code Documentation/core-api/dma-api.rst}.
 */
@NullMarked
package dmakit.kernel.mapping;

import org.jspecify.annotations.NullMarked;
