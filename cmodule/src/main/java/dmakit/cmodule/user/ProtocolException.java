package dmakit.cmodule.user;

/** A program sent what the library never sends: it wrote to the library's connection itself. */
final class ProtocolException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ProtocolException(String message) {
        super(message);
    }
}
