/**
 * The ports of {@code dmakit,isa-sound}, a card that is invented here to drive ISA's DMA.
 *
 * <p><b>Doors.</b> {@link dmakit.datasheet.isa.IsaSoundRegister}, which is its manual.
 *
 * <p><b>Leans on.</b> {@code dmakit.datasheet}.
 *
 * <p><b>Never.</b> Knows what a register does.
 */
@NullMarked
package dmakit.datasheet.isa;

import org.jspecify.annotations.NullMarked;
