/**
 * Register maps and descriptor layouts, as data.
 *
 * <p><b>Doors.</b> {@link dmakit.datasheet.Register} and {@link dmakit.datasheet.Field}, which a
 * manual's tables implement as enums; {@link dmakit.datasheet.RegisterMap}, which rejects overlap,
 * misalignment and disorder and turns values into text. One package below per chip.
 *
 * <p><b>Leans on.</b> {@code java.base} only.
 *
 * <p><b>Never.</b> Knows what a register does; that is the chip's business.
 */
@NullMarked
package dmakit.datasheet;

import org.jspecify.annotations.NullMarked;
