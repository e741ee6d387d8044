package dmakit.kernel.iommu;

import dmakit.kernel.Linux;
import java.util.Arrays;

/**
 * Ranges of one size that were given back, the newest on top: two magazines of the CPU, and a depot
 * of full ones. For the ranges below it they stay taken.
 */
@Linux(file = "drivers/iommu/iova.c", symbol = "iova_rcache")
final class IovaCache {
    /** Ranges a magazine holds. */
    @Linux(file = "drivers/iommu/iova.c", symbol = "IOVA_MAG_SIZE")
    static final int MAGAZINE_SIZE = 127;

    /** Full magazines the depot keeps for longer: one for each CPU. */
    static final int DEPOT_KEPT = 1;

    private static final int DEPOT_CAPACITY_MIN = 4;

    private long[] loaded = new long[MAGAZINE_SIZE];
    private int loadedCount;
    private long[] previous = new long[MAGAZINE_SIZE];
    private int previousCount;

    /** Full magazines below {@link #depotCount}, empty ones above it up to {@link #magazines}. */
    private long[][] depot = new long[DEPOT_CAPACITY_MIN][];

    private int depotCount;
    private int magazines;

    /**
     * Takes the newest range.
     *
     * @param lastFirst it starts there at the latest
     * @return its first frame, or {@link IovaRanges#NONE}
     */
    @Linux(file = "drivers/iommu/iova.c", symbol = "__iova_rcache_get")
    long take(long lastFirst) {
        if (loadedCount == 0 && !refill()) {
            return IovaRanges.NONE;
        }
        for (int i = loadedCount - 1; i >= 0; i--) {
            long frame = loaded[i];
            if (frame <= lastFirst) {
                loaded[i] = loaded[--loadedCount];
                return frame;
            }
        }
        return IovaRanges.NONE;
    }

    private boolean refill() {
        if (previousCount > 0) {
            swap();
            return true;
        }
        if (depotCount == 0) {
            return false;
        }
        long[] full = depot[--depotCount];
        depot[depotCount] = loaded;
        loaded = full;
        loadedCount = MAGAZINE_SIZE;
        return true;
    }

    /**
     * Keeps a range.
     *
     * @return whether a full magazine went into the depot
     */
    @Linux(file = "drivers/iommu/iova.c", symbol = "__iova_rcache_insert")
    boolean give(long frame) {
        boolean stored = false;
        if (loadedCount == MAGAZINE_SIZE) {
            if (previousCount < MAGAZINE_SIZE) {
                swap();
            } else {
                store();
                stored = true;
            }
        }
        loaded[loadedCount++] = frame;
        return stored;
    }

    private void swap() {
        long[] magazine = loaded;
        int held = loadedCount;
        loaded = previous;
        loadedCount = previousCount;
        previous = magazine;
        previousCount = held;
    }

    private void store() {
        if (depotCount == depot.length) {
            depot = Arrays.copyOf(depot, 2 * depotCount);
        }
        long[] empty;
        if (depotCount < magazines) {
            empty = depot[depotCount];
        } else {
            empty = new long[MAGAZINE_SIZE];
            magazines++;
        }
        depot[depotCount++] = loaded;
        loaded = empty;
        loadedCount = 0;
    }

    /** Whether the depot holds more than it keeps. */
    boolean isDepotTooLarge() {
        return depotCount > DEPOT_KEPT;
    }

    /** Full magazines in the depot. */
    int depotCount() {
        return depotCount;
    }

    /** Empties the depot's newest magazine into the ranges. */
    void giveMagazine(IovaRanges ranges) {
        depotCount--;
        giveAll(depot[depotCount], MAGAZINE_SIZE, ranges);
    }

    /** Empties everything into the ranges. */
    @Linux(file = "drivers/iommu/iova.c", symbol = "free_cpu_cached_iovas")
    void giveEverything(IovaRanges ranges) {
        giveAll(loaded, loadedCount, ranges);
        giveAll(previous, previousCount, ranges);
        loadedCount = 0;
        previousCount = 0;
        while (depotCount > 0) {
            giveMagazine(ranges);
        }
    }

    private static void giveAll(long[] magazine, int held, IovaRanges ranges) {
        for (int i = 0; i < held; i++) {
            ranges.give(magazine[i]);
        }
    }
}
