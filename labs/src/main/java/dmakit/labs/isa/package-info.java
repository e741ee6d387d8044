/**
 * A driver of a card on an ISA bus: plays and records by the DMA channels of a PC.
 *
 * <p><b>Doors.</b> {@link dmakit.labs.isa.SoundDriver}; the same in C is {@code
 * labs/c/isa_sound.c}.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel}, as any driver does; {@code dmakit.datasheet.isa} for
 * the card's ports.
 *
 * <p><b>Never.</b> Stores to the ports of the DMA controllers itself.
 */
@NullMarked
package dmakit.labs.isa;

import org.jspecify.annotations.NullMarked;
