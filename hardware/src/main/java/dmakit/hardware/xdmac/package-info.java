/**
 * The XDMAC, the DMA controller of Atmel's and Microchip's Arm chips.
 *
 * <p><b>Doors.</b> {@link dmakit.hardware.xdmac.Xdmac}.
 *
 * <p><b>Leans on.</b> {@code dmakit.machine}; {@code dmakit.datasheet.xdmac} for every bit.
 *
 * <p><b>Never.</b> Transfers inside a register access, or takes unbounded host time in one event.
 *
 * <p><b>Always.</b> A run of bursts moves the bytes, takes the time and interrupts as its bursts
 * one by one would.
 */
@NullMarked
package dmakit.hardware.xdmac;

import org.jspecify.annotations.NullMarked;
