/**
 * Analog Devices' AXI-DMAC: one channel between memory and a stream, or between memory and memory.
 *
 * <p><b>Doors.</b> {@link dmakit.hardware.axidmac.AxiDmac}, with {@link
 * dmakit.hardware.axidmac.Build} for the way the core was generated.
 *
 * <p><b>Leans on.</b> {@code dmakit.machine}; {@link dmakit.hardware.AxiStream}, what its other
 * side leads to; {@code dmakit.datasheet.axidmac} for every bit.
 *
 * <p><b>Never.</b> Begins a transfer inside a register access, or takes unbounded host time in one
 * event.
 *
 * <p><b>Always.</b> A run of bursts moves the bytes and takes the time that its bursts one by one
 * would.
 */
@NullMarked
package dmakit.hardware.axidmac;

import org.jspecify.annotations.NullMarked;
