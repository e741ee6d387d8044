package dmakit.kernel.direct;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.DmaParameters;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dma.DevicePool;
import dmakit.kernel.dma.DmaAttrs;
import dmakit.kernel.dma.DmaPages;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.Mm;
import dmakit.kernel.mm.PageAllocator;
import dmakit.kernel.mm.VirtualMemory;
import dmakit.kernel.mm.Vma;
import dmakit.kernel.mm.Vmalloc;
import dmakit.kernel.scatterlist.SgTable;
import dmakit.kernel.swiotlb.Bouncer;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.cpu.MemoryType;
import org.jspecify.annotations.Nullable;

/**
 * Memory that a device without IOMMU shares with the CPU.
 *
 * <p>Sources, in order: the global region; for a device that does not snoop and a caller that may
 * not sleep, the atomic pools and nothing else; for a restricted device its pool and nothing else;
 * CMA; the page allocator, in zones that reach lower and lower as long as pages are out of reach.
 */
final class DirectMemory {
    private static final long LAST_OF_32_BITS = 0xffff_ffffL;
    private static final Gfp NO_FLAGS = new Gfp(0);

    private final Cpu cpu;
    private final Mm mm;
    private final MemorySources sources;
    private final Bouncer bouncer;
    private final Device device;
    private final DmaParameters parameters;
    private final Reach reach;

    DirectMemory(
            Cpu cpu, Mm mm, MemorySources sources, Bouncer bouncer, Device device, Reach reach) {
        this.cpu = cpu;
        this.mm = mm;
        this.sources = sources;
        this.bouncer = bouncer;
        this.device = device;
        parameters = device.dma();
        this.reach = reach;
    }

    // Coherent memory.

    @Linux(file = "kernel/dma/direct.c", symbol = "dma_direct_alloc")
    CoherentBuffer alloc(long size, Gfp gfp, int attrs) {
        long bytes = wholePages(size);
        Gfp flags = gfp.without(Gfp.ZERO);
        if ((attrs & DmaAttrs.NO_WARN) != 0) {
            flags = flags.with(Gfp.NOWARN);
        }
        if (hasNoMapping(attrs)) {
            long phys = take(size, bytes, flags);
            // What an earlier owner left in the caches must not come out later.
            cpu.clean(phys, bytes);
            return new CoherentBuffer(phys, reach.toDma(phys), size);
        }
        DevicePool global = globalPool();
        if (global != null) {
            CoherentBuffer buffer = global.alloc(size);
            if (buffer == null) {
                throw none("%s: no 0x%x bytes in the global coherent area", size);
            }
            return buffer;
        }
        // The old attribute promises syncs, so such memory may stay in the caches.
        boolean remap = !parameters.isCoherent() && (attrs & DmaAttrs.NON_CONSISTENT) == 0;
        if (remap && !gfp.isBlocking() && !bouncer.isForAlloc()) {
            return fromPool(size, bytes, flags);
        }
        long phys = take(size, bytes, flags);
        long va = AddressLayout.LINEAR_BASE + phys;
        if (remap) {
            cpu.clean(phys, bytes);
            va = remapped(phys, bytes, size);
        }
        cpu.fill(va, bytes, (byte) 0);
        return new CoherentBuffer(va, reach.toDma(phys), size);
    }

    private boolean hasNoMapping(int attrs) {
        return (attrs & DmaAttrs.NO_KERNEL_MAPPING) != 0 && !bouncer.isForAlloc();
    }

    private @Nullable DevicePool globalPool() {
        return parameters.isCoherent() ? null : sources.coherent().global(device);
    }

    private long wholePages(long size) {
        long bytes = VirtualMemory.pageAlign(size);
        if (bytes <= 0) {
            throw none("%s: 0x%x bytes are no allocation", size);
        }
        return bytes;
    }

    @Linux(file = "kernel/dma/remap.c", symbol = "dma_common_contiguous_remap")
    private long remapped(long phys, long bytes, long size) {
        try {
            return mm.vmalloc().map(phys, bytes, MemoryType.WRITE_COMBINE, Vmalloc.Use.COHERENT);
        } catch (KernelException e) {
            give(phys, bytes);
            throw none("%s: no virtual area for 0x%x bytes", size);
        }
    }

    @Linux(file = "kernel/dma/direct.c", symbol = "dma_direct_alloc_from_pool")
    private CoherentBuffer fromPool(long size, long bytes, Gfp flags) {
        AtomicPools.Range range =
                sources.pools()
                        .take(bytes, flags.with(zoneFlags()), device.name(), reach::isCoherentOk);
        if (range == null) {
            throw none("%s: no 0x%x bytes in a pool it reaches", size);
        }
        return new CoherentBuffer(range.va(), reach.toDma(range.phys()), size);
    }

    @Linux(file = "kernel/dma/direct.c", symbol = "dma_direct_free")
    void free(long size, long va, long dma, int attrs) {
        long bytes = VirtualMemory.pageAlign(size);
        if (hasNoMapping(attrs)) {
            give(va, bytes);
            return;
        }
        DevicePool global = globalPool();
        if (global != null && global.holds(va)) {
            global.free(va, size);
            return;
        }
        if (AddressLayout.isVmalloc(va)) {
            if (sources.pools().give(va, bytes)) {
                return;
            }
            mm.vmalloc().unmap(va, Vmalloc.Use.COHERENT);
        }
        give(reach.toPhys(dma), bytes);
    }

