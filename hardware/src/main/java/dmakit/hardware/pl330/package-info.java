/**
 * The Arm CoreLink DMA-330, also called PL330: a DMA controller that executes programs.
 *
 * <p><b>Doors.</b> {@link dmakit.hardware.pl330.Pl330}, built as {@link
 * dmakit.hardware.pl330.Pl330Build} says.
 *
 * <p><b>Leans on.</b> {@code dmakit.machine}; {@code dmakit.datasheet.pl330} for every bit.
 *
 * <p><b>Never.</b> Executes an instruction inside a register access, or takes unbounded host time
 * in one event.
 *
 * <p><b>Always.</b> Rounds of a loop that are taken in one event move the bytes and take the time
 * that their instructions one by one would.
 */
@NullMarked
package dmakit.hardware.pl330;

import org.jspecify.annotations.NullMarked;
