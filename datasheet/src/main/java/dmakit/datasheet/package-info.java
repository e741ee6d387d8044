/**
 * Register maps and descriptor layouts, as data.
 *
 * <p><b>Doors.</b> Register and field types; building a map rejects overlap, misalignment and
 * disorder.
 *
 * <p><b>Leans on.</b> {@code java.base} only.
 *
 * <p><b>Never.</b> Knows what a register does; that is the chip's business.
 */
@NullMarked
package dmakit.datasheet;

import org.jspecify.annotations.NullMarked;
