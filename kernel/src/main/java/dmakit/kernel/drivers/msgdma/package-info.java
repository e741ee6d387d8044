/**
 * The driver for Altera's mSGDMA: a dmaengine provider for copies and for peripherals that need no
 * requests.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.drivers.msgdma.MsgdmaDriver}, for the platform bus.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel.dmaengine}; {@code dmakit.datasheet.msgdma} for the
 * registers.
 *
 * <p><b>Never.</b> Reaches the core but through its registers and its interrupt.
 *
 * <p><b>Always.</b> Descriptors end in the order in which they were written into the core.
 *
 * <p><b>In Linux.</b> {@code drivers/dma/altera-msgdma.c}.
 */
@NullMarked
package dmakit.kernel.drivers.msgdma;

import org.jspecify.annotations.NullMarked;
