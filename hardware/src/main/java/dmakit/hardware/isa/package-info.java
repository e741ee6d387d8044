/**
 * The ISA bus: the wires of its DMA channels, and a card.
 *
 * <p><b>Doors.</b> {@link dmakit.hardware.isa.DmaWires}, between a card and whatever serves its
 * channel; {@link dmakit.hardware.isa.IsaSound}, a card that plays and records.
 *
 * <p><b>Leans on.</b> {@code dmakit.machine}; {@code dmakit.datasheet.isa}.
 *
 * <p><b>Never.</b> Knows which controller is at the other end.
 */
@NullMarked
package dmakit.hardware.isa;

import org.jspecify.annotations.NullMarked;
