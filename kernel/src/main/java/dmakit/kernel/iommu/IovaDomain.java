package dmakit.kernel.iommu;

import dmakit.kernel.Linux;

/**
 * Gives away addresses of an IOMMU's domain: for devices under a limit, from the top down, aligned
 * to the power of two that holds them. Address 0 is never given away.
 *
 * <p>Small ranges, up to 32 pages, are kept when they come back and given away again first, the
 * newest before the others.
 */
@Linux(file = "drivers/iommu/iova.c", symbol = "iova_domain")
final class IovaDomain {
    /** No address. */
    static final long NONE = 0;

    /** Orders of page counts that are kept: up to 32 pages. */
    @Linux(file = "include/linux/iova.h", symbol = "IOVA_RANGE_CACHE_MAX_SIZE")
    static final int CACHED_ORDERS = 6;

    /** How long full magazines stay beyond those that are kept, in milliseconds. */
    @Linux(file = "drivers/iommu/iova.c", symbol = "IOVA_DEPOT_DELAY")
    static final int DEPOT_DELAY_MS = 100;

    private static final int LG2_OF_4G = 32;

    private final int lg2Granule;
    private final IovaRanges ranges;
    private final IovaCache[] caches = new IovaCache[CACHED_ORDERS];
    private Runnable depotGrown = () -> {};

    /**
     * Creates a domain with nothing given away.
     *
     * @param lg2Granule of the smallest page in bytes, at most 32
     * @param start first address of the aperture
     */
    @Linux(file = "drivers/iommu/iova.c", symbol = "init_iova_domain")
    IovaDomain(int lg2Granule, long start) {
        this.lg2Granule = lg2Granule;
        ranges = new IovaRanges(Math.max(1, start >>> lg2Granule), 1L << (LG2_OF_4G - lg2Granule));
        for (int order = 0; order < CACHED_ORDERS; order++) {
            caches[order] = new IovaCache();
        }
    }

    /** Sets who calls {@link #trimDepots} some time after there is something to trim. */
    void onDepotGrown(Runnable listener) {
        depotGrown = listener;
    }

    /** Bytes of the smallest page. */
    long granule() {
        return 1L << lg2Granule;
    }

    /** The bits of an address inside of the smallest page. */
    long granuleMask() {
        return (1L << lg2Granule) - 1;
    }

    /**
     * Takes addresses.
     *
     * @param size in bytes, whole granules, at least one
     * @param limit the last one allowed, inclusive, unsigned
     * @param mayFlush whether what is kept may be given up for it
     * @return the first address, or {@link #NONE}
     */
    @Linux(file = "drivers/iommu/iova.c", symbol = "alloc_iova_fast")
    long take(long size, long limit, boolean mayFlush) {
        long frames = size >>> lg2Granule;
        long end = (limit >>> lg2Granule) + 1;
        int order = orderOf(frames);
        if (order < CACHED_ORDERS) {
            frames = 1L << order;
            long kept = caches[order].take(end - frames);
            if (kept != NONE) {
                return kept << lg2Granule;
            }
        }
        long frame = ranges.take(frames, end);
        if (frame == NONE && mayFlush) {
            giveUpKept();
            frame = ranges.take(frames, end);
        }
        return frame << lg2Granule;
    }

    /** Gives addresses back; the arguments are those of {@link #take}, and what it answered. */
    @Linux(file = "drivers/iommu/iova.c", symbol = "free_iova_fast")
    void give(long iova, long size) {
        int order = orderOf(size >>> lg2Granule);
        if (order >= CACHED_ORDERS) {
            ranges.give(iova >>> lg2Granule);
        } else if (caches[order].give(iova >>> lg2Granule) && caches[order].isDepotTooLarge()) {
            depotGrown.run();
        }
    }

    /** The order of the power of two that holds so many frames. */
    private static int orderOf(long frames) {
        return Long.SIZE - Long.numberOfLeadingZeros(frames - 1);
    }

    /**
     * Keeps addresses from being given away; granules they only touch as well.
     *
     * @param last inclusive, unsigned
     * @return false when there are too many ranges
     */
    boolean reserve(long first, long last) {
        return ranges.reserve(first >>> lg2Granule, last >>> lg2Granule);
    }

    /**
     * Gives up one full magazine of each size that has too many.
     *
     * @return whether there are still too many
     */
    @Linux(file = "drivers/iommu/iova.c", symbol = "iova_depot_work_func")
    boolean trimDepots() {
        boolean more = false;
        for (IovaCache cache : caches) {
            if (cache.isDepotTooLarge()) {
                cache.giveMagazine(ranges);
                more |= cache.isDepotTooLarge();
            }
        }
        return more;
    }

    private void giveUpKept() {
        for (IovaCache cache : caches) {
            cache.giveEverything(ranges);
        }
    }

    /** Ranges that are taken, reserved or kept. */
    int rangeCount() {
        return ranges.count();
    }

    /** Whether an address is taken, reserved or kept; slow. */
    boolean isTaken(long iova) {
        return ranges.isTaken(iova >>> lg2Granule);
    }
}
