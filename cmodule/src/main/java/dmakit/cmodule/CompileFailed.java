package dmakit.cmodule;

import java.util.List;

/** A module does not compile, or uses kernel symbols that are not there. */
public final class CompileFailed extends CModuleException {
    private static final long serialVersionUID = 1L;

    private final transient List<MissingSymbol> missing;

    /**
     * A kernel symbol that a module uses and nobody offers.
     *
     * @param name as in the source
     * @param place file and line of a use, or the file alone
     */
    public record MissingSymbol(String name, String place) {}

    CompileFailed(String message, List<MissingSymbol> missing) {
        super(message);
        this.missing = List.copyOf(missing);
    }

    /** The symbols that are missing, each once, in the order of their first uses; often none. */
    public List<MissingSymbol> missing() {
        return missing;
    }
}
