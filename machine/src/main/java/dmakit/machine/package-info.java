/**
 * The simulated computer.
 *
 * <p><b>Doors.</b> {@link dmakit.machine.Machine}, which owns all parts of one computer.
 *
 * <p><b>Leans on.</b> Its own packages.
 *
 * <p><b>Never.</b> Uses a clock, a thread or chance of the host; knows a chip or the kernel.
 *
 * <p><b>Always.</b> One seed gives one run.
 */
@NullMarked
package dmakit.machine;

import org.jspecify.annotations.NullMarked;
