package dmakit.kernel.chardev;

/** A signal ended the process in the middle of its program. */
public final class ProcessKilled extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int signal;

    ProcessKilled(String program, int signal) {
        super("%s was killed by signal %d".formatted(program, signal));
        this.signal = signal;
    }

    /** Which one. */
    public int signal() {
        return signal;
    }
}
