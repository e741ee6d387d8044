/**
 * Simulated time and the queue of everything that will happen.
 *
 * <p><b>Doors.</b> {@link dmakit.machine.time.Clock}, which moves time; {@link
 * dmakit.machine.time.Alarm}, one reusable entry of its queue.
 *
 * <p><b>Leans on.</b> Nothing but {@code dmakit.machine.Check}.
 *
 * <p><b>Never.</b> Reads the host's clock.
 */
@NullMarked
package dmakit.machine.time;

import org.jspecify.annotations.NullMarked;
