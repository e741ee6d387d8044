package dmakit.kernel.mm;

import org.jspecify.annotations.Nullable;

/**
 * The buddy system over one contiguous run of pages: the part of a RAM bank in one zone. Blocks
 * neither start nor merge outside of it.
 *
 * <p>Its memory is one bit per page and order, and one byte per page in chunks that exist once a
 * page in them was allocated.
 */
final class BuddyRegion {
    private static final int LG2_CHUNK = 12;

    private final Zone zone;
    private final long firstPfn;
    private final long endPfn;
    private final long basePfn;
    private final FreeBits[] free = new FreeBits[PageAllocator.ORDER_MAX + 1];
    private final byte[] @Nullable [] heads;
    private long freePages;
    private long managedPages;

    BuddyRegion(Zone zone, long firstPfn, long endPfn) {
        this.zone = zone;
        this.firstPfn = firstPfn;
        this.endPfn = endPfn;
        basePfn = firstPfn & -(1L << PageAllocator.ORDER_MAX);
        for (int order = 0; order < free.length; order++) {
            free[order] = new FreeBits((int) ((endPfn - basePfn) >> order) + 1);
        }
        heads = new byte[(int) ((endPfn - basePfn) >> LG2_CHUNK) + 1][];
    }

    Zone zone() {
        return zone;
    }

    boolean contains(long pfn) {
        return pfn >= firstPfn && pfn < endPfn;
    }

    long freePages() {
        return freePages;
    }

    long managedPages() {
        return managedPages;
    }

    int freeBlocks(int order) {
        return free[order].count();
    }

    /** Hands over the pages of a physical range that lie here, in the largest aligned blocks. */
    void releaseWithin(long start, long end) {
        long stopPfn = Math.min(end >> VirtualMemory.LG2_PAGE, endPfn);
        long pfn = Math.max(start >> VirtualMemory.LG2_PAGE, firstPfn);
        while (pfn < stopPfn) {
            int order =
                    Math.min(
                            PageAllocator.ORDER_MAX,
                            Math.min(
                                    Long.numberOfTrailingZeros(pfn),
                                    63 - Long.numberOfLeadingZeros(stopPfn - pfn)));
            add(pfn, order);
            managedPages += 1L << order;
            pfn += 1L << order;
        }
    }

    /** Takes the lowest free block of exactly {@code from}, and splits it down to {@code order}. */
    long take(int order, int from) {
        int block = free[from].lowest();
        free[from].remove(block);
        long pfn = ((basePfn >> from) + block) << from;
        for (int half = from - 1; half >= order; half--) {
            free[half].add(index(pfn + (1L << half), half));
        }
        freePages -= 1L << order;
        mark(pfn, order + 1);
        return pfn;
    }

    /** The order of the block allocated at a page, or -1 when none starts there. */
    int allocatedOrder(long pfn) {
        byte[] chunk = heads[(int) ((pfn - basePfn) >> LG2_CHUNK)];
        return chunk == null ? -1 : chunk[(int) ((pfn - basePfn) & ((1 << LG2_CHUNK) - 1))] - 1;
    }

    /** Makes blocks of single pages of an allocated one. */
    void split(long pfn, int order) {
        for (long page = pfn; page < pfn + (1L << order); page++) {
            mark(page, 1);
        }
    }

    /** Whether a page is free. */
    boolean isFree(long pfn) {
        for (int order = 0; order < free.length; order++) {
            if (free[order].has(index(pfn, order))) {
                return true;
            }
        }
        return false;
    }

    void give(long pfn, int order) {
        mark(pfn, 0);
        add(pfn, order);
    }

    /** Adds a free block, merged with its buddies. */
    private void add(long pfn, int order) {
        freePages += 1L << order;
        long merged = pfn;
        int at = order;
        while (at < PageAllocator.ORDER_MAX) {
            long buddy = merged ^ (1L << at);
            if (buddy < firstPfn
                    || buddy + (1L << at) > endPfn
                    || !free[at].has(index(buddy, at))) {
                break;
            }
            free[at].remove(index(buddy, at));
            merged &= ~(1L << at);
            at++;
        }
        free[at].add(index(merged, at));
    }

    private int index(long pfn, int order) {
        return (int) ((pfn >> order) - (basePfn >> order));
    }

    private void mark(long pfn, int value) {
        int at = (int) ((pfn - basePfn) >> LG2_CHUNK);
        byte[] chunk = heads[at];
        if (chunk == null) {
            chunk = new byte[1 << LG2_CHUNK];
            heads[at] = chunk;
        }
        chunk[(int) ((pfn - basePfn) & ((1 << LG2_CHUNK) - 1))] = (byte) value;
    }
}
