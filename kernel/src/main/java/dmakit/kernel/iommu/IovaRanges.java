package dmakit.kernel.iommu;

import dmakit.kernel.Linux;
import java.util.Arrays;

/**
 * Which page frames of an IOVA space are taken, in order.
 *
 * <p>A search goes downwards and takes the highest place that fits, but it starts where the last
 * one ended: at one of two hints, for addresses of 32 bits and for all others. Both hints are part
 * of what a driver sees, because they decide which address it gets.
 *
 * <p>Linux keeps a red-black tree. Here neighbours are linked, and a hash finds a range by its
 * first frame: a search walks over the same ranges, and nothing else has to.
 */
@Linux(file = "drivers/iommu/iova.c", symbol = "iova_domain")
final class IovaRanges {
    /** No frame: never given away. */
    static final long NONE = 0;

    /** Ranges taken at the same time; who wants more gets none. */
    static final int COUNT_MAX = 1 << 24;

    private static final int ANCHOR = 0;
    private static final int NIL = -1;
    private static final int CAPACITY_MIN = 64;

    private final int countMax;
    private final long lowest;
    private final long end32;

    private long[] first = new long[CAPACITY_MIN];
    private long[] last = new long[CAPACITY_MIN];
    private int[] below = new int[CAPACITY_MIN];
    private int[] above = new int[CAPACITY_MIN];
    private int used = 1;
    private int unused = NIL;
    private int count;

    private int[] byFirst = new int[2 * CAPACITY_MIN];
    private int hashMask = byFirst.length - 1;
    private int hashShift = Long.numberOfLeadingZeros(hashMask);

    private int hint = ANCHOR;
    private int hint32 = ANCHOR;
    private long refused32;
    private int neighbour;

    /**
     * Creates a space with nothing taken.
     *
     * @param lowest frame given away, at least 1
     * @param end32 first frame behind 4 GiB
     */
    IovaRanges(long lowest, long end32) {
        this(lowest, end32, COUNT_MAX);
    }

    IovaRanges(long lowest, long end32, int countMax) {
        this.lowest = lowest;
        this.end32 = end32;
        this.countMax = countMax;
        first[ANCHOR] = Long.MAX_VALUE;
        last[ANCHOR] = Long.MAX_VALUE;
        below[ANCHOR] = NIL;
        above[ANCHOR] = NIL;
        refused32 = end32;
    }

    /** Ranges that were given away or reserved. */
    int count() {
        return count;
    }

    /**
     * Takes frames, aligned to the power of two that holds them.
     *
     * @param frames how many, at least 1
     * @param end all of them lie before it
     * @return the first, or {@link #NONE}
     */
    @Linux(file = "drivers/iommu/iova.c", symbol = "__alloc_and_insert_iova_range")
    long take(long frames, long end) {
        boolean is32 = end <= end32;
        if ((is32 && frames >= refused32) || count == countMax || frames > end) {
            return NONE;
        }
        int from = is32 ? hint32 : hint;
        long align = -ceilingPowerOfTwo(frames);
        long found = search(from, frames, align, lowest, end);
        if (found == NONE && last[from] < end) {
            // What lies above the hint was skipped.
            found = search(lowestFrom(end, from), frames, align, last[from] + 1, end);
        }
        if (found == NONE) {
            refused32 = frames;
            return NONE;
        }
        int node = insert(found, found + frames - 1, neighbour);
        enter(node);
        if (last[node] < end32) {
            hint32 = node;
        } else {
            hint = node;
        }
        return found;
    }

    /** The highest place below a range; the range right above the place is the neighbour then. */
    private long search(int from, long frames, long align, long least, long end) {
        long high = end;
        for (int at = from; ; at = below[at]) {
            high = Math.min(high, first[at]);
            long candidate = (high - frames) & align;
            int next = below[at];
            if (candidate < least) {
                return NONE;
            }
            if (next == NIL || candidate > last[next]) {
                neighbour = at;
                return candidate;
            }
        }
    }

    /** The lowest range that does not start before a frame; {@code from} lies below it. */
    @Linux(file = "drivers/iommu/iova.c", symbol = "iova_find_limit")
    private int lowestFrom(long frame, int from) {
        if (frame > end32) {
            return ANCHOR;
        }
        int at = from;
        while (first[at] < frame) {
            at = above[at];
        }
        return at;
    }

