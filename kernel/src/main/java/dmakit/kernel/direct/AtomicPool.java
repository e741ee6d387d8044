package dmakit.kernel.direct;

import dmakit.kernel.Linux;
import dmakit.kernel.mm.PageAllocator;
import dmakit.kernel.mm.VirtualMemory;
import dmakit.machine.Check;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One pool: blocks of pages, given out in aligned runs, the first that fits. It only grows. */
@Linux(file = "lib/genalloc.c", symbol = "gen_pool")
final class AtomicPool {
    private static final int LG2_PAGE = VirtualMemory.LG2_PAGE;

    private final List<Block> blocks = new ArrayList<>();

    private record Block(long va, long phys, int pages, BitSet used) {
        @Linux(file = "lib/genalloc.c", symbol = "gen_pool_first_fit_order_align")
        int take(long bytes) {
            long wanted = bytes >> LG2_PAGE;
            int align = 1 << PageAllocator.orderFor(bytes);
            for (int at = 0; at + wanted <= pages; ) {
                int busy = used.nextSetBit(at);
                if (busy < 0 || busy >= at + wanted) {
                    used.set(at, at + (int) wanted);
                    return at;
                }
                at = (busy + align) & -align;
            }
            return -1;
        }

        long size() {
            return (long) pages << LG2_PAGE;
        }

        boolean holds(long address, long bytes) {
            return address >= va
                    && address < va + size()
                    && bytes > 0
                    && bytes <= va + size() - address;
        }
    }

    /** Adds a block. */
    void grow(long va, long phys, long size) {
        int pages = (int) (size >> LG2_PAGE);
        blocks.add(new Block(va, phys, pages, new BitSet(pages)));
    }

    /** Bytes of all blocks. */
    long size() {
        return blocks.stream().mapToLong(Block::size).sum();
    }

    /** Bytes that nobody has. */
    long available() {
        long taken = blocks.stream().mapToLong(block -> block.used().cardinality()).sum();
        return size() - (taken << LG2_PAGE);
    }

    AtomicPools.@Nullable Range take(long bytes) {
        for (Block block : blocks) {
            int at = bytes > block.size() ? -1 : block.take(bytes);
            if (at >= 0) {
                long offset = (long) at << LG2_PAGE;
                return new AtomicPools.Range(block.va() + offset, block.phys() + offset);
            }
        }
        return null;
    }

    /** Gives a run back; answers false when the pool does not hold it. */
    boolean give(long address, long bytes) {
        for (Block block : blocks) {
            if (block.holds(address, bytes)) {
                int at = (int) ((address - block.va()) >> LG2_PAGE);
                int end = at + (int) (bytes >> LG2_PAGE);
                Check.argument(
                        block.used().nextClearBit(at) >= end,
                        "va:0x%x, 0x%x bytes: not all of it is allocated from the pool",
                        address,
                        bytes);
                block.used().clear(at, end);
                return true;
            }
        }
        return false;
    }
}
