/**
 * The driver for Analog Devices' AXI-DMAC: a dmaengine provider whose one channel moves in one
 * direction, since what each side of a core leads to was chosen when it was generated.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.drivers.axidmac.AxiDmacDriver}, for the platform bus.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel.dmaengine}; {@code dmakit.datasheet.axidmac} for the
 * registers.
 *
 * <p><b>Never.</b> Reaches the core but through its registers, its interrupt, and descriptors in
 * coherent memory.
 *
 * <p><b>Always.</b> Transfers end in the order in which they were issued; one that repeats ends
 * when one with {@code DMA_PREP_LOAD_EOT} comes behind it.
 *
 * <p><b>In Linux.</b> {@code drivers/dma/dma-axi-dmac.c}.
 */
@NullMarked
package dmakit.kernel.drivers.axidmac;

import org.jspecify.annotations.NullMarked;
