/**
 * Serial audio: the PCM / I2S port of the BCM2835, and a codec at its other end.
 *
 * <p><b>Doors.</b> {@link dmakit.datasheet.i2s.PcmRegister}, {@link
 * dmakit.datasheet.i2s.CodecRegister}.
 *
 * <p><b>Leans on.</b> {@code dmakit.datasheet}.
 *
 * <p><b>Never.</b> Holds state: a table has no values but those after a reset.
 */
@NullMarked
package dmakit.datasheet.i2s;

import org.jspecify.annotations.NullMarked;
