/**
 * Where all chance comes from.
 *
 * <p><b>Doors.</b> {@link dmakit.machine.random.Rng}, one stream per part of the machine.
 *
 * <p><b>Leans on.</b> Nothing but {@code dmakit.machine.Check}.
 *
 * <p><b>Never.</b> Draws from anything but the seed.
 */
@NullMarked
package dmakit.machine.random;

import org.jspecify.annotations.NullMarked;
