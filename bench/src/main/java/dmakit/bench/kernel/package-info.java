/**
 * What the kernel's calls cost, on a whole board with a booted kernel.
 *
 * <p>An invocation is one kernel task that does many operations, so that making the task is spread
 * over them.
 *
 * <p><b>Doors.</b> The JMH classes.
 *
 * <p><b>Leans on.</b> {@code dmakit.board}, {@code dmakit.kernel}.
 *
 * <p><b>Never.</b> Takes a short cut that no driver has.
 */
@NullMarked
package dmakit.bench.kernel;

import org.jspecify.annotations.NullMarked;
