package dmakit.machine.memory;

import java.util.Arrays;

/**
 * A set-associative cache of a real size that gives up the line used longest ago.
 *
 * <p>Models the outermost level that the CPU does not share with devices; levels inside it hold
 * nothing that it does not, so they do not change what a device sees.
 */
final class LruEviction extends CachePolicy {
    private static final long EMPTY = -1;

    private final int ways;
    private final int setMask;
    private final long[] lines;
    private final long[] usedAt;
    private long tick;

    /** A cache of the given geometry; both numbers are at least 1, {@code sets} a power of two. */
    LruEviction(int sets, int ways) {
        this.ways = ways;
        setMask = sets - 1;
        lines = new long[sets * ways];
        usedAt = new long[sets * ways];
        Arrays.fill(lines, EMPTY);
    }

    @Override
    boolean followsTouches() {
        return true;
    }

    @Override
    void filled(CpuView view, long first, long last) {
        for (long line = first; line <= last; line++) {
            touched(view, line);
        }
    }

    @Override
    void touched(CpuView view, long line) {
        int first = ((int) line & setMask) * ways;
        int victim = first;
        for (int way = first; way < first + ways; way++) {
            if (lines[way] == line) {
                usedAt[way] = ++tick;
                return;
            }
            if (lines[way] == EMPTY || !view.isValid(lines[way])) {
                lines[way] = EMPTY;
                usedAt[way] = 0;
            }
            if (usedAt[way] < usedAt[victim]) {
                victim = way;
            }
        }
        if (lines[victim] != EMPTY) {
            view.evict(lines[victim]);
        }
        lines[victim] = line;
        usedAt[victim] = ++tick;
    }
}
