package dmakit.kernel.sched;

/**
 * The kernel stopped: what failed was not a task that could be ended, but an interrupt.
 *
 * <p>An {@link Error}, so that code on whose stack the interrupt came in does not take it for a
 * failure of its own.
 */
public final class KernelPanic extends Error {
    private static final long serialVersionUID = 1L;

    KernelPanic(String message, Throwable cause) {
        super("Kernel panic - not syncing: " + message, cause);
    }
}
