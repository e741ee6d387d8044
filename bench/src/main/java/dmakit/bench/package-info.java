/**
 * Benchmarks, each beside the peer it is measured against.
 *
 * <p><b>Doors.</b> {@link dmakit.bench.Main}, started by {@code ./dev bench}.
 *
 * <p><b>Leans on.</b> {@code dmakit.labs} and JMH.
 *
 * <p><b>Never.</b> Decides whether a build passes: a ratio is printed, never asserted.
 */
@NullMarked
package dmakit.bench;

import org.jspecify.annotations.NullMarked;
