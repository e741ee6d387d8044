package dmakit.kernel;

import java.util.Locale;

/** The kernel refused. What C code gets as a negative number, NULL or ERR_PTR. */
public class KernelException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Errno errno;

    /**
     * Creates the refusal.
     *
     * @param errno the error number C code gets
     * @param message what was found and what was wanted
     */
    public KernelException(Errno errno, String message) {
        super("-" + errno + ": " + message);
        this.errno = errno;
    }

    /** As above, with a format of {@link String#format}. */
    public KernelException(Errno errno, String format, Object... values) {
        this(errno, String.format(Locale.ROOT, format, values));
    }

    /** The error number. */
    public final Errno errno() {
        return errno;
    }
}
