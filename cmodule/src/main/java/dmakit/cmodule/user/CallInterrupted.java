package dmakit.cmodule.user;

/** A signal waits for the program whose call is served, and the kernel has let go of the call. */
final class CallInterrupted extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CallInterrupted() {
        super("a signal interrupted the call", null, false, false);
    }
}
