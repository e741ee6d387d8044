/**
 * The register tables and the instruction set of the Arm CoreLink DMA-330, also called PL330.
 *
 * <p><b>Doors.</b> {@link dmakit.datasheet.pl330.Pl330Register}, the controller; {@link
 * dmakit.datasheet.pl330.Pl330StatusRegister} and {@link
 * dmakit.datasheet.pl330.Pl330ChannelRegister}, one channel; {@link
 * dmakit.datasheet.pl330.Pl330Instruction}, what its threads execute; {@link
 * dmakit.datasheet.pl330.ThreadState}.
 *
 * <p><b>Leans on.</b> {@code dmakit.datasheet}.
 *
 * <p><b>Never.</b> Knows what a register or an instruction does.
 *
 * <p><b>Always.</b> Names and bit numbers are those of the DMA-330 TRM; {@code spec/pl330.txt} is
 * the same table transcribed a second time.
 */
@NullMarked
package dmakit.datasheet.pl330;

import org.jspecify.annotations.NullMarked;
