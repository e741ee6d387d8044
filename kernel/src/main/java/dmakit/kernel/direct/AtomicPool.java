package dmakit.kernel.direct;

import dmakit.kernel.Linux;
import dmakit.kernel.mm.PageAllocator;
import dmakit.kernel.mm.VirtualMemory;
import dmakit.machine.Check;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** One pool: a block of pages, given out in aligned runs, lowest first. */
@Linux(file = "lib/genalloc.c", symbol = "gen_pool_first_fit_order_align")
final class AtomicPool {
    private final long va;
    private final long phys;
    private final long size;
    private final int pages;
    private final BitSet used = new BitSet();

    AtomicPool(long va, long phys, long size) {
        this.va = va;
        this.phys = phys;
        this.size = size;
        pages = (int) (size >> VirtualMemory.LG2_PAGE);
    }

    AtomicPools.@Nullable Range take(long bytes) {
        if (bytes > size) {
            return null;
        }
        int wanted = (int) (bytes >> VirtualMemory.LG2_PAGE);
        int align = 1 << PageAllocator.orderFor(bytes);
        for (int at = 0; at + wanted <= pages; ) {
            int busy = used.nextSetBit(at);
            if (busy < 0 || busy >= at + wanted) {
                used.set(at, at + wanted);
                long offset = (long) at << VirtualMemory.LG2_PAGE;
                return new AtomicPools.Range(va + offset, phys + offset);
            }
            at = (busy + align) & -align;
        }
        return null;
    }

    boolean holds(long address, long bytes) {
        return address >= va && address < va + size && bytes <= va + size - address;
    }

    void give(long address, long bytes) {
        int at = (int) ((address - va) >> VirtualMemory.LG2_PAGE);
        int count = (int) (bytes >> VirtualMemory.LG2_PAGE);
        Check.argument(
                used.nextClearBit(at) >= at + count,
                "va:0x%x, 0x%x bytes: not all of it is allocated from the pool",
                address,
                bytes);
        used.clear(at, at + count);
    }
}
