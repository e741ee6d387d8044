/**
 * The simulated computer: clock and events, memory, caches, bus, interrupts, tasks, trace.
 *
 * <p><b>Doors.</b> The packages below.
 *
 * <p><b>Leans on.</b> {@code dmakit.datasheet}, for registers in the trace.
 *
 * <p><b>Never.</b> Knows an operating system, a chip or a device tree. Looks at a host clock or
 * starts a thread.
 */
@NullMarked
package dmakit.machine;

import org.jspecify.annotations.NullMarked;
