/**
 * The PL011 UART: two FIFOs with levels, a line, and two request lines.
 *
 * <p><b>Doors.</b> {@link dmakit.hardware.pl011.Pl011}.
 *
 * <p><b>Leans on.</b> {@code dmakit.machine}; {@code dmakit.datasheet.pl011} for its registers.
 *
 * <p><b>Never.</b> Knows which controller serves its request lines, or that there is one.
 */
@NullMarked
package dmakit.hardware.pl011;

import org.jspecify.annotations.NullMarked;