    // Pages.

    @Linux(file = "kernel/dma/direct.c", symbol = "dma_direct_alloc_pages")
    DmaPages allocPages(long size, Gfp gfp) {
        long bytes = wholePages(size);
        long phys = take(size, bytes, gfp.without(Gfp.ZERO));
        cpu.fill(AddressLayout.LINEAR_BASE + phys, bytes, (byte) 0);
        return new DmaPages(phys, reach.toDma(phys), size);
    }

    @Linux(file = "kernel/dma/direct.c", symbol = "dma_direct_free_pages")
    void freePages(DmaPages given) {
        give(given.page(), VirtualMemory.pageAlign(given.size()));
    }

    /**
     * Takes contiguous pages that the device reaches.
     *
     * @param size as asked for, for the message
     */
    @Linux(file = "kernel/dma/direct.c", symbol = "__dma_direct_alloc_pages")
    private long take(long size, long bytes, Gfp gfp) {
        long phys = bouncer.isForAlloc() ? bouncer.alloc(bytes) : takeAnywhere(bytes, gfp);
        if (phys == PageAllocator.NONE) {
            throw new DmaException(
                    Errno.ENOMEM,
                    "%s: no 0x%x contiguous bytes below bus address 0x%x",
                    device,
                    size,
                    reach.coherentLimit());
        }
        return phys;
    }

    private long takeAnywhere(long bytes, Gfp gfp) {
        long contiguous = sources.cma().alloc(parameters.cmaArea(), bytes, gfp);
        if (contiguous != PageAllocator.NONE) {
            if (reach.isCoherentOk(contiguous, bytes)) {
                return contiguous;
            }
            give(contiguous, bytes);
        }
        PageAllocator pages = mm.pages();
        int order = PageAllocator.orderFor(bytes);
        boolean limited = reach.toPhys(reach.coherentLimit()) != -1;
        for (Gfp flags = gfp.with(zoneFlags()); flags != null; flags = lower(flags, limited)) {
            long phys = pages.take(flags, order);
            if (phys == PageAllocator.NONE || reach.isCoherentOk(phys, bytes)) {
                return phys;
            }
            pages.give(phys, order);
        }
        return PageAllocator.NONE;
    }

    /** The zone flag for what the device reaches; a limit it cannot translate gives none. */
    @Linux(file = "kernel/dma/direct.c", symbol = "dma_direct_optimal_gfp_mask")
    private Gfp zoneFlags() {
        long limit = reach.toPhys(reach.coherentLimit());
        if (Long.compareUnsigned(limit, mm.pages().zones().dmaLimit()) <= 0) {
            return Gfp.DMA;
        }
        return Long.compareUnsigned(limit, LAST_OF_32_BITS) <= 0 ? Gfp.DMA32 : NO_FLAGS;
    }

    /** What to try when a page was out of reach, or null when nothing is left. */
    private static @Nullable Gfp lower(Gfp flags, boolean limited) {
        if (flags.has(Gfp.DMA)) {
            return null;
        }
        return limited && !flags.has(Gfp.DMA32)
                ? flags.with(Gfp.DMA32)
                : flags.withoutZone().with(Gfp.DMA);
    }

    @Linux(file = "kernel/dma/direct.c", symbol = "__dma_direct_free_pages")
    private void give(long phys, long bytes) {
        if (!bouncer.free(phys)) {
            sources.cma().free(parameters.cmaArea(), mm.pages(), phys, bytes);
        }
    }

    private DmaException none(String format, long size) {
        return new DmaException(Errno.ENOMEM, format, device, size);
    }

    // Showing it to others.

    @Linux(file = "kernel/dma/direct.c", symbol = "dma_direct_mmap")
    void mmap(Vma vma, long va, long dma, long size) {
        DevicePool global = globalPool();
        if (global != null && global.holds(va)) {
            global.mmap(vma, va, size);
            return;
        }
        long pages = VirtualMemory.pageAlign(size) >> VirtualMemory.LG2_PAGE;
        if (vma.pageOffset() >= pages || vma.pages() > pages - vma.pageOffset()) {
            throw new DmaException(
                    Errno.ENXIO,
                    "%d pages from page %d of an allocation of %d pages",
                    vma.pages(),
                    vma.pageOffset(),
                    pages);
        }
        mm.virtual()
                .remapPfnRange(
                        vma,
                        vma.start(),
                        VirtualMemory.pfnOf(reach.toPhys(dma)) + vma.pageOffset(),
                        vma.size(),
                        parameters.isCoherent() ? MemoryType.WRITE_BACK : MemoryType.WRITE_COMBINE);
    }

    @Linux(file = "kernel/dma/direct.c", symbol = "dma_direct_get_sgtable")
    SgTable sgTable(long dma, long size) {
        SgTable table = SgTable.allocate(1);
        table.sgl().setPage(0, reach.toPhys(dma), VirtualMemory.pageAlign(size), 0);
        return table;
    }
}
