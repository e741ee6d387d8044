/**
 * The BCM2835's SPI controller: two FIFOs, a clock, and what is plugged into its chip selects.
 *
 * <p><b>Doors.</b> {@link dmakit.hardware.spi.Bcm2835Spi}.
 *
 * <p><b>Leans on.</b> {@code dmakit.machine}; {@code dmakit.datasheet.spi} for its registers.
 *
 * <p><b>Never.</b> Knows which controller serves its request lines, or that there is one.
 */
@NullMarked
package dmakit.hardware.spi;

import org.jspecify.annotations.NullMarked;
