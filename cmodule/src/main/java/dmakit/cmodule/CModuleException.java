package dmakit.cmodule;

/** A C module cannot be built, or its process has ended. */
public abstract sealed class CModuleException extends RuntimeException
        permits CompilerMissing, CompileFailed, HostEnded {
    private static final long serialVersionUID = 1L;

    CModuleException(String message) {
        super(message);
    }
}
