/**
 * Work queues: functions that run later, in a task.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.work.WorkQueue}; {@link dmakit.kernel.work.Work} and {@link
 * dmakit.kernel.work.DelayedWork}, what it runs.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel.sched}, for worker threads; {@code dmakit.kernel.sync},
 * for delays.
 *
 * <p><b>Never.</b> Runs the same work twice at a time, or stops because one work sleeps.
 *
 * <p><b>In Linux.</b> {@code kernel/workqueue.c}.
 */
@NullMarked
package dmakit.kernel.work;

import org.jspecify.annotations.NullMarked;
