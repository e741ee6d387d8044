/**
 * The words of the DMA layer, and the door every way of reaching memory stands behind.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.dma.DmaOps}, what a back end does for one device, and
 * {@link dmakit.kernel.dma.IovaOps} where it translates; {@link dmakit.kernel.dma.DmaDirection},
 * {@link dmakit.kernel.dma.DmaAttrs}, {@link dmakit.kernel.dma.CoherentBuffer}, {@link
 * dmakit.kernel.dma.DmaAddr} and {@link dmakit.kernel.dma.PhysAddr}.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel.mm} and {@code dmakit.kernel.scatterlist}.
 *
 * <p><b>Never.</b> Knows a back end, a device or a chip.
 *
 * <p><b>In Linux.</b> {@code include/linux/dma-direction.h}, {@code include/linux/dma-map-ops.h}.
 */
@NullMarked
package dmakit.kernel.dma;

import org.jspecify.annotations.NullMarked;
