/**
 * Serial audio: the PCM / I2S port of the BCM2835, and a codec whose output leads to its input.
 *
 * <p><b>Doors.</b> {@link dmakit.hardware.i2s.Bcm2835Pcm}, {@link dmakit.hardware.i2s.Codec}.
 *
 * <p><b>Leans on.</b> {@code dmakit.machine}; {@code dmakit.datasheet.i2s} for registers; {@link
 * dmakit.hardware.PcmWire} between the two.
 *
 * <p><b>Never.</b> Knows which controller serves its request lines, or that there is one.
 */
@NullMarked
package dmakit.hardware.i2s;

import org.jspecify.annotations.NullMarked;
