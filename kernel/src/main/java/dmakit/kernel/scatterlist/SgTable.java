package dmakit.kernel.scatterlist;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.mm.VirtualMemory;
import dmakit.machine.Check;

/**
 * A list with its two counts: entries the CPU sees, and entries a device sees once it is mapped.
 *
 * <p>Linux cuts a large table into pages of entries that are chained. Here a table is one run
 * unless its maker chains it; who follows {@link Scatterlist#next} need not care.
 */
@Linux(file = "include/linux/scatterlist.h", symbol = "sg_table")
public final class SgTable {
    /** Largest number of entries of one table. */
    public static final int ENTRIES_MAX = 1 << 24;

    private static final long PAGE = VirtualMemory.PAGE_BYTES;
    private static final long SEGMENT_MAX = Scatterlist.LENGTH_MAX & -PAGE;

    private final Scatterlist sgl;
    private final int origNents;
    private int nents;

    /** A table of a list that exists; all its entries are counted. */
    public SgTable(Scatterlist sgl) {
        this.sgl = sgl;
        origNents = sgl.entries();
        nents = origNents;
    }

    /**
     * Allocates a table of empty entries.
     *
     * @throws KernelException EINVAL for 0 entries, ENOMEM above {@link #ENTRIES_MAX}
     */
    @Linux(file = "lib/scatterlist.c", symbol = "sg_alloc_table")
    public static SgTable allocate(int entries) {
        if (entries == 0) {
            throw new KernelException(Errno.EINVAL, "a table of 0 entries");
        }
        if (entries < 0 || entries > ENTRIES_MAX) {
            throw new KernelException(
                    Errno.ENOMEM,
                    "a table of %s entries, limit is %d",
                    Integer.toUnsignedString(entries),
                    ENTRIES_MAX);
        }
        return new SgTable(new Scatterlist(entries));
    }

    /**
     * A table of pages, where pages that lie behind each other share an entry.
     *
     * @param pages physical addresses
     * @param offset of the first byte in the first page
     * @param size in bytes
     * @throws KernelException EINVAL as {@link #fromPages(long[], int, int, long, long)}
     */
    @Linux(file = "include/linux/scatterlist.h", symbol = "sg_alloc_table_from_pages")
    public static SgTable fromPages(long[] pages, int count, int offset, long size) {
        return fromPages(pages, count, offset, size, SEGMENT_MAX);
    }

    /**
     * As above, with entries of a limited size.
     *
     * @param pages physical addresses, page aligned
     * @param count how many of them
     * @param segmentMax largest entry in bytes, rounded down to whole pages
     * @throws KernelException EINVAL when there is no page, a page is misaligned or an entry may
     *     not hold one
     */
    @Linux(file = "lib/scatterlist.c", symbol = "sg_alloc_table_from_pages_segment")
    public static SgTable fromPages(
            long[] pages, int count, int offset, long size, long segmentMax) {
        long limit = Math.min(segmentMax, SEGMENT_MAX) & -PAGE;
        if (limit < PAGE || count < 1 || count > pages.length || offset < 0 || size < 0) {
            throw new KernelException(
                    Errno.EINVAL,
                    "%d pages, offset %d, %d bytes, segments of at most %d bytes",
                    count,
                    offset,
                    size,
                    segmentMax);
        }
        SgTable table = allocate(chunks(pages, count, limit));
        Scatterlist sgl = table.sgl;
        long left = size;
        int inFirst = offset;
        int entry = 0;
        for (int first = 0; first < count; entry++) {
            int behind = runEnd(pages, count, first, limit);
            long bytes = Math.min(left, (behind - first) * PAGE - inFirst);
            sgl.setPage(entry, pages[first], Math.max(0, bytes), inFirst);
            left -= Math.max(0, bytes);
            inFirst = 0;
            first = behind;
        }
        return table;
    }

    /** The list. */
    public Scatterlist sgl() {
        return sgl;
    }

    /** Entries of the CPU's view. */
    public int origNents() {
        return origNents;
    }

    /** Entries of the device's view: set by mapping, all of them before. */
    public int nents() {
        return nents;
    }

    /** Sets the entries of the device's view; for the DMA layer. */
    public void setNents(int count) {
        Check.argument(
                count >= 0 && count <= origNents, "%d mapped entries of %d", count, origNents);
        nents = count;
    }

    private static int chunks(long[] pages, int count, long limit) {
        int chunks = 0;
        for (int first = 0; first < count; first = runEnd(pages, count, first, limit)) {
            chunks++;
        }
        return chunks;
    }

    private static int runEnd(long[] pages, int count, int first, long limit) {
        if ((pages[first] & (PAGE - 1)) != 0) {
            throw new KernelException(
                    Errno.EINVAL, "page phys:0x%x is not page aligned", pages[first]);
        }
        int at = first + 1;
        while (at < count && pages[at] == pages[at - 1] + PAGE && (at - first) * PAGE < limit) {
            at++;
        }
        return at;
    }
}
