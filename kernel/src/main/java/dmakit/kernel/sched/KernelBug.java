package dmakit.kernel.sched;

/** Kernel or driver code broke a rule that the kernel checks; the log says so already. */
public abstract class KernelBug extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the report.
     *
     * @param message what was found, for who does not read the log
     */
    protected KernelBug(String message) {
        super(message);
    }

    /** Whether it only ends another task because of what was reported before. */
    public boolean isConsequence() {
        return false;
    }
}
