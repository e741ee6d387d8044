package dmakit.oracle;

/** QEMU did not start, answered something else than was asked, or fell silent. */
public final class QemuException extends RuntimeException {
    private static final long serialVersionUID = 1;

    QemuException(String message) {
        super(message);
    }

    QemuException(String message, Throwable cause) {
        super(message, cause);
    }
}
