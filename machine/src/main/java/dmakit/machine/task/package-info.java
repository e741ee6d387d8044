/**
 * CPU code as cooperative tasks, one at a time.
 *
 * <p><b>Doors.</b> {@link dmakit.machine.task.Scheduler}.
 *
 * <p><b>Leans on.</b> {@code jdk.internal.vm.Continuation}; {@code dmakit.machine.random}, which
 * chooses; {@code dmakit.machine.time} and {@code dmakit.machine.trace}, for the trace.
 *
 * <p><b>Never.</b> Starts a thread.
 */
@NullMarked
package dmakit.machine.task;

import org.jspecify.annotations.NullMarked;
