/**
 * Register tables of the XDMAC, the DMA controller of Atmel's and Microchip's Arm chips.
 *
 * <p><b>Doors.</b> {@link dmakit.datasheet.xdmac.XdmacLayout}, where a chip has its registers;
 * {@link dmakit.datasheet.xdmac.XdmacRegister}, what channels share; {@link
 * dmakit.datasheet.xdmac.XdmacChannelRegister}, one channel; {@link
 * dmakit.datasheet.xdmac.XdmacDescriptor}, the descriptor in memory.
 *
 * <p><b>Leans on.</b> {@code dmakit.datasheet}.
 *
 * <p><b>Never.</b> Knows what a register does.
 *
 * <p><b>Always.</b> Names and bit numbers are those of the SAMA5D2 Series data sheet; {@code
 * spec/xdmac.txt} is the same table transcribed a second time.
 */
@NullMarked
package dmakit.datasheet.xdmac;

import org.jspecify.annotations.NullMarked;
