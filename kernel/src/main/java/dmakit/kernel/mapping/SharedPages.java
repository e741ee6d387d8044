package dmakit.kernel.mapping;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaAttrs;
import dmakit.kernel.dma.DmaBinding;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dma.DmaPages;
import dmakit.kernel.dma.OpenMappings.Kind;
import dmakit.kernel.mapping.MappingCore.Once;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.VirtualMemory;
import dmakit.kernel.mm.Vma;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.kernel.scatterlist.SgTable;
import dmakit.machine.cpu.MemoryType;

/** Pages that stay with a device but are in the CPU's caches, so that each side is told. */
final class SharedPages {
    private static final int NONCONTIGUOUS_ATTRS = DmaAttrs.ALLOC_SINGLE_PAGES;
    private static final int LG2_PAGE = VirtualMemory.LG2_PAGE;
    private static final Gfp ZONES_AND_COMPOUND =
            Gfp.DMA.with(Gfp.DMA32).with(Gfp.HIGHMEM).with(Gfp.COMP);

    private final MappingCore core;
    private final MappingRules rules;

    SharedPages(MappingCore core) {
        this.core = core;
        rules = core.rules();
    }

    DmaPages alloc(Device device, long size, DmaDirection direction, Gfp gfp) {
        MappingCore.checkDirection(direction);
        if (device.dma().coherentDmaMask() == 0) {
            core.warnOnce(Once.NO_COHERENT_MASK, device, "coherent DMA mask is 0");
            throw new DmaException(Errno.ENOMEM, "%s: its mask for allocations is 0", device);
        }
        if ((gfp.bits() & ZONES_AND_COMPOUND.bits()) != 0) {
            core.warnOnce(
                    Once.PAGES_FLAGS, device, "pages for a device with zone or compound flags");
            throw new DmaException(Errno.ENOMEM, "%s: pages with flags 0x%x", device, gfp.bits());
        }
        checkSize(device, size);
        if (gfp.isBlocking()) {
            core.calls().mightSleep("dma_alloc_pages");
        }
        DmaBinding binding = core.binding(device);
        DmaPages pages = binding.ops().allocPages(size, direction, gfp);
        long bytes = VirtualMemory.pageAlign(size);
        binding.open().add(pages.dma(), bytes, Kind.PAGES, direction);
        if (rules.areOn()) {
            rules.masks().check(device);
            rules.lending()
                    .lent(
                            device,
                            Kind.PAGES,
                            pages.dma(),
                            pages.page(),
                            0,
                            bytes,
                            direction,
                            DmaAttrs.SKIP_CPU_SYNC);
        }
        return pages;
    }

    private static void checkSize(Device device, long size) {
        if (size <= 0) {
            throw new DmaException(
                    Errno.ENOMEM, "%s: %s bytes", device, Long.toUnsignedString(size));
        }
    }

    void free(Device device, DmaPages pages, DmaDirection direction) {
        MappingCore.checkDirection(direction);
        DmaBinding binding = core.binding(device);
        long bytes = VirtualMemory.pageAlign(pages.size());
        rules.debugRules().pagesFreed(device, pages.page(), bytes, pages.dma(), direction);
        Lending lending =
                core.close(
                        device,
                        binding,
                        pages.dma(),
                        bytes,
                        Kind.PAGES,
                        direction,
                        DmaAttrs.SKIP_CPU_SYNC);
        MappingCore.endLease(lending);
        if (!rules.areOn()) {
            binding.ops().freePages(pages, direction);
        } else if (lending != null && lending.kind() == Kind.PAGES) {
            // What was allocated is freed, and not what was said.
            binding.ops()
                    .freePages(
                            new DmaPages(lending.phys(), lending.dma(), lending.size()),
                            lending.direction());
        }
    }

