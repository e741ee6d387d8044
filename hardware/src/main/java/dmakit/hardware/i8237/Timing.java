package dmakit.hardware.i8237;

/**
 * What transfers cost. 8237A data sheet, "DMA Operation": state S0 asks for the bus, S1 to S4 move
 * one byte; S1 is there only when the upper address byte changes, S3 not with compressed timing.
 * Copying memory takes 8 states a byte, S11 to S24. The clock is that of a PC/AT, half of an 8 MHz
 * bus clock.
 */
final class Timing {
    /** One state, in picoseconds. */
    static final long STATE_PS = 250_000;

    /** SI, S0 and S1: to get the bus. At least one processor cycle lies between two services. */
    static final long ACQUIRE_PS = 3 * STATE_PS;

    /** To copy one byte from memory to memory, in picoseconds. */
    static final long MEMORY_PS = 8 * STATE_PS;

    private static final int STATES = 3;

    private Timing() {}

    /** One transfer inside a service, in picoseconds. */
    static long transferPs(boolean compressed, boolean upperByteChanges) {
        return (STATES - (compressed ? 1 : 0) + (upperByteChanges ? 1 : 0)) * STATE_PS;
    }
}
