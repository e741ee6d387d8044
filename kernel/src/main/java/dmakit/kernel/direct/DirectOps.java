package dmakit.kernel.direct;

import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.DmaParameters;
import dmakit.kernel.device.DmaRangeMap;
import dmakit.kernel.direct.DirectDma.Once;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dma.DmaAddr;
import dmakit.kernel.dma.DmaAttrs;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dma.DmaOps;
import dmakit.kernel.dma.DmaPages;
import dmakit.kernel.dma.EntryByEntry;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.Mm;
import dmakit.kernel.mm.Vma;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.kernel.scatterlist.SgTable;
import dmakit.kernel.swiotlb.Bouncer;
import dmakit.machine.cpu.Cpu;

/**
 * Direct mapping for one device.
 *
 * <p>Cache maintenance is that of arm64: a mapping cleans for all directions; giving back
 * invalidates where the device may have written.
 */
@Linux(file = "kernel/dma/direct.c", symbol = "dma_direct_map_page")
final class DirectOps implements DmaOps {
    private static final long LAST_OF_32_BITS = 0xffff_ffffL;
    private static final int SMALL_BUFFER_BYTES = 256;

    private final DirectDma direct;
    private final Cpu cpu;
    private final Mm mm;
    private final Bouncer bouncer;
    private final Device device;
    private final DmaParameters parameters;
    private final Reach reach;
    private final DirectMemory memory;

    DirectOps(
            DirectDma direct,
            Cpu cpu,
            Mm mm,
            MemorySources sources,
            Bouncer bouncer,
            Device device) {
        this.direct = direct;
        this.cpu = cpu;
        this.mm = mm;
        this.bouncer = bouncer;
        this.device = device;
        parameters = device.dma();
        reach = new Reach(parameters);
        memory = new DirectMemory(cpu, mm, sources, bouncer, device, reach);
    }

    @Override
    public long toPhys(long dma) {
        return reach.toPhys(dma);
    }

    // Streaming.

    @Override
    public long map(long phys, long size, DmaDirection direction, int attrs) {
        if (bouncer.forcesBounce()) {
            return bounce(phys, size, direction, attrs);
        }
        long dma = reach.toDma(phys);
        if (!reach.isCapable(dma, size) || needsBounce(size, direction)) {
            if (bouncer.isActive()) {
                return bounce(phys, size, direction, attrs);
            }
            direct.warnOverflow(Once.MAP_OVERFLOW, device, dma, size);
            return DmaAddr.MAPPING_ERROR;
        }
        if (!parameters.isCoherent() && (attrs & DmaAttrs.SKIP_CPU_SYNC) == 0) {
            cpu.clean(phys, size);
        }
        return dma;
    }

    /** Maps a copy instead: in memory that every device should reach. */
    @Linux(file = "kernel/dma/swiotlb.c", symbol = "swiotlb_map")
    private long bounce(long phys, long size, DmaDirection direction, int attrs) {
        long copy = bouncer.map(phys, size, 0, direction, attrs);
        if (copy == Bouncer.NONE) {
            return DmaAddr.MAPPING_ERROR;
        }
        long dma = reach.toDma(copy);
        if (!reach.isCapable(dma, size)) {
            bouncer.unmap(copy, size, direction, attrs | DmaAttrs.SKIP_CPU_SYNC);
            direct.warnOverflow(Once.BOUNCE_OVERFLOW, device, dma, size);
            return DmaAddr.MAPPING_ERROR;
        }
        if (!parameters.isCoherent() && (attrs & DmaAttrs.SKIP_CPU_SYNC) == 0) {
            cpu.clean(copy, size);
        }
        return dma;
    }

    /** By length alone: a small buffer may share its cache lines with the object beside it. */
    @Linux(file = "include/linux/dma-map-ops.h", symbol = "dma_kmalloc_needs_bounce")
    private boolean needsBounce(long size, DmaDirection direction) {
        return size < SMALL_BUFFER_BYTES
                && direction != DmaDirection.TO_DEVICE
                && !parameters.isCoherent()
                && mm.slab().sizeRoundup(size) % DirectDma.cacheAlignment() != 0;
    }

    @Override
    @Linux(file = "kernel/dma/direct.h", symbol = "dma_direct_unmap_page")
    public void unmap(long dma, long size, DmaDirection direction, int attrs) {
        if (isUntouched()) {
            return;
        }
        long phys = reach.toPhys(dma);
        if ((attrs & DmaAttrs.SKIP_CPU_SYNC) == 0) {
            invalidate(phys, size, direction);
        }
        if (bouncer.holds(phys)) {
            bouncer.unmap(phys, size, direction, attrs);
        }
    }

    /** Whether nothing ever has to be done for what the device did to memory. */
    private boolean isUntouched() {
        return parameters.isCoherent() && !bouncer.hasBounced();
    }

    @Override
    @Linux(file = "kernel/dma/direct.c", symbol = "dma_direct_map_sg")
    public int mapSg(Scatterlist sg, int nents, DmaDirection direction, int attrs) {
        return EntryByEntry.map(this, sg, nents, direction, attrs);
    }

    @Override
    @Linux(file = "kernel/dma/direct.c", symbol = "dma_direct_unmap_sg")
    public void unmapSg(Scatterlist sg, int nents, DmaDirection direction, int attrs) {
        if (isUntouched()) {
            return;
        }
        EntryByEntry.unmap(this, sg, nents, direction, attrs);
    }

