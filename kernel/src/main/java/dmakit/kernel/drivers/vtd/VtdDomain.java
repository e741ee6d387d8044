package dmakit.kernel.drivers.vtd;

import dmakit.datasheet.vtd.SecondLevelEntry;
import dmakit.datasheet.vtd.SecondLevelEntry.Low;
import dmakit.kernel.Errno;
import dmakit.kernel.Linux;
import dmakit.kernel.iommu.IommuProt;
import dmakit.kernel.iommu.IotlbGather;
import dmakit.kernel.iommu.PagingDomain;
import dmakit.kernel.log.Level;
import dmakit.kernel.mm.Gfp;

/** A domain of one unit: an id, and tables. */
@Linux(file = "drivers/iommu/intel/iommu.h", symbol = "dmar_domain")
final class VtdDomain implements PagingDomain {
    private final VtdUnit unit;
    private final int id;
    private final int levels;
    private final long pageSizes;
    private final SecondLevelTables tables;
    private int lastError;

    VtdDomain(VtdUnit unit, int id, int levels, long pageSizes, SecondLevelTables tables) {
        this.unit = unit;
        this.id = id;
        this.levels = levels;
        this.pageSizes = pageSizes;
        this.tables = tables;
    }

    VtdUnit unit() {
        return unit;
    }

    /** What the unit tells its translations from others by. */
    int id() {
        return id;
    }

    int levels() {
        return levels;
    }

    /** Physical address of the root of its tables. */
    long root() {
        return tables.root();
    }

    @Override
    public long pageSizes() {
        return pageSizes;
    }

    @Override
    public long apertureLast() {
        return (1L << SecondLevelTables.shiftOf(levels + 1)) - 1;
    }

    @Override
    public long physLast() {
        return unit.physLast();
    }

    @Override
    public long mapPages(long iova, long phys, long pageSize, long count, int prot, Gfp gfp) {
        long allowed = 0;
        if ((prot & IommuProt.READ) != 0) {
            allowed |= Low.R.mask();
        }
        if ((prot & IommuProt.WRITE) != 0) {
            allowed |= Low.W.mask();
        }
        int shift = Long.numberOfTrailingZeros(pageSize);
        int level = 1 + (shift - SecondLevelTables.LG2_PAGE) / SecondLevelEntry.LG2_ENTRIES;
        long mapped = tables.map(iova, phys, level, count, allowed, gfp);
        lastError = mapped == count ? 0 : noteError(iova + mapped * pageSize);
        return mapped * pageSize;
    }

    private int noteError(long iova) {
        Errno error = tables.mapError();
        if (error == Errno.EEXIST) {
            unit.log()
                    .printk(
                            Level.CRIT,
                            "ERROR: DMA PTE for vPFN 0x%x already set (to %x not %x)",
                            iova >>> SecondLevelTables.LG2_PAGE,
                            tables.takenEntry(),
                            tables.refusedEntry());
        }
        return error.number();
    }

    @Override
    public int lastError() {
        return lastError;
    }

    @Override
    public long unmapPages(long iova, long pageSize, long count, IotlbGather gather) {
        return tables.unmap(iova, pageSize * count, gather);
    }

    @Override
    public void sync(IotlbGather gather) {
        if (!gather.isEmpty()) {
            unit.queue().flushRange(id, gather.start(), gather.last(), gather.tableCount() == 0);
        }
    }

    @Override
    public void freeTable(long phys) {
        unit.pages().give(phys, 0);
    }

    @Override
    public void flushAll() {
        unit.queue().flushDomain(id);
    }

    @Override
    public long iovaToPhys(long iova) {
        return Long.compareUnsigned(iova, apertureLast()) <= 0 ? tables.physOf(iova) : 0;
    }

    @Override
    public void free() {
        tables.free();
        unit.releaseDomain(id);
    }
}
