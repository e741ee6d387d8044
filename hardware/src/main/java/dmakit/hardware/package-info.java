/**
 * What sits on the bus: one package per chip, and the wires between chips.
 *
 * <p><b>Doors.</b> {@link dmakit.hardware.RequestLine}, from a peripheral to a DMA controller, and
 * {@link dmakit.hardware.IsaDmaWires}, between an ISA card and whatever serves its channel; each
 * chip's own package. Chips do not know each other; what they have in common is here: {@link
 * dmakit.hardware.WordRegisters}, {@link dmakit.hardware.Halves} and {@link
 * dmakit.hardware.DescriptorWords} for what the bus and memory see, {@link
 * dmakit.hardware.BurstBus} for channels that share it, {@link dmakit.hardware.ChipTrace} and
 * {@link dmakit.hardware.Piece} for reports.
 *
 * <p><b>Leans on.</b> {@code dmakit.machine} for the bus and the clock, {@code dmakit.datasheet}
 * for register maps.
 *
 * <p><b>Never.</b> Calls the kernel: a chip answers loads and stores and raises interrupts.
 */
@NullMarked
package dmakit.hardware;

import org.jspecify.annotations.NullMarked;
