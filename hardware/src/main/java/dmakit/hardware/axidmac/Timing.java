package dmakit.hardware.axidmac;

/**
 * What things take, in cycles of the core's clock. A side moves a word in each, as the
 * documentation says; a transfer that is queued in time follows the one before it without a gap.
 * The rest is chosen.
 */
final class Timing {
    /** One cycle of 100 MHz, in picoseconds. */
    static final long CYCLE_PS = 10_000;

    /** From a store to TRANSFER_SUBMIT to a transfer in the queue. */
    static final int QUEUE_CYCLES = 4;

    /** From the first transfer in the queue to its first word: the store-and-forward memory. */
    static final int BEGIN_CYCLES = 24;

    /** To read a descriptor: six words, and the way to memory and back. */
    static final int FETCH_CYCLES = 6 + 14;

    /** For a transfer that is passed over. */
    static final int PASS_OVER_CYCLES = 2;

    private Timing() {}

    static long ps(int cycles) {
        return cycles * CYCLE_PS;
    }
}
