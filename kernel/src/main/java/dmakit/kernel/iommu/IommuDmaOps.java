package dmakit.kernel.iommu;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.DmaParameters;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dma.DmaAddr;
import dmakit.kernel.dma.DmaAttrs;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dma.DmaOps;
import dmakit.kernel.dma.DmaPages;
import dmakit.kernel.dma.EntryByEntry;
import dmakit.kernel.dma.IovaOps;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.PageAllocator;
import dmakit.kernel.mm.VirtualMemory;
import dmakit.kernel.mm.Vma;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.kernel.scatterlist.SgTable;
import dmakit.kernel.swiotlb.Bouncer;
import dmakit.machine.cpu.Cpu;

/**
 * The mapping API for a device behind an IOMMU: whole pages become accessible at addresses of the
 * device's own, in any place of memory and contiguous for the device.
 */
@Linux(file = "drivers/iommu/dma-iommu.c", symbol = "iommu_dma_map_page")
final class IommuDmaOps implements DmaOps {
    private final Cpu cpu;
    private final IommuMaster master;
    private final Device device;
    private final DmaParameters parameters;
    private final IovaSpace space;
    private final IommuDomain domain;
    private final IommuMemory memory;
    private final IommuBounce bounce;
    private final IommuWarnings warnings;
    private final IommuLists lists;
    private final IommuLinks links;
    private final long granuleMask;

    IommuDmaOps(
            Cpu cpu,
            IommuMaster master,
            IovaSpace space,
            IommuMemory memory,
            IommuBounce bounce,
            IommuWarnings warnings) {
        this.cpu = cpu;
        this.bounce = bounce;
        this.warnings = warnings;
        this.master = master;
        this.space = space;
        this.memory = memory;
        device = master.device();
        parameters = device.dma();
        domain = space.domain();
        granuleMask = space.granuleMask();
        lists = new IommuLists(master, space);
        links = new IommuLinks(this, cpu, master, space);
    }

