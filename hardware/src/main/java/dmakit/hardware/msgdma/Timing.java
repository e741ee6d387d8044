package dmakit.hardware.msgdma;

/**
 * What things take. The masters move a word a cycle, as the user guide says; how long a descriptor
 * takes to begin and a reset to end is chosen.
 */
final class Timing {
    /** One cycle of a 100 MHz clock, in picoseconds. */
    static final long CYCLE_PS = 10_000;

    /** From a descriptor in the FIFO to its first word in memory: masters, bus and back. */
    static final long BEGIN_PS = 14 * CYCLE_PS;

    /** From the order to reset to the end of resetting. */
    static final long RESET_PS = 16 * CYCLE_PS;

    private Timing() {}
}
