package dmakit.machine;

/** dmakit itself is wrong: a state that its own rules exclude. Never caused by a driver. */
public final class InvariantViolation extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the violation.
     *
     * @param message what was found and what was wanted
     */
    public InvariantViolation(String message) {
        super(message);
    }
}
