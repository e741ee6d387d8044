package dmakit.kernel.sched;

/** Code that must not sleep tried to; a real machine would hang or corrupt its lists. */
public final class AtomicContextViolation extends KernelBug {
    private static final long serialVersionUID = 1L;

    AtomicContextViolation(String message) {
        super(message);
    }
}
