/**
 * Interrupts: lines, handlers, threads, softirqs and tasklets.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.irq.Irqs}, to ask for a line; {@link
 * dmakit.kernel.irq.Tasklet}, to do the rest later; {@link dmakit.kernel.irq.Softirqs}.
 *
 * <p><b>Leans on.</b> {@code dmakit.machine.irq} for the lines, {@code dmakit.kernel.sched}.
 *
 * <p><b>Never.</b> Knows a device, or what a line number means on a board.
 *
 * <p><b>Always.</b> A line nobody handles ends up disabled: it cannot hang the machine.
 *
 * <p><b>In Linux.</b> {@code kernel/irq/manage.c}, {@code kernel/irq/spurious.c}, {@code
 * kernel/softirq.c}.
 */
@NullMarked
package dmakit.kernel.irq;

import org.jspecify.annotations.NullMarked;
