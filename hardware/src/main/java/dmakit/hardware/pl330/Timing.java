package dmakit.hardware.pl330;

/**
 * What things take. The manual says that an instruction takes a cycle and that a beat does (section
 * 2.1); latencies are the bus's, and those here are chosen so that long bursts over 64 bits give
 * the 500 MB/s people measure on chips that have the controller.
 */
final class Timing {
    /** One cycle of a 200 MHz clock, in picoseconds. */
    static final long CYCLE_PS = 5_000;

    /** From a read address to its first beat. */
    static final int READ_CYCLES = 12;

    /** From a write address to its response, beside the beats. */
    static final int WRITE_CYCLES = 4;

    /** A line of the instruction cache is read over a bus of 32 bits. */
    static final int FETCH_BEAT_BYTES = 4;

    /** Cycles in which every channel that runs lacks room before the watchdog acts; section 2.9. */
    static final int WATCHDOG_CYCLES = 1024;

    private Timing() {}

    static long readPs(int beats) {
        return (READ_CYCLES + beats) * CYCLE_PS;
    }

    static long writePs(int beats) {
        return (WRITE_CYCLES + beats) * CYCLE_PS;
    }

    static long fetchPs(int lineBytes) {
        return readPs(lineBytes / FETCH_BEAT_BYTES);
    }
}
