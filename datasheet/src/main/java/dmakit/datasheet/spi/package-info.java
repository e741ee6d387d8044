/**
 * The BCM2835's SPI controller.
 *
 * <p><b>Doors.</b> {@link dmakit.datasheet.spi.SpiRegister}.
 *
 * <p><b>Leans on.</b> {@code dmakit.datasheet}.
 *
 * <p><b>Never.</b> Holds state: a table has no values but those after a reset.
 */
@NullMarked
package dmakit.datasheet.spi;

import org.jspecify.annotations.NullMarked;
