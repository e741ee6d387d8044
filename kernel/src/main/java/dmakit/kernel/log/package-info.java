/**
 * The kernel log: what {@code printk} writes and {@code dmesg} reads.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.log.Log}, to write; {@link dmakit.kernel.log.LogBuffer}, to
 * read; {@link dmakit.kernel.log.RateLimit}, against floods.
 *
 * <p><b>Leans on.</b> {@code dmakit.machine.time} and {@code dmakit.machine.trace}.
 *
 * <p><b>Never.</b> Takes simulated time: a driver's timing does not change with what it says.
 *
 * <p><b>In Linux.</b> {@code kernel/printk/printk.c}, {@code include/linux/dev_printk.h}, {@code
 * lib/ratelimit.c}.
 */
@NullMarked
package dmakit.kernel.log;

import org.jspecify.annotations.NullMarked;
