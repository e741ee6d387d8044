package dmakit.kernel.iommu;

import dmakit.kernel.Errno;
import dmakit.kernel.mm.Gfp;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Page tables in a map, and a cache of all that was ever looked up until it is flushed. */
final class TestDomain implements PagingDomain {
    static final long PAGE = 4096;
    static final long BLOCK = 2 << 20;

    /** One mapped page. */
    record Leaf(long phys, long size, int prot) {}

    final TreeMap<Long, Leaf> leaves = new TreeMap<>();
    final TreeMap<Long, Leaf> cached = new TreeMap<>();
    final List<String> log = new ArrayList<>();
    final List<Long> freedTables = new ArrayList<>();
    long pageSizes = PAGE | BLOCK;
    long apertureLast = (1L << 48) - 1;
    int leafCountMax = Integer.MAX_VALUE;
    int syncs;
    int flushes;
    boolean freed;
    private int lastError;

    @Override
    public long pageSizes() {
        return pageSizes;
    }

    @Override
    public long apertureLast() {
        return apertureLast;
    }

    @Override
    public long physLast() {
        return (1L << 40) - 1;
    }

    @Override
    public long mapPages(long iova, long phys, long pageSize, long count, int prot, Gfp gfp) {
        lastError = 0;
        for (long i = 0; i < count; i++) {
            long at = iova + i * pageSize;
            Map.Entry<Long, Leaf> below = leaves.lowerEntry(at + pageSize);
            if (below != null && below.getKey() + below.getValue().size() > at) {
                lastError = Errno.EEXIST.number();
                return i * pageSize;
            }
            if (leaves.size() >= leafCountMax) {
                lastError = Errno.ENOMEM.number();
                return i * pageSize;
            }
            leaves.put(at, new Leaf(phys + i * pageSize, pageSize, prot));
        }
        return count * pageSize;
    }

    @Override
    public int lastError() {
        return lastError;
    }

    @Override
    public long unmapPages(long iova, long pageSize, long count, IotlbGather gather) {
        long done = 0;
        while (done < pageSize * count) {
            Leaf leaf = leaves.remove(iova + done);
            if (leaf == null) {
                break;
            }
            gather.add(iova + done, leaf.size(), leaf.size());
            done += leaf.size();
        }
        if (done == BLOCK) {
            gather.addTable(iova);
        }
        return done;
    }

    @Override
    public void sync(IotlbGather gather) {
        syncs++;
        cached.subMap(gather.start(), true, gather.last(), true).clear();
    }

    @Override
    public void flushAll() {
        flushes++;
        cached.clear();
    }

    @Override
    public void freeTable(long phys) {
        freedTables.add(phys);
    }

    /** What a master reaches, as the IOMMU sees it: stale translations too; -1 for nothing. */
    long reach(long iova) {
        Map.Entry<Long, Leaf> entry = cached.floorEntry(iova);
        if (entry == null || iova - entry.getKey() >= entry.getValue().size()) {
            entry = leaves.floorEntry(iova);
            if (entry == null || iova - entry.getKey() >= entry.getValue().size()) {
                return -1;
            }
            cached.put(entry.getKey(), entry.getValue());
        }
        return entry.getValue().phys() + (iova - entry.getKey());
    }

    @Override
    public long iovaToPhys(long iova) {
        Map.Entry<Long, Leaf> entry = leaves.floorEntry(iova);
        return entry == null || iova - entry.getKey() >= entry.getValue().size()
                ? 0
                : entry.getValue().phys() + (iova - entry.getKey());
    }

    @Override
    public void free() {
        freed = true;
    }
}
