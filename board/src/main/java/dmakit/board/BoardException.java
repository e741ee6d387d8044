package dmakit.board;

/** A board cannot be built from what was given; the message says what was found and wanted. */
public final class BoardException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the refusal.
     *
     * @param message one line for a user
     */
    public BoardException(String message) {
        super(message);
    }

    /**
     * As above, with what caused it.
     *
     * @param message one line for a user
     */
    public BoardException(String message, Throwable cause) {
        super(message, cause);
    }
}
