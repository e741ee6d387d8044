/**
 * The driver for the BCM2835's DMA controller: a dmaengine provider for copies, peripherals and
 * rings.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.drivers.bcm2835.Bcm2835DmaDriver}, for the platform bus.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel.dmaengine}; {@code dmakit.datasheet.bcm2835} for the
 * register map; {@code dmakit.kernel.mapping} for coherent control blocks.
 *
 * <p><b>Never.</b> Reaches the chip but through its registers, its control blocks in memory and its
 * interrupts.
 *
 * <p><b>Always.</b> The controller runs one descriptor's chain at a time; its addresses are those
 * of the bus, never the CPU's.
 *
 * <p><b>In Linux.</b> {@code drivers/dma/bcm2835-dma.c}.
 */
@NullMarked
package dmakit.kernel.drivers.bcm2835;

import org.jspecify.annotations.NullMarked;
