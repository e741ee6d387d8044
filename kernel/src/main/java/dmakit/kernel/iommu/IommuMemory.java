package dmakit.kernel.iommu;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.cma.Cma;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaAttrs;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.Mm;
import dmakit.kernel.mm.PageAllocator;
import dmakit.kernel.mm.VirtualMemory;
import dmakit.kernel.mm.Vma;
import dmakit.kernel.mm.Vmalloc;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.kernel.scatterlist.SgTable;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.cpu.MemoryType;
import dmakit.machine.cpu.PageTable;
import java.util.Arrays;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Coherent memory for devices behind an IOMMU: pages from anywhere that look contiguous to the CPU,
 * or one block.
 */
final class IommuMemory {
    private static final long PAGE = VirtualMemory.PAGE_BYTES;

    private final Cpu cpu;
    private final Mm mm;
    private final Cma cma;
    private final AtomicMemory atomic;

    /** The pages of each allocation of scattered ones, by where the CPU finds it. */
    private final TreeMap<Long, long[]> scattered = new TreeMap<>();

    IommuMemory(Cpu cpu, IommuSources sources) {
        this.cpu = cpu;
        mm = sources.mm();
        cma = sources.cma();
        atomic = sources.atomic();
    }

    private static MemoryType typeFor(Device device) {
        return device.dma().isCoherent() ? MemoryType.WRITE_BACK : MemoryType.WRITE_COMBINE;
    }

    // Scattered pages.

