package dmakit.labs.burst;

import java.util.List;

/**
 * What several channels took that wanted the bus at the same time.
 *
 * @param arbiter who has the next burst
 * @param burstBeats beats of the longest burst
 * @param longPs for each channel with a long copy, from the start of the first to its end, in
 *     picoseconds
 * @param shortPs for the channel with a short copy that came last, from its own start to its end
 * @param busPercent part of the whole time in which the bus carried data
 */
public record TurnRow(
        String arbiter, int burstBeats, List<Long> longPs, long shortPs, double busPercent) {
    /** Copies the list. */
    public TurnRow {
        longPs = List.copyOf(longPs);
    }
}
