package dmakit.kernel.sched;

import dmakit.kernel.Linux;

/** What a task that sleeps may be woken by. */
@Linux(file = "include/linux/sched.h", symbol = "task_state")
public enum TaskState {
    /** It does not sleep. */
    RUNNING,
    /** A wake-up or any signal. */
    INTERRUPTIBLE,
    /** A wake-up or a signal that ends the process. */
    KILLABLE,
    /** A wake-up only. */
    UNINTERRUPTIBLE,
    /** A wake-up only; an idle service thread, which nobody misses. */
    IDLE,
    /** It has ended. */
    DEAD
}
