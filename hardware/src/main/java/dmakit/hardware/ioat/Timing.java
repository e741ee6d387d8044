package dmakit.hardware.ioat;

/** What things take; the data sheet names no times. Chosen for 8 GB/s each way of the link. */
final class Timing {
    /** Bytes of the longest read request, and so of one step of each operand. */
    static final int REQUEST_BYTES = 4096;

    /** From a request to its first byte, in picoseconds. */
    static final long LATENCY_PS = 100_000;

    /** One byte over the link, in picoseconds. */
    private static final long BYTE_PS = 125;

    private Timing() {}

    /** How long it takes to read so many operands and write so many results. */
    static long stepPs(int operands, int bytes) {
        return LATENCY_PS + (long) operands * bytes * BYTE_PS;
    }
}
