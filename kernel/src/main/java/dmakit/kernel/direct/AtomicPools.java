package dmakit.kernel.direct;

import dmakit.kernel.KernelException;
import dmakit.kernel.KernelParameters;
import dmakit.kernel.KernelParameters.Parsed;
import dmakit.kernel.Linux;
import dmakit.kernel.cma.Cma;
import dmakit.kernel.cma.CmaArea;
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
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Coherent memory that is mapped already, for callers that may not sleep: mapping pages past the
 * caches takes time a hard interrupt does not have.
 *
 * <p>A pool of which less is left than it began with is doubled in the background.
 */
@Linux(file = "kernel/dma/pool.c", symbol = "dma_atomic_pool_init")
public final class AtomicPools {
    private static final long LEAST_BYTES = 128 << 10;
    private static final long MOST_BYTES = VirtualMemory.PAGE_BYTES << PageAllocator.ORDER_MAX;
    private static final long RAM_PER_POOL = (1L << 30) / LEAST_BYTES;
    private static final long LAST_OF_32_BITS = 0xffff_ffffL;

    private final Cpu cpu;
    private final Log log;
    private final Mm mm;
    private final Cma cma;
    private final Runnable growLater;
    private final long initialBytes;
    private @Nullable AtomicPool kernel;
    private @Nullable AtomicPool dma;
    private @Nullable AtomicPool dma32;

    /** Whether a device reaches a range of physical addresses. */
    @FunctionalInterface
    public interface Reach {
        /** Whether it does. */
        boolean reaches(long phys, long size);
    }

    /**
     * Creates them; none has memory before they are {@linkplain #start started}.
     *
     * @param cma gives the memory where its default area suits
     * @param parameters {@code coherent_pool=} is read: the size of each pool
     * @param background makes something that lets a body run soon, in a task
     */
    public AtomicPools(
            Cpu cpu,
            Log log,
            Mm mm,
            Cma cma,
            KernelParameters parameters,
            UnaryOperator<Runnable> background) {
        this.cpu = cpu;
        this.log = log.prefixed("DMA: ");
        this.mm = mm;
        this.cma = cma;
        growLater = background.apply(this::grow);
        initialBytes = initialSize(mm.pages(), parameters);
    }

    /** Makes the pools, and says so in the log. */
    public void start() {
        PageAllocator pages = mm.pages();
        kernel = make(Gfp.KERNEL);
        dma = pages.managedPages(Zone.DMA) == 0 ? null : make(Gfp.KERNEL.with(Gfp.DMA));
        dma32 = make(Gfp.KERNEL.with(Gfp.DMA32));
    }

    /** 128 KiB per GiB of RAM, unless the command line says another size. */
    @Linux(file = "kernel/dma/pool.c", symbol = "early_coherent_pool")
    private static long initialSize(PageAllocator pages, KernelParameters parameters) {
        long asked =
                parameters
                        .value("coherent_pool")
                        .flatMap(KernelParameters::memparse)
                        .map(Parsed::value)
                        .orElse(0L);
        if (asked != 0) {
            return asked;
        }
        long share = (pages.managedPages() / RAM_PER_POOL) << VirtualMemory.LG2_PAGE;
        return Math.max(Math.min(share, MOST_BYTES), LEAST_BYTES);
    }

    /** Bytes of the pool for a zone, 0 without one. */
    public long size(Zone zone) {
        AtomicPool pool =
                switch (zone) {
                    case DMA -> dma;
                    case DMA32 -> dma32;
                    case NORMAL -> kernel;
                };
        return pool == null ? 0 : pool.size();
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
                if (Long.compareUnsigned(pool.available(), initialBytes) < 0) {
                    growLater.run();
                }
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
        return pool != null && pool.give(va, size);
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

    @Linux(file = "kernel/dma/pool.c", symbol = "__dma_atomic_pool_init")
    private @Nullable AtomicPool make(Gfp gfp) {
        String flags =
                switch (gfp.zone()) {
                    case NORMAL -> "GFP_KERNEL";
                    case DMA -> "GFP_KERNEL|GFP_DMA";
                    case DMA32 -> "GFP_KERNEL|GFP_DMA32";
                };
        AtomicPool pool = new AtomicPool();
        if (!expand(pool, initialBytes, gfp)) {
            log.err(
                    "failed to allocate %s KiB %s pool for atomic allocation",
                    Long.toUnsignedString(initialBytes >>> 10), flags);
            return null;
        }
        log.info("preallocated %d KiB %s pool for atomic allocations", pool.size() >> 10, flags);
        return pool;
    }

    /** Adds a block to a pool; of less than was asked for when there is no more. */
    @Linux(file = "kernel/dma/pool.c", symbol = "atomic_pool_expand")
    private boolean expand(AtomicPool pool, long bytes, Gfp gfp) {
        Gfp silent = gfp.with(Gfp.NOWARN);
        for (int order = cappedOrder(bytes); order >= 0; order--) {
            long phys = cmaSuits(gfp.zone()) ? cma.allocDefault(order) : PageAllocator.NONE;
            if (phys == PageAllocator.NONE) {
                phys = mm.pages().take(silent, order);
            }
            if (phys == PageAllocator.NONE) {
                continue;
            }
            long size = VirtualMemory.PAGE_BYTES << order;
            cpu.clean(phys, size);
            try {
                long va =
                        mm.vmalloc()
                                .map(phys, size, MemoryType.WRITE_COMBINE, Vmalloc.Use.COHERENT);
                pool.grow(va, phys, size);
                return true;
            } catch (KernelException e) {
                cma.free(null, mm.pages(), phys, size);
                return false;
            }
        }
        return false;
    }

    private static int cappedOrder(long bytes) {
        return Long.compareUnsigned(bytes, MOST_BYTES) >= 0
                ? PageAllocator.ORDER_MAX
                : PageAllocator.orderFor(bytes);
    }

    /** Whether all of the default area is memory that a pool of a zone may have. */
    @Linux(file = "kernel/dma/pool.c", symbol = "cma_in_zone")
    private boolean cmaSuits(Zone zone) {
        CmaArea area = cma.defaultArea();
        if (area == null) {
            return false;
        }
        long last = area.base() + area.size() - 1;
        long dmaLimit = mm.pages().zones().dmaLimit();
        return switch (zone) {
            case DMA -> Long.compareUnsigned(last, dmaLimit) <= 0;
            case DMA32 ->
                    Long.compareUnsigned(last, dmaLimit) <= 0
                            || Long.compareUnsigned(last, LAST_OF_32_BITS) <= 0;
            case NORMAL -> true;
        };
    }

    @Linux(file = "kernel/dma/pool.c", symbol = "atomic_pool_work_fn")
    private void grow() {
        grow(dma, Gfp.KERNEL.with(Gfp.DMA));
        grow(dma32, Gfp.KERNEL.with(Gfp.DMA32));
        grow(kernel, Gfp.KERNEL);
    }

    @Linux(file = "kernel/dma/pool.c", symbol = "atomic_pool_resize")
    private void grow(@Nullable AtomicPool pool, Gfp gfp) {
        if (pool != null && Long.compareUnsigned(pool.available(), initialBytes) < 0) {
            expand(pool, pool.size(), gfp);
        }
    }

    /**
     * A part of a pool.
     *
     * @param va where the CPU finds it, past its caches
     * @param phys where it is
     */
    public record Range(long va, long phys) {}
}
