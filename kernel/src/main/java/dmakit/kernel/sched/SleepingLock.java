package dmakit.kernel.sched;

/** A lock whose holder may sleep; a task must hold none when it goes back to user space. */
public interface SleepingLock {
    /** The lock's name, for messages. */
    String name();
}
