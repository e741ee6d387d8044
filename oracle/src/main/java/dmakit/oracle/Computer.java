package dmakit.oracle;

/**
 * A computer as its bus sees it: loads and stores of registers, ports, memory and time. Addresses
 * are physical ones, values little-endian.
 */
public interface Computer extends AutoCloseable {
    /**
     * Loads from a register.
     *
     * @param bytes 1, 2, 4 or 8
     */
    long load(long phys, int bytes);

    /**
     * Stores to a register.
     *
     * @param bytes 1, 2, 4 or 8
     */
    void store(long phys, int bytes, long value);

    /**
     * Reads a port of the x86's other address space.
     *
     * @param bytes 1, 2 or 4
     */
    long in(int port, int bytes);

    /**
     * Writes such a port.
     *
     * @param bytes 1, 2 or 4
     */
    void out(int port, int bytes, long value);

    /** Memory, as a device sees it. */
    byte[] peek(long phys, int count);

    /** Puts bytes into memory, where a device sees them. */
    void poke(long phys, byte[] content);

    @Override
    void close();
}
