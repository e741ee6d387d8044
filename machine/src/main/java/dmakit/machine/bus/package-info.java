/**
 * The address map and the masters on it.
 *
 * <p><b>Doors.</b> {@link dmakit.machine.bus.Bus}, what answers where; {@link
 * dmakit.machine.bus.Target}, what a chip implements; {@link dmakit.machine.bus.MasterPort}, how a
 * chip reaches memory.
 *
 * <p><b>Leans on.</b> {@code dmakit.machine.memory}.
 *
 * <p><b>Never.</b> Takes simulated time, or calls into the CPU.
 */
@NullMarked
package dmakit.machine.bus;

import org.jspecify.annotations.NullMarked;
