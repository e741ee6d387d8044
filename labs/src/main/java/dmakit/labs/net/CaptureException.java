package dmakit.labs.net;

/** What was to be read is no capture of Ethernet frames; the message says where and why. */
public final class CaptureException extends RuntimeException {
    private static final long serialVersionUID = 1;

    CaptureException(String format, Object... values) {
        super(format.formatted(values));
    }
}
