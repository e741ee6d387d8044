package dmakit.cmodule;

/** A C module cannot be made to run here; nothing of it ran. */
public abstract sealed class CModuleException extends RuntimeException
        permits CompilerMissing, CompileFailed, NameTaken, ParameterRefused {
    private static final long serialVersionUID = 1L;

    CModuleException(String message) {
        super(message);
    }
}
