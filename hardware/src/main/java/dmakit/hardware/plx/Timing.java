package dmakit.hardware.plx;

/**
 * What the engine's work costs. A link of 5 GT/s with 4 lanes carries 2 bytes per nanosecond (PCI
 * Express Base Specification 3.0, section 4.2); latencies are chosen.
 */
final class Timing {
    /** For a byte on the link, in picoseconds. */
    static final long BYTE_PS = 500;

    /** From a read request to the first byte of its answer, in picoseconds. Chosen. */
    static final long ROUND_TRIP_PS = 400_000;

    /** To decode a descriptor and store its outcome, in picoseconds. Chosen. */
    static final long DESCRIPTOR_PS = 20_000;

    /** To come to rest, in picoseconds. Chosen. */
    static final long STOP_PS = 10_000;

    /** Framing, sequence number and checksum around a request. Section 3.5. */
    private static final int FRAME_BYTES = 8;

    /** A header with a 32-bit address, section 2.2.4.1. */
    private static final int HEADER_BYTES = 12;

    /** One word more where the address has 64 bits; on parallel PCI, a dual address cycle. */
    private static final int WIDE_ADDRESS_BYTES = 4;

    private Timing() {}

    /**
     * How long requests keep the link busy, in picoseconds; reads and writes go at the same time,
     * each in its direction.
     *
     * @param bytes of payload
     * @param requestBytes of payload in one request
     * @param wide whether the addresses have 64 bits
     */
    static long linkPs(long bytes, int requestBytes, boolean wide) {
        long requests = (bytes + requestBytes - 1) / requestBytes;
        int overhead = FRAME_BYTES + HEADER_BYTES + (wide ? WIDE_ADDRESS_BYTES : 0);
        return (bytes + requests * overhead) * BYTE_PS;
    }
}
