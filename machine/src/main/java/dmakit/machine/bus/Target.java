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
     * @param offset from the start of the range, in bytes
     * @param bytes width of the access: 1, 2, 4 or 8
     * @return the value, zero-extended
     */
    long read(long offset, int bytes);

    /**
     * Takes a store.
     *
     * @param offset from the start of the range, in bytes
     * @param bytes width of the access: 1, 2, 4 or 8
     * @param value in its low bits
     */
    void write(long offset, int bytes, long value);
}
