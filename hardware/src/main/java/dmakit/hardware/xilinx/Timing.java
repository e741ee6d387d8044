package dmakit.hardware.xilinx;

/**
 * What things take, in cycles of the cores' clock. AXI DMA v7.1, PG021, "Latency": MM2S and S2MM
 * latencies and the throughput table; what it does not say is marked as chosen.
 */
final class Timing {
    /** One cycle of 100 MHz, the clock that PG021 measures with, in picoseconds. */
    static final long CYCLE_PS = 10_000;

    /** From a store to TAILDESC to the address of the first fetch. */
    static final int TAIL_TO_FETCH_CYCLES = 10;

    /** From the address of a fetch to the address of its data. */
    static final int FETCH_TO_DATA_CYCLES = 28;

    /** From the address of a read to the first beat on the stream. */
    static final int READ_CYCLES = 6;

    /** From the first beat on the stream to the address of its write. */
    static final int WRITE_CYCLES = 39;

    /**
     * Between two bursts of writes: PG021 measures 74.64 % of a word in every cycle, which is 16 of
     * 21.4.
     */
    static final int WRITE_GAP_CYCLES = 5;

    /** To write the status of a descriptor back; chosen. */
    static final int UPDATE_CYCLES = 8;

    /** A soft reset; chosen. */
    static final int RESET_CYCLES = 16;

    /** A unit of IRQDelay: PG021, table 2-7. */
    static final int DELAY_UNIT_CYCLES = 125;

    /** Beats of the longest burst. */
    static final int BURST_BEATS = 16;

    /** Bytes of the widest beat. */
    static final int BEAT_BYTES_MAX = 128;

    private Timing() {}

    static long ps(int cycles) {
        return cycles * CYCLE_PS;
    }
}
