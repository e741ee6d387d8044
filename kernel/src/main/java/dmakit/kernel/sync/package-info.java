/**
 * Waiting for one another: completions, wait queues, locks, timers.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.sync.Completion}; {@link dmakit.kernel.sync.WaitQueue};
 * {@link dmakit.kernel.sync.Mutex} and {@link dmakit.kernel.sync.SpinLock}; {@link
 * dmakit.kernel.sync.KernelTimer}.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel.sched}, to sleep and wake; {@code dmakit.kernel.irq},
 * for the softirq that timers run in.
 *
 * <p><b>Never.</b> Lets a lock be waited for that cannot become free: on one CPU that is found at
 * once.
 *
 * <p><b>Always.</b> In the steady state nothing here allocates.
 *
 * <p><b>In Linux.</b> {@code kernel/sched/completion.c}, {@code kernel/sched/wait.c}, {@code
 * kernel/locking/}, {@code kernel/time/timer.c}.
 */
@NullMarked
package dmakit.kernel.sync;

import org.jspecify.annotations.NullMarked;
