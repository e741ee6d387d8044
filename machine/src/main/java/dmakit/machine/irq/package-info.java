/**
 * Interrupt lines from chips to the CPU.
 *
 * <p><b>Doors.</b> {@link dmakit.machine.irq.IrqLine}, which a chip drives; {@link
 * dmakit.machine.irq.InterruptController}, which the CPU asks.
 *
 * <p><b>Leans on.</b> {@code dmakit.machine.time}, {@code dmakit.machine.random}, {@code
 * dmakit.machine.trace}.
 *
 * <p><b>Never.</b> Runs a handler: it signals, the CPU takes.
 */
@NullMarked
package dmakit.machine.irq;

import org.jspecify.annotations.NullMarked;
