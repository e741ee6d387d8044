package dmakit.cmodule;

/** A module does not know a parameter that it was given, or does not take its value. */
public final class ParameterRefused extends CModuleException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the refusal.
     *
     * @param message which parameter of which module, and why
     */
    public ParameterRefused(String message) {
        super(message);
    }
}
