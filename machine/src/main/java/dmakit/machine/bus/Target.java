package dmakit.machine.bus;

/**
 * What answers loads and stores in one range of the address map: the registers of a chip.
 *
 * <p>An access changes state and may schedule events; it never moves data itself and never calls
 * back into the CPU.
 */
public interface Target {
    /**
     * Answers a load.
     *
     * @param offset from the start of the range, in bytes, a multiple of {@code bytes}
     * @param bytes width of the access: 1, 2, 4 or 8; all of it lies in the range
     * @return the value, in its low bits
     */
    long read(long offset, int bytes);

    /**
     * Takes a store.
     *
     * @param offset from the start of the range, in bytes, a multiple of {@code bytes}
     * @param bytes width of the access: 1, 2, 4 or 8; all of it lies in the range
     * @param value zero-extended
     */
    void write(long offset, int bytes, long value);

    /**
     * What the chip's manual calls the register at an offset, for traces.
     *
     * @param offset from the start of the range, in bytes
     * @return the name, or the offset in hexadecimal where there is none
     */
    default String registerName(long offset) {
        return "0x" + Long.toHexString(offset);
    }

    /**
     * Whether the chip reports accesses at an offset to the trace itself, since it has more to say
     * than a name; nobody else does then.
     *
     * @param offset from the start of the range, in bytes
     */
    default boolean tracesAccess(long offset) {
        return false;
    }
}
