/**
 * What moving bytes takes, and where two ways of it change places.
 *
 * <p><b>Doors.</b> {@link dmakit.labs.measure.Meter} beside what is measured; {@link
 * dmakit.labs.measure.Crossover} over what came of it.
 *
 * <p><b>Leans on.</b> The counters of {@code dmakit.machine} and of the kernel's interrupts.
 *
 * <p><b>Never.</b> Takes simulated time, or a number that the simulation did not give.
 *
 * <p><b>Always.</b> The parts of a reading add up to its whole.
 */
@NullMarked
package dmakit.labs.measure;

import org.jspecify.annotations.NullMarked;
