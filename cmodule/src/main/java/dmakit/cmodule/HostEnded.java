package dmakit.cmodule;

import dmakit.kernel.sched.KernelBug;
import java.util.List;

/** The process of a C module ended before it was asked to: it crashed, exited or was stuck. */
public final class HostEnded extends KernelBug {
    private static final long serialVersionUID = 1L;

    private final transient List<String> trace;
    private final Cause cause;
    private final long address;
    private final long site;

    /** Why it ended. */
    enum Cause {
        /** An access near address 0, or a call there. */
        NULL_POINTER,
        /** An access to another address where nothing is. */
        BAD_ADDRESS,
        /** Something else that driver code did. */
        OOPS,
        /** Nothing that driver code did. */
        HOST,
        /** What was reported before, or the end of the simulation. */
        EARLIER
    }

    /**
     * Creates the report of an end that no instruction of a driver can be blamed for.
     *
     * @param message what happened, one line
     */
    HostEnded(String message) {
        this(message, List.of(), Cause.HOST, 0, 0);
    }

    /**
     * Creates the report.
     *
     * @param message what happened, one line
     * @param trace functions of the module, innermost first, each with its place
     * @param address of the access
     * @param site of the module's instruction; 0 where it is not known
     */
    HostEnded(String message, List<String> trace, Cause cause, long address, long site) {
        super(message);
        this.trace = List.copyOf(trace);
        this.cause = cause;
        this.address = address;
        this.site = site;
    }

    /** What ends a task that was in the middle of C code when the process ended. */
    static HostEnded meanwhile() {
        return new HostEnded(
                "the process of C modules has ended meanwhile", List.of(), Cause.EARLIER, 0, 0);
    }

    @Override
    public boolean isConsequence() {
        return cause == Cause.EARLIER;
    }

    Cause cause() {
        return cause;
    }

    long address() {
        return address;
    }

    long site() {
        return site;
    }

    /** The same, because of what a kernel function thought of its call. */
    HostEnded(String message, List<String> trace, long site, RuntimeException thought) {
        this(message, trace, Cause.OOPS, 0, site);
        initCause(thought);
    }

    /** Functions of the module at the end, innermost first, as {@code name file:line}. */
    public List<String> trace() {
        return trace;
    }
}
