/**
 * What the simulated computer costs the host.
 *
 * <p><b>Doors.</b> The JMH classes.
 *
 * <p><b>Leans on.</b> {@code dmakit.machine}.
 *
 * <p><b>Never.</b> Boots a kernel.
 */
@NullMarked
package dmakit.bench.machine;

import org.jspecify.annotations.NullMarked;
