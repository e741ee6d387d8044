package dmakit.kernel.direct;

import dmakit.kernel.Linux;
import dmakit.kernel.log.Log;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.Mm;
import dmakit.kernel.mm.PageAllocator;
import dmakit.kernel.mm.VirtualMemory;
import dmakit.kernel.mm.Vmalloc;
import dmakit.kernel.mm.Zone;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.cpu.MemoryType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Coherent memory that is mapped already, for callers that may not sleep: mapping pages past the
 * caches takes time a hard interrupt does not have.
 *
 * <p>Pools have the size they were made with.
 */
@Linux(file = "kernel/dma/pool.c", symbol = "dma_atomic_pool_init")
public final class AtomicPools {
    private static final long LEAST_BYTES = 128 << 10;
    private static final long RAM_PER_POOL = (1L << 30) / LEAST_BYTES;

    private final Cpu cpu;
    private final Log log;
    private final Mm mm;
    private final @Nullable AtomicPool kernel;
    private final @Nullable AtomicPool dma;
    private final @Nullable AtomicPool dma32;

    /** Whether a device reaches a range of physical addresses. */
    @FunctionalInterface
    public interface Reach {
        /** Whether it does. */
        boolean reaches(long phys, long size);
    }

    /** Makes the pools, and says so in the log. */
    public AtomicPools(Cpu cpu, Log log, Mm mm) {
        this.cpu = cpu;
        this.log = log.prefixed("DMA: ");
        this.mm = mm;
        PageAllocator pages = mm.pages();
        long bytes =
                Math.min(
                        (pages.managedPages() / RAM_PER_POOL) << VirtualMemory.LG2_PAGE,
                        VirtualMemory.PAGE_BYTES << PageAllocator.ORDER_MAX);
        bytes = Math.max(bytes, LEAST_BYTES);
        kernel = make(bytes, Gfp.KERNEL, "GFP_KERNEL");
        dma =
                pages.managedPages(Zone.DMA) == 0
                        ? null
                        : make(bytes, Gfp.KERNEL.with(Gfp.DMA), "GFP_KERNEL|GFP_DMA");
        dma32 = make(bytes, Gfp.KERNEL.with(Gfp.DMA32), "GFP_KERNEL|GFP_DMA32");
    }

    /**
     * Takes whole pages, zeroed.
     *
     * @param size in bytes, whole pages
     * @param reach what the device can address
     * @return a range, or null when no pool has one
     */
    @Linux(file = "kernel/dma/pool.c", symbol = "dma_alloc_from_pool")
    public @Nullable Range take(long size, Gfp gfp, String device, Reach reach) {
        List<AtomicPool> candidates = candidates(gfp);
        for (AtomicPool pool : candidates) {
            Range range = pool.take(size);
            if (range == null) {
                continue;
            }
            if (reach.reaches(range.phys(), size)) {
                cpu.fill(range.va(), size, (byte) 0);
                return range;
            }
            pool.give(range.va(), size);
        }
        if (candidates.isEmpty()) {
            log.prefixed("").warn("Failed to get suitable pool for %s", device);
        } else if (!gfp.has(Gfp.NOWARN)) {
            log.prefixed("").warn("DMA pool exhausted for %s", device);
        }
        return null;
    }

    /**
     * Gives a range back.
     *
     * @return false when no pool holds it
     */
    @Linux(file = "kernel/dma/pool.c", symbol = "dma_free_from_pool")
    public boolean give(long va, long size) {
        return give(kernel, va, size) || give(dma, va, size) || give(dma32, va, size);
    }

    private static boolean give(@Nullable AtomicPool pool, long va, long size) {
        if (pool == null || !pool.holds(va, size)) {
            return false;
        }
        pool.give(va, size);
        return true;
    }

    private List<AtomicPool> candidates(Gfp gfp) {
        List<@Nullable AtomicPool> order =
                switch (gfp.zone()) {
                    case DMA32 -> nullable(dma32, dma);
                    case DMA -> dma != null ? nullable(dma) : nullable(kernel, dma32);
                    case NORMAL -> nullable(kernel, dma32, dma);
                };
        List<AtomicPool> present = new ArrayList<>(order.size());
        for (AtomicPool pool : order) {
            if (pool != null) {
                present.add(pool);
            }
        }
        return present;
    }

    private static List<@Nullable AtomicPool> nullable(@Nullable AtomicPool... pools) {
        return Arrays.asList(pools);
    }

    private @Nullable AtomicPool make(long bytes, Gfp gfp, String flags) {
        PageAllocator pages = mm.pages();
        Gfp silent = gfp.with(Gfp.NOWARN);
        for (int order = PageAllocator.orderFor(bytes); order >= 0; order--) {
            long phys = pages.take(silent, order);
            if (phys == PageAllocator.NONE) {
                continue;
            }
            long size = VirtualMemory.PAGE_BYTES << order;
            cpu.clean(phys, size);
            long va = mm.vmalloc().map(phys, size, MemoryType.WRITE_COMBINE, Vmalloc.Use.COHERENT);
            log.info("preallocated %d KiB %s pool for atomic allocations", size >> 10, flags);
            return new AtomicPool(va, phys, size);
        }
        log.err("failed to allocate %d KiB %s pool for atomic allocation", bytes >> 10, flags);
        return null;
    }

    /**
     * A part of a pool.
     *
     * @param va where the CPU finds it, past its caches
     * @param phys where it is
     */
    public record Range(long va, long phys) {}
}
