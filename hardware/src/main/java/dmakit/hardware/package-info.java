/**

 * What sits on the bus: one package per chip, and the wires between chips.
 *
 * <p><b>Doors.</b> {@link dmakit.hardware.RequestLine}, from a peripheral to a DMA controller, and
 * {@link dmakit.hardware.IsaDmaWires}, between an ISA card and whatever serves its channel; each
 * chip's own package. Chips do not know each other; what they have in common is here: {@link
 * dmakit.hardware.WordRegisters} on the bus, {@link dmakit.hardware.Halves} of an address, {@link
 * dmakit.hardware.ChipTrace}.
 *
 * <p><b>Leans on.</b> {@code dmakit.machine} for the bus and the clock, {@code dmakit.datasheet}
 * for register maps.
 *
 * <p><b>Never.</b> Calls the kernel: a chip answers loads and stores and raises interrupts.
 */
@NullMarked
package dmakit.hardware;

import org.jspecify.annotations.NullMarked;
