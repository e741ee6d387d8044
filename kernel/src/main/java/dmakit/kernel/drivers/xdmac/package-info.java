/**
 * The driver for the XDMAC: a dmaengine provider for copies, fills, chunks with gaps, peripherals
 * and rings.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.drivers.xdmac.AtXdmacDriver}, for the platform bus.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel.dmaengine}; {@code dmakit.datasheet.xdmac} for the
 * register map; {@code dmakit.kernel.mapping} for a pool of descriptors.
 *
 * <p><b>Never.</b> Reaches the chip but through its registers, its descriptors in memory and its
 * interrupt.
 *
 * <p><b>Always.</b> A channel runs one transfer's list at a time; the next one starts in its
 * tasklet.
 *
 * <p><b>In Linux.</b> {@code drivers/dma/at_xdmac.c}.
 */
@NullMarked
package dmakit.kernel.drivers.xdmac;

import org.jspecify.annotations.NullMarked;
