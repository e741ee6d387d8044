package dmakit.kernel.cma;

import dmakit.kernel.Errno;
import dmakit.kernel.Linux;
import dmakit.kernel.log.Log;
import dmakit.kernel.log.RateLimit;
import dmakit.kernel.mm.ContiguousMemory;
import dmakit.kernel.mm.PageAllocator;
import dmakit.kernel.mm.VirtualMemory;
import dmakit.machine.Check;
import dmakit.machine.memory.Ram;
import dmakit.machine.memory.Shadow;
import java.util.BitSet;

/**
 * One area. Allocations are whole pages, as many as were asked for, in the lowest place whose page
 * number has the alignment.
 */
@Linux(file = "mm/cma.h", symbol = "cma")
public final class CmaArea implements ContiguousMemory {
    private static final int LG2_PAGE = VirtualMemory.LG2_PAGE;

    private final Log log;
    private final RateLimit limit;
    private final Shadow shadow;
    private final String name;
    private final long basePfn;
    private final int pages;
    private final BitSet taken = new BitSet();
    private boolean active;
    private long allocations;
    private long failures;
    private long allocatedPages;
    private long failedPages;
    private long releasedPages;

    CmaArea(Log log, RateLimit limit, Ram ram, String name, long base, long size) {
        this.log = log;
        this.limit = limit;
        shadow = ram.shadow();
        this.name = name;
        basePfn = base >> LG2_PAGE;
        pages = (int) (size >> LG2_PAGE);
    }

    void activate() {
        active = true;
    }

    /** Its name: that of its node, {@code reserved} for the area of the command line. */
    @Linux(file = "mm/cma.c", symbol = "cma_get_name")
    public String name() {
        return name;
    }

    @Override
    @Linux(file = "mm/cma.c", symbol = "cma_get_base")
    public long base() {
        return basePfn << LG2_PAGE;
    }

    @Override
    @Linux(file = "mm/cma.c", symbol = "cma_get_size")
    public long size() {
        return (long) pages << LG2_PAGE;
    }

    /** Whether it gives memory: not before the page allocator is up, nor across zones. */
    public boolean isActive() {
        return active;
    }

    /** Whether an address lies in it. */
    public boolean contains(long phys) {
        return phys >= base() && phys < base() + size();
    }

    @Override
    public boolean isFree(long phys) {
        return !taken.get((int) ((phys >> LG2_PAGE) - basePfn));
    }

    /**
     * Allocates pages.
     *
     * @param count how many
     * @param alignOrder log2 of the alignment in pages
     * @param silent whether nothing is logged when it fails
     * @return the physical address, or {@link PageAllocator#NONE}
     */
    @Linux(file = "mm/cma.c", symbol = "cma_alloc")
    public long alloc(long count, int alignOrder, boolean silent) {
        if (!active || count <= 0 || count > pages) {
            return PageAllocator.NONE;
        }
        int at = find((int) count, alignOrder);
        if (at < 0) {
            failures++;
            failedPages += count;
            if (!silent) {
                warn(count);
            }
            return PageAllocator.NONE;
        }
        taken.set(at, at + (int) count);
        allocations++;
        allocatedPages += count;
        long phys = (basePfn + at) << LG2_PAGE;
        if (shadow.isOn()) {
            long bytes = count << LG2_PAGE;
            shadow.allocated(phys, bytes, bytes, true);
        }
        return phys;
    }

    @Linux(file = "lib/bitmap.c", symbol = "bitmap_find_next_zero_area_off")
    private int find(int count, int alignOrder) {
        long align = 1L << Math.min(alignOrder, PageAllocator.ORDER_MAX);
        for (int from = 0; ; ) {
            long pfn = basePfn + taken.nextClearBit(from);
            long at = ((pfn + align - 1) & -align) - basePfn;
            if (at > pages - count) {
                return -1;
            }
            int busy = taken.nextSetBit((int) at);
            if (busy < 0 || busy >= at + count) {
                return (int) at;
            }
            from = busy + 1;
        }
    }

    private void warn(long count) {
        if (limit.allows("__cma_alloc")) {
            log.err(
                    "__cma_alloc: %s: alloc failed, req-size: %d pages, ret: -%d",
                    name, count, Errno.ENOMEM.number());
            log.info("number of available pages: %s", available());
        }
    }

    /** Every free run as {@code pages@position}, and the sum. */
    @Linux(file = "mm/cma.c", symbol = "cma_debug_show_areas")
    private String available() {
        StringBuilder text = new StringBuilder();
        long free = 0;
        for (int at = taken.nextClearBit(0); at < pages; ) {
            int end = endOfRun(at);
            text.append(free == 0 ? "" : "+").append(end - at).append('@').append(at);
            free += end - at;
            at = taken.nextClearBit(end);
        }
        return text.append("=> ")
                .append(free)
                .append(" free of ")
                .append(pages)
                .append(" total pages")
                .toString();
    }

    private int endOfRun(int at) {
        int end = taken.nextSetBit(at);
        return end < 0 ? pages : end;
    }

    /**
     * Gives pages back, all or a part of what was allocated.
     *
     * @return false when they do not lie in the area
     * @throws IllegalArgumentException when they leave the area, or one is not allocated
     */
    @Linux(file = "mm/cma.c", symbol = "cma_release")
    public boolean release(long phys, long count) {
        if (!contains(phys)) {
            return false;
        }
        int at = (int) ((phys >> LG2_PAGE) - basePfn);
        Check.argument(
                count > 0 && count <= pages - at && taken.nextClearBit(at) >= at + count,
                "phys:0x%x, %d pages: not all of them are allocated from the CMA area",
                phys,
                count);
        taken.clear(at, at + (int) count);
        releasedPages += count;
        if (shadow.isOn()) {
            shadow.pagesFreed(phys, count << LG2_PAGE);
        }
        return true;
    }

    // What its files show.

    /** Pages it has. */
    public int pages() {
        return pages;
    }

    /** Pages that are allocated. */
    public int usedPages() {
        return taken.cardinality();
    }

    @Override
    public long freePages() {
        return active ? pages - usedPages() : 0;
    }

    /** Pages of the longest free run. */
    public int largestFreeRun() {
        int longest = 0;
        for (int at = taken.nextClearBit(0); at < pages; ) {
            int end = endOfRun(at);
            longest = Math.max(longest, end - at);
            at = taken.nextClearBit(end);
        }
        return longest;
    }

    /** One bit per page, the lowest first; set for pages that are allocated. */
    public int[] bitmap() {
        int[] words = new int[(pages + Integer.SIZE - 1) / Integer.SIZE];
        for (int at = taken.nextSetBit(0); at >= 0; at = taken.nextSetBit(at + 1)) {
            words[at / Integer.SIZE] |= 1 << at;
        }
        return words;
    }

    /** Allocations that were served since boot. */
    public long allocations() {
        return allocations;
    }

    /** Allocations that were not. */
    public long failures() {
        return failures;
    }

    /** Pages that were allocated since boot. */
    public long allocatedPages() {
        return allocatedPages;
    }

    /** Pages that were asked for in vain since boot. */
    public long failedPages() {
        return failedPages;
    }

    /** Pages that were given back since boot. */
    public long releasedPages() {
        return releasedPages;
    }

    /** {@code cma NAME at phys:0x..., N pages}. */
    @Override
    public String toString() {
        return "cma %s at phys:0x%x, %d pages".formatted(name, base(), pages);
    }
}
