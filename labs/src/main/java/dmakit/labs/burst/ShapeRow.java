package dmakit.labs.burst;

/**
 * What one copy took with bursts of one shape.
 *
 * @param beatBytes bytes of a beat
 * @param burstBeats beats of the longest burst
 * @param ps from the start of the channel to the last answer, in picoseconds
 * @param bytesPerSecond in that time
 * @param busPercent part of that time in which the bus carried data
 */
public record ShapeRow(
        int beatBytes, int burstBeats, long ps, long bytesPerSecond, double busPercent) {}
