package dmakit.cmodule;

/** There is no C compiler on this computer, or none that works. */
public final class CompilerMissing extends CModuleException {
    private static final long serialVersionUID = 1L;

    CompilerMissing(String message) {
        super(message);
    }
}
