/**
 * Chips of the BCM2835 family: the DMA controller.
 *
 * <p><b>Doors.</b> {@link dmakit.hardware.bcm2835.Bcm2835Dma}.
 *
 * <p><b>Leans on.</b> {@code dmakit.machine}; {@code dmakit.datasheet.bcm2835} for every bit.
 *
 * <p><b>Never.</b> Transfers inside a register access, or takes unbounded host time in one event.
 *
 * <p><b>Always.</b> A run of bursts moves the bytes, takes the time and interrupts as its bursts
 * one by one would.
 */
@NullMarked
package dmakit.hardware.bcm2835;

import org.jspecify.annotations.NullMarked;
