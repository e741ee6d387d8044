package dmakit.kernel.boot;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.cma.Cma;
import dmakit.kernel.cma.CmaArea;
import dmakit.kernel.direct.AtomicPools;
import dmakit.kernel.fs.Attribute;
import dmakit.kernel.fs.Directory;
import dmakit.kernel.fs.FileSystem;
import dmakit.kernel.mm.PageAllocator;
import dmakit.kernel.mm.VirtualMemory;
import dmakit.kernel.mm.Zone;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.StringJoiner;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * What files show of where coherent memory comes from: {@code /sys/kernel/mm/cma}, {@code cma} and
 * {@code dma_pools} of debugfs, {@code /proc/vmstat}.
 */
final class MemoryFiles {
    private static final int READABLE = 0444;
    private static final int READABLE_BY_ROOT = 0400;
    private static final int WRITABLE_BY_ROOT = 0200;

    private MemoryFiles() {}

    /** Makes the files. */
    static void make(FileSystem files, Cma cma, AtomicPools pools, PageAllocator pages) {
        Directory statistics = files.sys().directory("kernel").directory("mm").directory("cma");
        Directory debug = files.debug().directory("cma");
        for (CmaArea area : cma.areas()) {
            if (debug.find(area.name()).isEmpty()) {
                showStatistics(area, statistics.makeDirectory(area.name()));
                new AreaFiles(area).make(debug.makeDirectory(area.name()));
            }
        }
        showPools(pools, files.debug().directory("dma_pools"));
        files.proc().makeText("vmstat", READABLE, () -> vmstat(cma, pages));
    }

    @Linux(file = "mm/cma_sysfs.c", symbol = "cma_sysfs_init")
    private static void showStatistics(CmaArea area, Directory in) {
        number(in, "alloc_pages_success", READABLE, area::allocatedPages);
        number(in, "alloc_pages_fail", READABLE, area::failedPages);
        number(in, "release_pages_success", READABLE, area::releasedPages);
    }

    @Linux(file = "kernel/dma/pool.c", symbol = "dma_atomic_pool_debugfs_init")
    private static void showPools(AtomicPools pools, Directory in) {
        number(in, "pool_size_dma", READABLE_BY_ROOT, () -> pools.size(Zone.DMA));
        number(in, "pool_size_dma32", READABLE_BY_ROOT, () -> pools.size(Zone.DMA32));
        number(in, "pool_size_kernel", READABLE_BY_ROOT, () -> pools.size(Zone.NORMAL));
    }

    @Linux(file = "mm/vmstat.c", symbol = "vmstat_show")
    private static String vmstat(Cma cma, PageAllocator pages) {
        long free = 0;
        for (Zone zone : Zone.values()) {
            free += pages.freePages(zone);
        }
        long served = cma.areas().stream().mapToLong(CmaArea::allocations).sum();
        long failed = cma.areas().stream().mapToLong(CmaArea::failures).sum();
        return "nr_free_pages %d\nnr_free_cma %d\ncma_alloc_success %d\ncma_alloc_fail %d\n"
                .formatted(free, cma.freePages(), served, failed);
    }

    private static void number(Directory in, String name, int mode, LongSupplier value) {
        in.makeText(name, mode, () -> value.getAsLong() + "\n");
    }

    /** The files of one area in debugfs, and what was allocated through them. */
    @Linux(file = "mm/cma_debug.c", symbol = "cma_debugfs_add_one")
    private static final class AreaFiles {
        private record Run(long phys, long pages) {}

        private final CmaArea area;
        private final Deque<Run> allocated = new ArrayDeque<>();

        AreaFiles(CmaArea area) {
            this.area = area;
        }

        void make(Directory in) {
            in.makeAttribute("alloc", WRITABLE_BY_ROOT, new Order(this::alloc));
            in.makeAttribute("free", WRITABLE_BY_ROOT, new Order(this::free));
            number(in, "base_pfn", READABLE, () -> area.base() >> VirtualMemory.LG2_PAGE);
            number(in, "count", READABLE, area::pages);
            number(in, "order_per_bit", READABLE, () -> 0);
            number(in, "used", READABLE, area::usedPages);
            number(in, "maxchunk", READABLE, area::largestFreeRun);
            in.makeText("bitmap", READABLE, this::bitmap);
        }

        private String bitmap() {
            StringJoiner words = new StringJoiner(" ", "", "\n");
            for (int word : area.bitmap()) {
                words.add(Integer.toUnsignedString(word));
            }
            return words.toString();
        }

        @Linux(file = "mm/cma_debug.c", symbol = "cma_alloc_mem")
        private void alloc(long pages) {
            long phys = area.alloc(pages, 0, false);
            if (phys == PageAllocator.NONE) {
                throw new KernelException(Errno.ENOMEM, "no %d pages in %s", pages, area);
            }
            allocated.push(new Run(phys, pages));
        }

        @Linux(file = "mm/cma_debug.c", symbol = "cma_free_mem")
        private void free(long pages) {
            for (long left = pages; left > 0 && !allocated.isEmpty(); ) {
                Run run = allocated.pop();
                long now = Math.min(left, run.pages());
                area.release(run.phys(), now);
                if (now < run.pages()) {
                    allocated.push(
                            new Run(
                                    run.phys() + (now << VirtualMemory.LG2_PAGE),
                                    run.pages() - now));
                }
                left -= now;
            }
        }
    }

    /** A number that is obeyed when it is written. */
    private record Order(LongConsumer action) implements Attribute {
        @Override
        public long store(byte[] value) {
            String text = new String(value, StandardCharsets.US_ASCII).strip();
            try {
                action.accept(Long.decode(text));
            } catch (NumberFormatException e) {
                throw new KernelException(Errno.EINVAL, "'%s' is no number", text);
            }
            return value.length;
        }
    }
}
