/**
 * The register tables of Altera's Modular Scatter-Gather DMA core.
 *
 * <p><b>Doors.</b> {@link dmakit.datasheet.msgdma.MsgdmaCsr}, control and status; {@link
 * dmakit.datasheet.msgdma.MsgdmaDescriptor}, what is written for a transfer; {@link
 * dmakit.datasheet.msgdma.MsgdmaResponse}, what is read after it.
 *
 * <p><b>Leans on.</b> {@code dmakit.datasheet}.
 *
 * <p><b>Never.</b> Knows what a register does.
 *
 * <p><b>Always.</b> Names and bit numbers are those of the "Embedded Peripherals IP User Guide";
 * {@code spec/msgdma.txt} is the same table transcribed a second time.
 */
@NullMarked
package dmakit.datasheet.msgdma;

import org.jspecify.annotations.NullMarked;
