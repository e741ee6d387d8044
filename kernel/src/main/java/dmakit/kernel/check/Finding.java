package dmakit.kernel.check;

import java.util.List;

/**
 * One mistake.
 *
 * @param id which of the catalogue
 * @param message one line, with what was found and what was wanted
 * @param site of the access or call that showed it; 0 when the hardware did
 * @param sites what happened to the memory or object before, in order of time
 * @param device name of the device concerned; may be empty
 * @param channel name of the channel concerned; may be empty
 * @param count how often it was seen
 * @param linux what Linux says of it with its debugging options on; empty when it is silent
 * @param timePs when it was first seen, in picoseconds of simulated time
 */
public record Finding(
        FindingId id,
        String message,
        long site,
        List<Place> sites,
        String device,
        String channel,
        int count,
        String linux,
        long timePs) {
    /**
     * A place with a role.
     *
     * @param role what it did
     * @param site where it is
     */
    public record Place(Role role, long site) {}

    Key key() {
        return new Key(id, site, sites);
    }

    Finding again() {
        return seenMore(1);
    }

    /** This one, with the count of both. */
    Finding and(Finding later) {
        return seenMore(later.count);
    }

    private Finding seenMore(int times) {
        int all = (int) Math.min(Integer.MAX_VALUE, (long) count + times);
        return new Finding(id, message, site, sites, device, channel, all, linux, timePs);
    }

    /** What makes two findings the same. */
    record Key(FindingId id, long site, List<Place> sites) {}
}
