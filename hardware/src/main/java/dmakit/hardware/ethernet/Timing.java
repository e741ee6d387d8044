package dmakit.hardware.ethernet;

/** What things take. IEEE 802.3 for the wire; the streams' width and clock are chosen. */
final class Timing {
    private static final long GIGABIT_BYTE_PS = 8_000;
    private static final long STREAM_CYCLE_PS = 10_000;
    private static final int STREAM_BYTES = 8;

    private Timing() {}

    /** How long a byte takes on the wire at a speed of 10, 100 or 1000 Mbit/s. */
    static long byteTimePs(int mbits) {
        return GIGABIT_BYTE_PS * 1000 / mbits;
    }

    /** How long bytes take on a stream of 64 bits at 100 MHz. */
    static long streamPs(int bytes) {
        return (bytes + STREAM_BYTES - 1) / STREAM_BYTES * STREAM_CYCLE_PS;
    }
}