    @Override
    @Linux(file = "kernel/dma/direct.c", symbol = "dma_direct_map_resource")
    public long mapResource(long phys, long size, DmaDirection direction, int attrs) {
        if (!reach.isCapable(phys, size)) {
            direct.warnOverflow(Once.RESOURCE_OVERFLOW, device, phys, size);
            return DmaAddr.MAPPING_ERROR;
        }
        return phys;
    }

    @Override
    public void unmapResource(long dma, long size, DmaDirection direction, int attrs) {
        // Registers are in no cache.
    }

    @Override
    @Linux(file = "kernel/dma/direct.h", symbol = "dma_direct_sync_single_for_cpu")
    public void syncForCpu(long dma, long size, DmaDirection direction) {
        if (isUntouched()) {
            return;
        }
        long phys = reach.toPhys(dma);
        invalidate(phys, size, direction);
        if (bouncer.holds(phys)) {
            bouncer.syncForCpu(phys, size, direction);
        }
    }

    @Override
    @Linux(file = "kernel/dma/direct.h", symbol = "dma_direct_sync_single_for_device")
    public void syncForDevice(long dma, long size, DmaDirection direction) {
        if (isUntouched()) {
            return;
        }
        long phys = reach.toPhys(dma);
        if (bouncer.holds(phys)) {
            bouncer.syncForDevice(phys, size, direction);
        }
        if (!parameters.isCoherent()) {
            cpu.clean(phys, size);
        }
    }

    @Linux(file = "arch/arm64/mm/dma-mapping.c", symbol = "arch_sync_dma_for_cpu")
    private void invalidate(long phys, long size, DmaDirection direction) {
        if (!parameters.isCoherent() && direction != DmaDirection.TO_DEVICE) {
            cpu.invalidate(phys, size);
        }
    }

    @Override
    @Linux(file = "kernel/dma/direct.c", symbol = "dma_direct_sync_sg_for_cpu")
    public void syncSgForCpu(Scatterlist sg, int nents, DmaDirection direction) {
        if (isUntouched()) {
            return;
        }
        EntryByEntry.syncForCpu(this, sg, nents, direction);
    }

    @Override
    @Linux(file = "kernel/dma/direct.c", symbol = "dma_direct_sync_sg_for_device")
    public void syncSgForDevice(Scatterlist sg, int nents, DmaDirection direction) {
        if (isUntouched()) {
            return;
        }
        EntryByEntry.syncForDevice(this, sg, nents, direction);
    }

    @Override
    @Linux(file = "kernel/dma/direct.c", symbol = "dma_direct_need_sync")
    public boolean needsSync(long dma) {
        return !isUntouched() && (!parameters.isCoherent() || bouncer.holds(reach.toPhys(dma)));
    }

    // Masks.

    @Override
    @Linux(file = "kernel/dma/direct.c", symbol = "dma_direct_supported")
    public boolean supports(long mask) {
        if (Long.compareUnsigned(mask, LAST_OF_32_BITS) >= 0) {
            return true;
        }
        long dmaLimit = mm.pages().zones().dmaLimit();
        long lastPage = direct.lastPage();
        long least = Long.compareUnsigned(dmaLimit, lastPage) < 0 ? dmaLimit : lastPage;
        return Long.compareUnsigned(mask, reach.toDma(least)) >= 0;
    }

    @Override
    @Linux(file = "kernel/dma/direct.c", symbol = "dma_direct_get_required_mask")
    public long requiredMask() {
        long highest = Long.highestOneBit(reach.toDma(direct.lastPage()));
        return (highest << 1) - 1;
    }

    @Override
    @Linux(file = "kernel/dma/direct.c", symbol = "dma_direct_max_mapping_size")
    public long maxMappingSize() {
        return bouncer.isActive() && (bouncer.forcesBounce() || isAddressingLimited())
                ? bouncer.maxMappingSize()
                : Long.MAX_VALUE;
    }

    /** Whether there is RAM that the device does not reach. */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_addressing_limited")
    private boolean isAddressingLimited() {
        long reach = parameters.limitWith(parameters.dmaMask());
        return Long.compareUnsigned(reach, requiredMask()) < 0 || !coversRam();
    }

    @Override
    @Linux(file = "kernel/dma/direct.c", symbol = "dma_direct_all_ram_mapped")
    public boolean coversRam() {
        DmaRangeMap map = parameters.rangeMap();
        return map == null
                || mm.memblock().ram().banks().stream()
                        .allMatch(bank -> map.covers(bank.base(), bank.size()));
    }

    @Override
    public long mergeBoundary() {
        return 0;
    }

    @Override
    public boolean canMmap() {
        return true;
    }

    // Coherent memory.

    @Override
    public CoherentBuffer alloc(long size, Gfp gfp, int attrs) {
        return memory.alloc(size, gfp, attrs);
    }

    @Override
    public void free(long size, long va, long dma, int attrs) {
        memory.free(size, va, dma, attrs);
    }

    @Override
    public DmaPages allocPages(long size, DmaDirection direction, Gfp gfp) {
        return memory.allocPages(size, gfp);
    }

    @Override
    public void freePages(DmaPages given, DmaDirection direction) {
        memory.freePages(given);
    }

    @Override
    public void mmap(Vma vma, long va, long dma, long size, int attrs) {
        memory.mmap(vma, va, dma, size);
    }

    @Override
    public SgTable sgTable(long va, long dma, long size, int attrs) {
        return memory.sgTable(dma, size);
    }
}
