package dmakit.kernel.sched;

/**
 * A lock of any kind that somebody holds. Who took it gives it back before it ends, goes back to
 * user space, or returns from the interrupt it was taken in.
 */
public interface HeldLock {
    /** The lock's name, for messages. */
    String name();

    /** Where its holder took it, as {@link dmakit.kernel.check.Findings#here}; 0 when unknown. */
    long takenAt();

    /** Whether its holder must not sleep. */
    default boolean isSpinning() {
        return false;
    }
}