    /** What the device may do with memory it is lent. */
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "dma_info_to_prot")
    int prot(DmaDirection direction, int attrs) {
        int prot =
                switch (direction) {
                    case BIDIRECTIONAL -> IommuProt.READ | IommuProt.WRITE;
                    case TO_DEVICE -> IommuProt.READ;
                    case FROM_DEVICE -> IommuProt.WRITE;
                    case NONE -> 0;
                };
        if (parameters.isCoherent()) {
            prot |= IommuProt.CACHE;
        }
        return (attrs & DmaAttrs.PRIVILEGED) == 0 ? prot : prot | IommuProt.PRIV;
    }

    // Streaming.

    @Override
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "iommu_dma_map_page")
    public long map(long phys, long size, DmaDirection direction, int attrs) {
        boolean copies = bounce.copies(phys, size, direction);
        long from = copies ? bounce.copy(phys, size, direction, attrs) : phys;
        if (from == Bouncer.NONE) {
            return DmaAddr.MAPPING_ERROR;
        }
        if (!parameters.isCoherent() && (attrs & DmaAttrs.SKIP_CPU_SYNC) == 0) {
            cpu.clean(from, size);
        }
        long dma = mapGranules(from, size, prot(direction, attrs), parameters.dmaMask());
        if (copies && dma == DmaAddr.MAPPING_ERROR) {
            bounce.end(from, size, direction, attrs);
        }
        return dma;
    }

    /** Maps the granules that hold a range. */
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "__iommu_dma_map")
    private long mapGranules(long phys, long size, int prot, long mask) {
        if (Integer.toUnsignedLong(parameters.minAlignMask()) > granuleMask) {
            warnings.warn(IommuWarnings.Once.ALIGNMENT, device);
            return DmaAddr.MAPPING_ERROR;
        }
        long inGranule = phys & granuleMask;
        long bytes = (size + inGranule + granuleMask) & ~granuleMask;
        if (Long.compareUnsigned(bytes, size) < 0) {
            return DmaAddr.MAPPING_ERROR;
        }
        long iova = space.take(device, bytes, mask, master);
        if (iova == IovaDomain.NONE) {
            return DmaAddr.MAPPING_ERROR;
        }
        if (space.map(iova, phys - inGranule, bytes, prot, Gfp.ATOMIC) != 0) {
            space.give(iova, bytes);
            return DmaAddr.MAPPING_ERROR;
        }
        return iova + inGranule;
    }

    private void unmapGranules(long dma, long size) {
        long inGranule = dma & granuleMask;
        space.unmap(dma - inGranule, (size + inGranule + granuleMask) & ~granuleMask);
    }

    @Override
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "iommu_dma_unmap_page")
    public void unmap(long dma, long size, DmaDirection direction, int attrs) {
        boolean invalidates =
                !parameters.isCoherent()
                        && (attrs & DmaAttrs.SKIP_CPU_SYNC) == 0
                        && direction != DmaDirection.TO_DEVICE;
        long phys = domain.iovaToPhys(dma);
        if (phys == 0) {
            space.warnNotMapped();
            return;
        }
        if (invalidates) {
            cpu.invalidate(phys, size);
        }
        unmapGranules(dma, size);
        bounce.end(phys, size, direction, attrs);
    }

    @Override
    public int mapSg(Scatterlist sg, int nents, DmaDirection direction, int attrs) {
        if (bounce.mayCopy(sg, nents, direction)) {
            return mapEach(sg, nents, direction, attrs);
        }
        if ((attrs & DmaAttrs.SKIP_CPU_SYNC) == 0) {
            cleanEach(sg, nents);
        }
        return lists.map(sg, nents, prot(direction, attrs));
    }

    /** Maps each entry by itself: some may be copies. */
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "iommu_dma_map_sg_swiotlb")
    private int mapEach(Scatterlist sg, int nents, DmaDirection direction, int attrs) {
        return EntryByEntry.map(this, sg, nents, direction, attrs);
    }

    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "iommu_dma_unmap_sg_swiotlb")
    private void unmapEach(Scatterlist sg, int nents, DmaDirection direction, int attrs) {
        EntryByEntry.unmap(this, sg, nents, direction, attrs);
    }

    @Override
    public void unmapSg(Scatterlist sg, int nents, DmaDirection direction, int attrs) {
        if (bounce.mayCopy(sg, nents, direction)) {
            unmapEach(sg, nents, direction, attrs);
            return;
        }
        if ((attrs & DmaAttrs.SKIP_CPU_SYNC) == 0) {
            invalidateEach(sg, nents, direction);
        }
        lists.unmap(sg, nents);
    }

    @Override
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "iommu_dma_map_resource")
    public long mapResource(long phys, long size, DmaDirection direction, int attrs) {
        return mapGranules(
                phys, size, prot(direction, attrs) | IommuProt.MMIO, parameters.dmaMask());
    }

    @Override
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "iommu_dma_unmap_resource")
    public void unmapResource(long dma, long size, DmaDirection direction, int attrs) {
        unmapGranules(dma, size);
    }

    @Override
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "iommu_dma_sync_single_for_cpu")
    public void syncForCpu(long dma, long size, DmaDirection direction) {
        if (parameters.isCoherent() && !bounce.mayCopy(size, direction)) {
            return;
        }
        long phys = domain.iovaToPhys(dma);
        if (!parameters.isCoherent() && direction != DmaDirection.TO_DEVICE) {
            cpu.invalidate(phys, size);
        }
        bounce.syncForCpu(phys, size, direction);
    }

    @Override
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "iommu_dma_sync_single_for_device")
    public void syncForDevice(long dma, long size, DmaDirection direction) {
        if (parameters.isCoherent() && !bounce.mayCopy(size, direction)) {
            return;
        }
        long phys = domain.iovaToPhys(dma);
        bounce.syncForDevice(phys, size, direction);
        if (!parameters.isCoherent()) {
            cpu.clean(phys, size);
        }
    }

    @Override
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "iommu_dma_sync_sg_for_cpu")
    public void syncSgForCpu(Scatterlist sg, int nents, DmaDirection direction) {
        if (!bounce.mayCopy(sg, nents, direction)) {
            invalidateEach(sg, nents, direction);
            return;
        }
        EntryByEntry.syncForCpu(this, sg, nents, direction);
    }

    @Override
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "iommu_dma_sync_sg_for_device")
    public void syncSgForDevice(Scatterlist sg, int nents, DmaDirection direction) {
        if (!bounce.mayCopy(sg, nents, direction)) {
            cleanEach(sg, nents);
            return;
        }
        EntryByEntry.syncForDevice(this, sg, nents, direction);
    }

    private void invalidateEach(Scatterlist sg, int nents, DmaDirection direction) {
        if (parameters.isCoherent() || direction == DmaDirection.TO_DEVICE) {
            return;
        }
        int left = nents;
        for (Scatterlist run = sg; run != null && left > 0; run = run.next()) {
            int count = Math.min(left, run.count());
            for (int i = 0; i < count; i++) {
                cpu.invalidate(run.phys(i), run.length(i));
            }
            left -= count;
        }
    }

    private void cleanEach(Scatterlist sg, int nents) {
        if (parameters.isCoherent()) {
            return;
        }
        int left = nents;
        for (Scatterlist run = sg; run != null && left > 0; run = run.next()) {
            int count = Math.min(left, run.count());
            for (int i = 0; i < count; i++) {
                cpu.clean(run.phys(i), run.length(i));
            }
            left -= count;
        }
    }

    /** Always: whether a mapping is bounced is found out by translating its address. */
    @Override
    public boolean needsSync(long dma) {
        return true;
    }

    @Override
    public long toPhys(long dma) {
        long phys = domain.iovaToPhys(dma);
        return phys == 0 ? -1 : phys;
    }

    @Override
    public boolean translates() {
        return true;
    }

    @Override
    public boolean copies(long phys, long size, DmaDirection direction) {
        return bounce.copies(phys, size, direction);
    }

    @Override
    public IovaOps iova() {
        return links;
    }

    // Masks and limits.

    /** Any mask: the allocator will find out. */
    @Override
    public boolean supports(long mask) {
        return true;
    }

    @Override
    public long requiredMask() {
        return DmaParameters.MASK_32;
    }

    @Override
    public long maxMappingSize() {
        return bounce.maxMappingSize();
    }

    /** What is larger goes past the cache of addresses. */
    @Override
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "iommu_dma_opt_mapping_size")
    public long optMappingSize() {
        long cached = VirtualMemory.PAGE_BYTES << (IovaDomain.CACHED_ORDERS - 1);
        return Math.min(cached, maxMappingSize());
    }

    @Override
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "iommu_dma_get_merge_boundary")
    public long mergeBoundary() {
        return granuleMask;
    }

    @Override
    public boolean canMmap() {
        return true;
    }

    // Coherent memory.

    @Override
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "iommu_dma_alloc")
    public CoherentBuffer alloc(long size, Gfp gfp, int attrs) {
        int prot = prot(DmaDirection.BIDIRECTIONAL, attrs);
        if (gfp.isBlocking() && (attrs & DmaAttrs.FORCE_CONTIGUOUS) == 0) {
            return allocScattered(size, gfp, prot, attrs);
        }
        IommuBlock block = memory.takeBlock(device, size, gfp);
        if (block == null) {
            throw none(size);
        }
        long dma = mapGranules(block.phys(), size, prot, parameters.coherentDmaMask());
        if (dma == DmaAddr.MAPPING_ERROR) {
            memory.give(device, block.va(), size);
            throw none(size);
        }
        return new CoherentBuffer(block.va(), dma, size);
    }

    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "iommu_dma_alloc_remap")
    private CoherentBuffer allocScattered(long size, Gfp gfp, int prot, int attrs) {
        long[] pages = memory.takePages(device, size, domain.pageSizes(), gfp, attrs);
        if (pages == null) {
            throw none(size);
        }
        long iova = mapPages(pages, prot, gfp);
        long va = iova == IovaDomain.NONE ? 0 : memory.show(device, pages);
        if (va == 0) {
            if (iova != IovaDomain.NONE) {
                unmapGranules(iova, size);
            }
            memory.givePages(pages);
            throw none(size);
        }
        return new CoherentBuffer(va, iova, size);
    }

    /** Maps pages one behind the other; where the device finds them, or {@link IovaDomain#NONE}. */
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "__iommu_dma_alloc_noncontiguous")
    private long mapPages(long[] pages, int prot, Gfp gfp) {
        long bytes = (pages.length * VirtualMemory.PAGE_BYTES + granuleMask) & ~granuleMask;
        long iova = space.take(device, bytes, parameters.coherentDmaMask(), master);
        if (iova == IovaDomain.NONE) {
            return IovaDomain.NONE;
        }
        SgTable table = SgTable.fromPages(pages, pages.length, 0, bytes);
        if (space.mapSg(iova, table.sgl(), table.origNents(), prot, gfp) != bytes) {
            space.give(iova, bytes);
            return IovaDomain.NONE;
        }
        return iova;
    }

    // Pages in the caches.

    @Override
    @Linux(file = "kernel/dma/ops_helpers.c", symbol = "dma_common_alloc_pages")
    public DmaPages allocPages(long size, DmaDirection direction, Gfp gfp) {
        long phys = memory.takeCached(device, size, gfp);
        if (phys == PageAllocator.NONE) {
            throw none(size);
        }
        long dma = mapGranules(phys, size, prot(direction, DmaAttrs.NONE), parameters.dmaMask());
        if (dma == DmaAddr.MAPPING_ERROR) {
            memory.giveCached(device, phys, size);
            throw none(size);
        }
        return new DmaPages(phys, dma, size);
    }

    @Override
    @Linux(file = "kernel/dma/ops_helpers.c", symbol = "dma_common_free_pages")
    public void freePages(DmaPages pages, DmaDirection direction) {
        unmapGranules(pages.dma(), pages.size());
        memory.giveCached(device, pages.page(), pages.size());
    }

    @Override
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "iommu_dma_alloc_noncontiguous")
    public SgTable allocNoncontiguous(long size, DmaDirection direction, Gfp gfp, int attrs) {
        long[] pages = memory.takePages(device, size, domain.pageSizes(), gfp, attrs);
        if (pages == null) {
            throw none(size);
        }
        long iova = mapPages(pages, prot(DmaDirection.BIDIRECTIONAL, attrs), gfp);
        if (iova == IovaDomain.NONE) {
            memory.givePages(pages);
            throw none(size);
        }
        long bytes = pages.length * VirtualMemory.PAGE_BYTES;
        SgTable table = SgTable.fromPages(pages, pages.length, 0, bytes);
        table.sgl().setDma(0, iova, bytes);
        return table;
    }

    @Override
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "iommu_dma_free_noncontiguous")
    public void freeNoncontiguous(long size, SgTable table, DmaDirection direction) {
        unmapGranules(table.sgl().dmaAddress(0), table.sgl().dmaLength(0));
        memory.givePages(IommuMemory.pagesOf(table));
    }

    @Override
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "iommu_dma_vmap_noncontiguous")
    public long vmapNoncontiguous(long size, SgTable table) {
        return memory.showCached(IommuMemory.pagesOf(table));
    }

    @Override
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_vunmap_noncontiguous")
    public void vunmapNoncontiguous(long va) {
        memory.hideCached(va);
    }

    private DmaException none(long size) {
        return new DmaException(
                Errno.ENOMEM,
                "%s: no 0x%x bytes, or no address for them below 0x%x",
                device,
                size,
                parameters.coherentDmaMask());
    }

    @Override
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "iommu_dma_free")
    public void free(long size, long va, long dma, int attrs) {
        unmapGranules(dma, size);
        memory.give(device, va, size);
    }

    @Override
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "iommu_dma_mmap")
    public void mmap(Vma vma, long va, long dma, long size, int attrs) {
        memory.mmap(device, vma, va, size);
    }

    @Override
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "iommu_dma_get_sgtable")
    public SgTable sgTable(long va, long dma, long size, int attrs) {
        return memory.table(va, size);
    }
}