    void mmap(Vma vma, DmaPages pages) {
        long count = VirtualMemory.pageAlign(pages.size()) >> LG2_PAGE;
        checkInside(vma, count);
        core.virtual()
                .remapPfnRange(
                        vma,
                        vma.start(),
                        VirtualMemory.pfnOf(pages.page()) + vma.pageOffset(),
                        vma.size(),
                        MemoryType.WRITE_BACK);
    }

    private static void checkInside(Vma vma, long count) {
        if (vma.pageOffset() >= count || vma.pages() > count - vma.pageOffset()) {
            throw new DmaException(
                    Errno.ENXIO,
                    "%d pages from page %d of an allocation of %d pages",
                    vma.pages(),
                    vma.pageOffset(),
                    count);
        }
    }

    SgTable allocNoncontiguous(
            Device device, long size, DmaDirection direction, Gfp gfp, int attrs) {
        MappingCore.checkDirection(direction);
        if ((attrs & ~NONCONTIGUOUS_ATTRS) != 0 || gfp.has(Gfp.COMP)) {
            core.warnOnce(
                    Once.NONCONTIGUOUS_FLAGS,
                    device,
                    "scattered pages with flags that mean nothing");
            throw new DmaException(
                    Errno.ENOMEM,
                    "%s: scattered pages with flags 0x%x, attributes 0x%x",
                    device,
                    gfp.bits(),
                    attrs);
        }
        checkSize(device, size);
        if (gfp.isBlocking()) {
            core.calls().mightSleep("dma_alloc_noncontiguous");
        }
        DmaBinding binding = core.binding(device);
        SgTable table = binding.ops().allocNoncontiguous(size, direction, gfp, attrs);
        table.setNents(1);
        Scatterlist sgl = table.sgl();
        binding.open().add(sgl.dmaAddress(0), table.origNents(), Kind.LIST, direction);
        if (rules.areOn()) {
            rules.masks().check(device);
            rules.lending()
                    .lentList(device, sgl, table.origNents(), direction, DmaAttrs.SKIP_CPU_SYNC);
            rules.syncs().listHandedTo(device, sgl, table.origNents(), true);
        }
        return table;
    }

    void freeNoncontiguous(Device device, long size, SgTable table, DmaDirection direction) {
        MappingCore.checkDirection(direction);
        DmaBinding binding = core.binding(device);
        rules.debugRules().unmappedList(device, table.sgl(), table.origNents(), direction);
        Lending lending =
                core.close(
                        device,
                        binding,
                        table.sgl().dmaAddress(0),
                        table.origNents(),
                        Kind.LIST,
                        direction,
                        DmaAttrs.SKIP_CPU_SYNC);
        MappingCore.endLease(lending);
        if (!rules.areOn() || lending != null) {
            binding.ops().freeNoncontiguous(size, table, direction);
        }
    }

    void mmapNoncontiguous(Vma vma, long size, SgTable table) {
        checkInside(vma, VirtualMemory.pageAlign(size) >> LG2_PAGE);
        long skip = vma.pageOffset() << LG2_PAGE;
        long va = vma.start();
        for (Scatterlist run = table.sgl(); run != null && va < vma.end(); run = run.next()) {
            for (int i = 0; i < run.count() && va < vma.end(); i++) {
                long inside = Math.min(skip, run.length(i));
                skip -= inside;
                long bytes = Math.min(run.length(i) - inside, vma.end() - va);
                if (bytes > 0) {
                    long pfn = VirtualMemory.pfnOf(run.phys(i) + inside);
                    core.virtual().remapPfnRange(vma, va, pfn, bytes, MemoryType.WRITE_BACK);
                    va += bytes;
                }
            }
        }
    }

    long vmapNoncontiguous(Device device, long size, SgTable table) {
        core.calls().mightSleep("dma_vmap_noncontiguous");
        return core.ops(device).vmapNoncontiguous(size, table);
    }

    void vunmapNoncontiguous(Device device, long va) {
        core.ops(device).vunmapNoncontiguous(va);
    }
}
