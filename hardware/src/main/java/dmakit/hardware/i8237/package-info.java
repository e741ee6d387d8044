/**
 * The pair of 8237A DMA controllers of a PC, with its page registers.
 *
 * <p><b>Doors.</b> {@link dmakit.hardware.i8237.IsaDma}.
 *
 * <p><b>Leans on.</b> {@code dmakit.hardware} for the wires to the cards; {@code
 * dmakit.datasheet.i8237} for every bit.
 *
 * <p><b>Never.</b> Transfers inside a port access; moves more than one byte or word in one event.
 *
 * <p><b>Always.</b> An address stays in its page.
 */
@NullMarked
package dmakit.hardware.i8237;

import org.jspecify.annotations.NullMarked;
