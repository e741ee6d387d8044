package dmakit.hardware.xdmac;

/**
 * What things take. The data sheets name bus widths and bursts, no latencies; those here are chosen
 * as for other SoC controllers of a 250 MHz fabric.
 */
final class Timing {
    /** One cycle of the fabric, 250 MHz on LAN969x, in picoseconds. */
    static final long CYCLE_PS = 4_000;

    /** From a read address to its first beat: bus, SDRAM and back. */
    static final int READ_CYCLES = 12;

    /** From a write address to its response, less the beats. */
    static final int WRITE_CYCLES = 4;

    /** Bytes of the widest beat. */
    static final int BEAT_BYTES = 8;

    /** Data of the longest burst. */
    static final int BURST_DATA_MAX = 16;

    /** Bytes of the longest burst. */
    static final int BURST_BYTES_MAX = BURST_DATA_MAX * BEAT_BYTES;

    private Timing() {}

    /** How long it takes to fetch a descriptor of so many bytes, in picoseconds. */
    static long fetchPs(int bytes) {
        return (READ_CYCLES + ceilDiv(bytes, BEAT_BYTES)) * CYCLE_PS;
    }

    static int ceilDiv(int dividend, int divisor) {
        return (dividend + divisor - 1) / divisor;
    }
}
