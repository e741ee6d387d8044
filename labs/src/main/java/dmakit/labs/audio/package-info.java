/**
 * The lab that plays and records through a serial audio port, both by cyclic transfers: a driver
 * with two rings, and a program that keeps one full and the other empty, or is made too slow for
 * it.
 *
 * <p><b>Doors.</b> {@link dmakit.labs.audio.AudioLab}.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel}, as any driver does; {@code dmakit.datasheet.i2s} for
 * registers.
 *
 * <p><b>Never.</b> Reads or writes a file of the host: samples come and go as bytes.
 *
 * <p><b>In Linux.</b> {@code sound/core/pcm_lib.c} and {@code sound/soc/bcm/bcm2835-i2s.c} are what
 * such a driver is split into.
 */
@NullMarked
package dmakit.labs.audio;

import org.jspecify.annotations.NullMarked;
