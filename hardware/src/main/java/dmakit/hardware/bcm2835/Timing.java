package dmakit.hardware.bcm2835;

import dmakit.datasheet.bcm2835.DmaControlBlock;

/**
 * What things take. The manual gives widths, burst rules and buffer sizes (sections 4.2.1.2, 4.3
 * and 4.5) but no latencies; those here are chosen so that plain settings give the bandwidths
 * people measure on the chip: 50 MB/s for single words, 250 MB/s for single 128-bit beats, near 1
 * GB/s for long wide bursts on channel 0.
 */
final class Timing {
    /** One cycle of the 250 MHz core clock that drives the controller, in picoseconds. */
    static final long CYCLE_PS = 4_000;

    /** From a read address to its first beat: bus, SDRAM and back. */
    static final int READ_CYCLES = 12;

    /** To send one write address. */
    static final int WRITE_CYCLES = 2;

    /** From the last write beat to its response. */
    static final int RESPONSE_CYCLES = 10;

    /** Each time a read burst outgrows the channel's buffer and stalls the bus. */
    static final int STALL_CYCLES = 4;

    /** Bytes of a beat with {@code SRC_WIDTH} or {@code DEST_WIDTH} clear. */
    static final int NARROW_BYTES = 4;

    /** Bytes of a beat with {@code SRC_WIDTH} or {@code DEST_WIDTH} set. */
    static final int WIDE_BYTES = 16;

    /** Beats of the longest burst. */
    static final int BURST_BEATS_MAX = 16;

    /** Bytes of the longest burst. */
    static final int BURST_BYTES_MAX = BURST_BEATS_MAX * WIDE_BYTES;

    /** A control block is fetched as one wide burst. */
    static final long FETCH_PS = (READ_CYCLES + DmaControlBlock.SIZE / WIDE_BYTES) * CYCLE_PS;

    private static final int FULL_BUFFER_BYTES = 32;
    private static final int LITE_BUFFER_BYTES = 16;
    private static final int EXTERNAL_FIFO_BYTES = 8 * WIDE_BYTES;

    private Timing() {}

    /** What a channel can read before it has to write. Channel 0 has an external FIFO as well. */
    static int bufferBytes(int channel, boolean lite) {
        return lite
                ? LITE_BUFFER_BYTES
                : channel == 0 ? FULL_BUFFER_BYTES + EXTERNAL_FIFO_BYTES : FULL_BUFFER_BYTES;
    }

    /**
     * Bytes one write address covers. Narrow writes are no bursts; wide ones are bursts of two
     * beats where the channel has the data for two and {@code NO_WIDE_BURSTS} is clear.
     */
    static int writeBytes(boolean wide, boolean lite, boolean noWideBursts) {
        return !wide ? NARROW_BYTES : lite || noWideBursts ? WIDE_BYTES : 2 * WIDE_BYTES;
    }

    static int ceilDiv(int dividend, int divisor) {
        return (dividend + divisor - 1) / divisor;
    }
}
