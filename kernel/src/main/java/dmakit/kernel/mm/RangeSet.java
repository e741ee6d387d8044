package dmakit.kernel.mm;

import java.util.ArrayList;
import java.util.List;

/** Disjoint ranges of addresses in ascending order; neighbours that touch are one. */
final class RangeSet {
    /**
     * One range.
     *
     * @param start first address
     * @param end exclusive
     */
    record Range(long start, long end) {}

    private List<Range> ranges = new ArrayList<>();

    List<Range> ranges() {
        return List.copyOf(ranges);
    }

    void add(long start, long end) {
        long from = start;
        long to = end;
        List<Range> next = new ArrayList<>(ranges.size() + 1);
        int at = 0;
        for (Range range : ranges) {
            if (range.end < from) {
                next.add(range);
                at = next.size();
            } else if (range.start > to) {
                next.add(range);
            } else {
                from = Math.min(from, range.start);
                to = Math.max(to, range.end);
            }
        }
        next.add(at, new Range(from, to));
        ranges = next;
    }

    void remove(long start, long end) {
        List<Range> left = new ArrayList<>(ranges.size() + 1);
        for (Range range : ranges) {
            if (end <= range.start || start >= range.end) {
                left.add(range);
                continue;
            }
            if (range.start < start) {
                left.add(new Range(range.start, start));
            }
            if (end < range.end) {
                left.add(new Range(end, range.end));
            }
        }
        ranges = left;
    }

    /** How many bytes of a range are in the set. */
    long overlap(long start, long end) {
        long bytes = 0;
        for (Range range : ranges) {
            bytes += Math.max(0, Math.min(end, range.end) - Math.max(start, range.start));
        }
        return bytes;
    }
}
