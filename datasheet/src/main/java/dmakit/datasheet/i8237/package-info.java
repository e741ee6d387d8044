/**
 * The ports of Intel's 8237A DMA controller, of which a PC has two, and of the page registers
 * beside them.
 *
 * <p><b>Doors.</b> {@link dmakit.datasheet.i8237.I8237Store} and {@link
 * dmakit.datasheet.i8237.I8237Load}: the same port often means another register when it is read;
 * {@link dmakit.datasheet.i8237.IsaPage}.
 *
 * <p><b>Leans on.</b> {@code dmakit.datasheet}.
 *
 * <p><b>Never.</b> Knows what a register does.
 */
@NullMarked
package dmakit.datasheet.i8237;

import org.jspecify.annotations.NullMarked;
