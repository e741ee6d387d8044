/**
 * Altera's Modular Scatter-Gather DMA core, from memory to memory.
 *
 * <p><b>Doors.</b> {@link dmakit.hardware.msgdma.Msgdma}.
 *
 * <p><b>Leans on.</b> {@code dmakit.machine}; {@code dmakit.datasheet.msgdma} for every bit.
 *
 * <p><b>Never.</b> Transfers inside a register access, or takes unbounded host time in one event.
 *
 * <p><b>Always.</b> A run of bursts moves the bytes and takes the time that its bursts one by one
 * would.
 */
@NullMarked
package dmakit.hardware.msgdma;

import org.jspecify.annotations.NullMarked;
