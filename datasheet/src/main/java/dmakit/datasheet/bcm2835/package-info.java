/**
 * The BCM2835's register tables. They hold for the BCM2836 and BCM2837 as well.
 *
 * <p><b>Doors.</b> {@link dmakit.datasheet.bcm2835.DmaChannelRegister} and {@link
 * dmakit.datasheet.bcm2835.DmaLiteChannelRegister}, one channel of the DMA controller; {@link
 * dmakit.datasheet.bcm2835.DmaControllerRegister}, what its channels share; {@link
 * dmakit.datasheet.bcm2835.DmaControlBlock}, the descriptor in memory; {@link
 * dmakit.datasheet.bcm2835.Dreq}, the request lines.
 *
 * <p><b>Leans on.</b> {@code dmakit.datasheet}.
 *
 * <p><b>Never.</b> Knows what a register does.
 *
 * <p><b>Always.</b> Names and bit numbers are those of "BCM2835 ARM Peripherals", 6 February 2012,
 * chapter 4; {@code spec/bcm2835-dma.txt} is the same table transcribed a second time.
 */
@NullMarked
package dmakit.datasheet.bcm2835;

import org.jspecify.annotations.NullMarked;