    private static long ceilingPowerOfTwo(long value) {
        return value <= 1 ? 1 : Long.highestOneBit(value - 1) << 1;
    }

    /**
     * Gives back what {@link #take} gave.
     *
     * @param frame its first frame
     * @return false when no range starts there
     */
    @Linux(file = "drivers/iommu/iova.c", symbol = "free_iova")
    boolean give(long frame) {
        int node = leave(frame);
        if (node == NIL) {
            return false;
        }
        int up = above[node];
        if (node == hint32 || (last[node] < end32 && first[node] >= first[hint32])) {
            hint32 = up;
        }
        if (first[node] < end32) {
            refused32 = end32;
        }
        if (first[node] >= first[hint]) {
            hint = up;
        }
        remove(node);
        return true;
    }

    /**
     * Takes a range for ever. What of it is taken already stays so.
     *
     * @param to its last frame, not before {@code from}
     * @return false when there are {@link #COUNT_MAX} ranges
     */
    @Linux(file = "drivers/iommu/iova.c", symbol = "reserve_iova")
    boolean reserve(long from, long to) {
        int up = ANCHOR;
        while (below[up] != NIL && first[below[up]] > to) {
            up = below[up];
        }
        long high = to;
        while (high >= from) {
            int down = below[up];
            long free = down == NIL ? from : Math.max(from, last[down] + 1);
            if (free <= high) {
                if (count == countMax) {
                    return false;
                }
                insert(free, high, up);
                up = below[up];
            }
            if (down == NIL) {
                break;
            }
            high = Math.min(high, first[down] - 1);
            up = down;
        }
        return true;
    }

    /** Whether a frame is taken; looks at every range. */
    boolean isTaken(long frame) {
        for (int at = below[ANCHOR]; at != NIL; at = below[at]) {
            if (frame >= first[at] && frame <= last[at]) {
                return true;
            }
        }
        return false;
    }

    // Neighbours.

    private int insert(long from, long to, int up) {
        int node = unused;
        if (node == NIL) {
            if (used == first.length) {
                grow();
            }
            node = used++;
        } else {
            unused = above[node];
        }
        int down = below[up];
        first[node] = from;
        last[node] = to;
        above[node] = up;
        below[node] = down;
        below[up] = node;
        if (down != NIL) {
            above[down] = node;
        }
        count++;
        return node;
    }

    private void remove(int node) {
        int up = above[node];
        int down = below[node];
        below[up] = down;
        if (down != NIL) {
            above[down] = up;
        }
        above[node] = unused;
        unused = node;
        count--;
    }

    private void grow() {
        int capacity = 2 * first.length;
        first = Arrays.copyOf(first, capacity);
        last = Arrays.copyOf(last, capacity);
        below = Arrays.copyOf(below, capacity);
        above = Arrays.copyOf(above, capacity);
        int[] old = byFirst;
        byFirst = new int[2 * capacity];
        hashMask = byFirst.length - 1;
        hashShift = Long.numberOfLeadingZeros(hashMask);
        for (int node : old) {
            if (node != 0) {
                enter(node);
            }
        }
    }

    // The hash: nodes by their first frame; 0, the anchor, is an empty slot.

    private void enter(int node) {
        int at = slotOf(first[node]);
        while (byFirst[at] != 0) {
            at = (at + 1) & hashMask;
        }
        byFirst[at] = node;
    }

    private int leave(long frame) {
        for (int at = slotOf(frame); byFirst[at] != 0; at = (at + 1) & hashMask) {
            int node = byFirst[at];
            if (first[node] == frame) {
                close(at);
                return node;
            }
        }
        return NIL;
    }

    /** Empties a slot and moves those behind it up that would not be found any more. */
    private void close(int slot) {
        int hole = slot;
        for (int at = (hole + 1) & hashMask; byFirst[at] != 0; at = (at + 1) & hashMask) {
            int home = slotOf(first[byFirst[at]]);
            if (((at - home) & hashMask) >= ((at - hole) & hashMask)) {
                byFirst[hole] = byFirst[at];
                hole = at;
            }
        }
        byFirst[hole] = 0;
    }

    /** By the golden ratio, from the top bits: neighbours lie as far apart as they can. */
    private int slotOf(long frame) {
        return (int) ((frame * 0x9e37_79b9_7f4a_7c15L) >>> hashShift);
    }
}
