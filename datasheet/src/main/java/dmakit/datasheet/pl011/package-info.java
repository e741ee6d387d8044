/**
 * The PL011 UART.
 *
 * <p><b>Doors.</b> {@link dmakit.datasheet.pl011.UartRegister}.
 *
 * <p><b>Leans on.</b> {@code dmakit.datasheet}.
 *
 * <p><b>Never.</b> Holds state: a table has no values but those after a reset.
 */
@NullMarked
package dmakit.datasheet.pl011;

import org.jspecify.annotations.NullMarked;
