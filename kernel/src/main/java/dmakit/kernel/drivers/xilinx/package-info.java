/**
 * The driver for Xilinx's AXI DMA and AXI CDMA: a dmaengine provider for streams and for copies.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.drivers.xilinx.XilinxDmaDriver}, for the platform bus.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel.dmaengine}; {@code dmakit.datasheet.xilinx} for the
 * register maps; {@code dmakit.kernel.mapping} for coherent descriptors.
 *
 * <p><b>Never.</b> Reaches the core but through its registers, its descriptors in memory and its
 * interrupts.
 *
 * <p><b>Always.</b> As in Linux a reset of one channel of an AXI DMA stops the other one too, and
 * {@code terminate} resets.
 *
 * <p><b>In Linux.</b> {@code drivers/dma/xilinx/xilinx_dma.c}.
 */
@NullMarked
package dmakit.kernel.drivers.xilinx;

import org.jspecify.annotations.NullMarked;