    /**
     * Takes zeroed pages, in blocks as large as the IOMMU can use and the allocator has.
     *
     * @param size in bytes, at least 1
     * @param pageSizes of the IOMMU, as a bitmap
     * @return their physical addresses, or null
     */
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "__iommu_dma_alloc_pages")
    long @Nullable [] takePages(Device device, long size, long pageSizes, Gfp gfp, int attrs) {
        if (size > mm.pages().managedPages() << VirtualMemory.LG2_PAGE) {
            return null;
        }
        long smallest = Math.max(PAGE, Long.lowestOneBit(pageSizes));
        long sizes = (attrs & DmaAttrs.ALLOC_SINGLE_PAGES) != 0 ? smallest : pageSizes | smallest;
        int orders = (int) (sizes >>> VirtualMemory.LG2_PAGE);
        orders &= (2 << PageAllocator.ORDER_MAX) - 1;
        long[] pages =
                new long[(int) (((size + smallest - 1) & -smallest) >> VirtualMemory.LG2_PAGE)];
        Gfp flags = gfp.with(Gfp.ZERO).with(Gfp.NOWARN);
        for (int have = 0; have < pages.length; ) {
            int order = takeLargest(pages, have, orders, flags);
            if (order < 0) {
                givePages(Arrays.copyOf(pages, have));
                return null;
            }
            have += 1 << order;
        }
        if (!device.dma().isCoherent()) {
            for (long page : pages) {
                cpu.clean(page, PAGE);
            }
        }
        return pages;
    }

    /** Takes the largest block that is wanted and there; its order, or -1. */
    private int takeLargest(long[] pages, int have, int orders, Gfp flags) {
        int fitting = orders & ((Integer.highestOneBit(pages.length - have) << 1) - 1);
        while (fitting != 0) {
            int blockPages = Integer.highestOneBit(fitting);
            int order = Integer.numberOfTrailingZeros(blockPages);
            long phys = mm.pages().take(flags, order);
            if (phys != PageAllocator.NONE) {
                if (order > 0) {
                    mm.pages().splitPage(phys, order);
                }
                for (int i = 0; i < blockPages; i++) {
                    pages[have + i] = phys + i * PAGE;
                }
                return order;
            }
            fitting &= ~blockPages;
        }
        return -1;
    }

    /** Gives pages back. */
    void givePages(long[] pages) {
        for (long page : pages) {
            mm.pages().give(page, 0);
        }
    }

    /**
     * Makes pages look contiguous to the CPU.
     *
     * @return where, or 0 when there is no room
     */
    @Linux(file = "kernel/dma/remap.c", symbol = "dma_common_pages_remap")
    long show(Device device, long[] pages) {
        try {
            long va = mm.vmalloc().map(pages, typeFor(device), Vmalloc.Use.COHERENT);
            scattered.put(va, pages);
            return va;
        } catch (KernelException e) {
            return 0;
        }
    }

    // One block.

    /**
     * Takes zeroed contiguous pages.
     *
     * @return null when there are none
     */
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "iommu_dma_alloc_pages")
    @Nullable IommuBlock takeBlock(Device device, long size, Gfp gfp) {
        long bytes = VirtualMemory.pageAlign(size);
        boolean coherent = device.dma().isCoherent();
        if (!coherent && !gfp.isBlocking()) {
            return atomic.take(bytes, gfp, device.name());
        }
        long phys = takeContiguous(device, bytes, gfp.without(Gfp.ZERO));
        if (phys == PageAllocator.NONE) {
            return null;
        }
        long va = AddressLayout.LINEAR_BASE + phys;
        if (!coherent) {
            cpu.clean(phys, bytes);
            try {
                va = mm.vmalloc().map(phys, bytes, MemoryType.WRITE_COMBINE, Vmalloc.Use.COHERENT);
            } catch (KernelException e) {
                giveContiguous(device, phys, bytes);
                return null;
            }
        }
        cpu.fill(va, bytes, (byte) 0);
        return new IommuBlock(va, phys);
    }

    /** From a contiguous area, or else in one block; {@link PageAllocator#NONE} for neither. */
    private long takeContiguous(Device device, long bytes, Gfp gfp) {
        long phys = cma.alloc(device.dma().cmaArea(), bytes, gfp);
        return phys == PageAllocator.NONE
                ? mm.pages().take(gfp, PageAllocator.orderFor(bytes))
                : phys;
    }

    private void giveContiguous(Device device, long phys, long bytes) {
        cma.free(device.dma().cmaArea(), mm.pages(), phys, bytes);
    }

    /** Gives memory of either kind back. */
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "__iommu_dma_free")
    void give(Device device, long va, long size) {
        long bytes = VirtualMemory.pageAlign(size);
        if (atomic.give(va, bytes)) {
            return;
        }
        long[] pages = scattered.remove(va);
        if (pages != null) {
            mm.vmalloc().unmap(va, Vmalloc.Use.COHERENT);
            givePages(pages);
            return;
        }
        long phys = va - AddressLayout.LINEAR_BASE;
        if (AddressLayout.isVmalloc(va)) {
            phys = mm.vmalloc().unmap(va, Vmalloc.Use.COHERENT).phys();
        }
        giveContiguous(device, phys, bytes);
    }

    // Pages that stay in the caches.

    /**
     * Takes zeroed contiguous pages.
     *
     * @return their physical address, or {@link PageAllocator#NONE}
     */
    long takeCached(Device device, long size, Gfp gfp) {
        long bytes = VirtualMemory.pageAlign(size);
        long phys = takeContiguous(device, bytes, gfp);
        if (phys != PageAllocator.NONE) {
            cpu.fill(AddressLayout.LINEAR_BASE + phys, bytes, (byte) 0);
        }
        return phys;
    }

    /** Gives them back. */
    void giveCached(Device device, long phys, long size) {
        giveContiguous(device, phys, VirtualMemory.pageAlign(size));
    }

    /** The pages of a table of whole pages. */
    static long[] pagesOf(SgTable table) {
        long[] pages = new long[(int) (table.sgl().bytes() >> VirtualMemory.LG2_PAGE)];
        int at = 0;
        for (Scatterlist run = table.sgl(); run != null; run = run.next()) {
            for (int i = 0; i < run.count(); i++) {
                for (long done = 0; done < run.length(i); done += PAGE) {
                    pages[at++] = run.phys(i) + done;
                }
            }
        }
        return pages;
    }

    /** Shows the CPU pages one behind the other. */
    long showCached(long[] pages) {
        try {
            return mm.vmalloc().map(pages, MemoryType.WRITE_BACK, Vmalloc.Use.MAPPED);
        } catch (KernelException e) {
            throw new DmaException(e.errno(), "no virtual area of %d pages", pages.length);
        }
    }

    /** Ends that. */
    void hideCached(long va) {
        mm.vmalloc().unmap(va, Vmalloc.Use.MAPPED);
    }

    // Showing it to others.

    private long physOf(long va) {
        if (!AddressLayout.isVmalloc(va)) {
            return va - AddressLayout.LINEAR_BASE;
        }
        return PageTable.physOf(cpu.kernelTable().entryOf(va), va);
    }

    /** Maps it into a process; for arguments and failures see {@code DmaOps.mmap}. */
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "iommu_dma_mmap")
    void mmap(Device device, Vma vma, long va, long size) {
        long count = VirtualMemory.pageAlign(size) >> VirtualMemory.LG2_PAGE;
        if (vma.pageOffset() >= count || vma.pages() > count - vma.pageOffset()) {
            throw new DmaException(
                    Errno.ENXIO,
                    "%d pages from page %d of an allocation of %d pages",
                    vma.pages(),
                    vma.pageOffset(),
                    count);
        }
        long[] pages = scattered.get(va);
        if (pages == null) {
            mm.virtual()
                    .remapPfnRange(
                            vma,
                            vma.start(),
                            VirtualMemory.pfnOf(physOf(va)) + vma.pageOffset(),
                            vma.size(),
                            typeFor(device));
            return;
        }
        mapPages(vma, pages, typeFor(device));
    }

    @Linux(file = "mm/memory.c", symbol = "vm_map_pages")
    private void mapPages(Vma vma, long[] pages, MemoryType type) {
        int from = (int) vma.pageOffset();
        for (int i = 0; i < vma.pages(); i++) {
            mm.virtual().vmInsertPage(vma, vma.start() + i * PAGE, pages[from + i], type);
        }
    }

    /** Its pages as a table that is not mapped. */
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "iommu_dma_get_sgtable")
    SgTable table(long va, long size) {
        long[] pages = scattered.get(va);
        if (pages != null) {
            return SgTable.fromPages(pages, pages.length, 0, size);
        }
        SgTable table = SgTable.allocate(1);
        table.sgl().setPage(0, physOf(va), VirtualMemory.pageAlign(size), 0);
        return table;
    }
}
