package dmakit.kernel;

/** The DMA layer refused: no address the device reaches, no memory, no channel. */
public final class DmaException extends KernelException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the refusal.
     *
     * @param errno the error number C code gets
     * @param format of {@link String#format}: what was found and what was wanted
     */
    public DmaException(Errno errno, String format, Object... values) {
        super(errno, format, values);
    }
}
