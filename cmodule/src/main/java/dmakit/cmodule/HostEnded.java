package dmakit.cmodule;

import dmakit.kernel.sched.KernelBug;
import java.util.List;

/** The process of a C module ended before it was asked to: it crashed, exited or was stuck. */
public final class HostEnded extends KernelBug {
    private static final long serialVersionUID = 1L;

    private final transient List<String> trace;

    /**
     * Creates the report.
     *
     * @param message what happened, one line
     * @param trace functions of the module, innermost first, each with its place
     */
    HostEnded(String message, List<String> trace) {
        super(message);
        this.trace = List.copyOf(trace);
    }

    /** The same, because of what a kernel function thought of its call. */
    HostEnded(String message, List<String> trace, RuntimeException cause) {
        this(message, trace);
        initCause(cause);
    }

    /** Functions of the module at the end, innermost first, as {@code name file:line}. */
    public List<String> trace() {
        return trace;
    }
}
