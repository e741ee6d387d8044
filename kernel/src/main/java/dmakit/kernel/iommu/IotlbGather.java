package dmakit.kernel.iommu;

import dmakit.kernel.Linux;
import java.util.Arrays;

/**
 * A range of addresses whose translations are gone from the page tables and still have to go from
 * the IOMMU, and the tables that are empty now. One object serves for many unmaps, without
 * allocation.
 */
@Linux(file = "include/linux/iommu.h", symbol = "iommu_iotlb_gather")
public final class IotlbGather {
    private long start = -1;
    private long last;
    private long pageSize;
    private long[] tables = {};
    private int tableCount;

    /** Creates an empty one. */
    public IotlbGather() {}

    /** Forgets the range and the tables. */
    public void clear() {
        start = -1;
        last = 0;
        pageSize = 0;
        tableCount = 0;
    }

    /**
     * Adds a table that hangs in no other any more, but that the IOMMU may still walk through: the
     * core hands it to {@link PagingDomain#freeTable} when the IOMMU has forgotten the range.
     *
     * @param phys its physical address
     */
    public void addTable(long phys) {
        if (tableCount == tables.length) {
            tables = Arrays.copyOf(tables, Math.max(8, 2 * tableCount));
        }
        tables[tableCount++] = phys;
    }

    /** How many tables were added. */
    public int tableCount() {
        return tableCount;
    }

    /** A table that was added. */
    public long table(int i) {
        return tables[i];
    }

    /**
     * Adds pages.
     *
     * @param size in bytes, at least 1
     * @param granule their size, each
     */
    public void add(long iova, long size, long granule) {
        long end = iova + (size - 1);
        if (isEmpty()) {
            start = iova;
            last = end;
            pageSize = granule;
            return;
        }
        start = Long.compareUnsigned(iova, start) < 0 ? iova : start;
        last = Long.compareUnsigned(end, last) > 0 ? end : last;
        pageSize = Math.min(pageSize, granule);
    }

    /** Whether nothing was added. */
    public boolean isEmpty() {
        return pageSize == 0;
    }

    /** First address. */
    public long start() {
        return start;
    }

    /** Last address, inclusive. */
    public long last() {
        return last;
    }

    /** Size of the smallest page in it, in bytes. */
    public long pageSize() {
        return pageSize;
    }
}
