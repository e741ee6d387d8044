/**
 * Who runs, in which context, and until when: tasks, preemption count, sleeping, time.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.sched.Sched}, to sleep, wake and start threads; {@link
 * dmakit.kernel.sched.Contexts}, the context code runs in; {@link dmakit.kernel.sched.Jiffies};
 * {@link dmakit.kernel.sched.Oopses}, where failures of kernel code end.
 *
 * <p><b>Leans on.</b> {@code dmakit.machine.task} for the tasks themselves, {@code
 * dmakit.kernel.log}.
 *
 * <p><b>Never.</b> Decides who runs next: the machine's scheduler does, by the seed.
 *
 * <p><b>Always.</b> Nobody sleeps in atomic context, and what a task finds on the CPU (its
 * process's mappings) is its own.
 *
 * <p><b>In Linux.</b> {@code kernel/sched/core.c}, {@code include/linux/preempt.h}, {@code
 * kernel/kthread.c}, {@code kernel/time/sleep_timeout.c}.
 */
@NullMarked
package dmakit.kernel.sched;

import org.jspecify.annotations.NullMarked;
