package dmakit.kernel.direct;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
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
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.Mm;
import dmakit.kernel.mm.PageAllocator;
import dmakit.kernel.mm.VirtualMemory;
import dmakit.kernel.mm.Vma;
import dmakit.kernel.mm.Vmalloc;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.kernel.scatterlist.SgTable;
import dmakit.kernel.swiotlb.Bouncer;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.cpu.MemoryType;
import org.jspecify.annotations.Nullable;

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
    private final AtomicPools pools;
    private final Bouncer bouncer;
    private final Device device;
    private final DmaParameters parameters;

    DirectOps(
            DirectDma direct,
            Cpu cpu,
            Mm mm,
            AtomicPools pools,
            Bouncer bouncer,
            Device device) {
        this.direct = direct;
        this.cpu = cpu;
        this.mm = mm;
        this.pools = pools;
        this.bouncer = bouncer;
        this.device = device;
        parameters = device.dma();
    }

    // Addresses and what the device reaches.

    @Linux(file = "include/linux/dma-direct.h", symbol = "phys_to_dma")
    private long toDma(long phys) {
        DmaRangeMap map = parameters.rangeMap();
        return map == null ? phys : map.toDma(phys);
    }

    @Override
    @Linux(file = "include/linux/dma-direct.h", symbol = "dma_to_phys")
    public long toPhys(long dma) {
        DmaRangeMap map = parameters.rangeMap();
        return map == null ? dma : map.toPhys(dma);
    }

    @Linux(file = "include/linux/dma-direct.h", symbol = "dma_capable")
    private boolean isCapable(long dma, long size) {
        return reaches(dma, size, parameters.dmaMask());
    }

    @Linux(file = "kernel/dma/direct.c", symbol = "dma_coherent_ok")
    private boolean isCoherentOk(long phys, long size) {
        return reaches(toDma(phys), size, parameters.coherentDmaMask());
    }

    private boolean reaches(long dma, long size, long mask) {
        return dma != DmaAddr.MAPPING_ERROR
                && Long.compareUnsigned(dma + size - 1, minNotZero(mask, parameters.busDmaLimit()))
                        <= 0;
    }

    @Linux(file = "include/linux/minmax.h", symbol = "min_not_zero")
    private static long minNotZero(long a, long b) {
        if (a == 0 || b == 0) {
            return a | b;
        }
        return Long.compareUnsigned(a, b) < 0 ? a : b;
    }

    // Streaming.

    @Override
    public long map(long phys, long size, DmaDirection direction, int attrs) {
        if (bouncer.forcesBounce()) {
            return bounce(phys, size, direction, attrs);
        }
        long dma = toDma(phys);
        if (!isCapable(dma, size) || needsBounce(size, direction)) {
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
        long dma = toDma(copy);
        if (!isCapable(dma, size)) {
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
        long phys = toPhys(dma);
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
        int left = nents;
        for (Scatterlist run = sg; run != null && left > 0; run = run.next()) {
            int count = Math.min(left, run.count());
            for (int i = 0; i < count; i++) {
                long size = run.length(i);
                long dma = map(run.phys(i), size, direction, attrs);
                if (dma == DmaAddr.MAPPING_ERROR) {
                    int mapped = nents - left + i;
                    unmapSg(sg, mapped, direction, attrs | DmaAttrs.SKIP_CPU_SYNC);
                    return -Errno.EIO.number();
                }
                run.setDma(i, dma, size);
            }
            left -= count;
        }
        return nents;
    }

    @Override
    @Linux(file = "kernel/dma/direct.c", symbol = "dma_direct_unmap_sg")
    public void unmapSg(Scatterlist sg, int nents, DmaDirection direction, int attrs) {
        if (isUntouched()) {
            return;
        }
        int left = nents;
        for (Scatterlist run = sg; run != null && left > 0; run = run.next()) {
            int count = Math.min(left, run.count());
            for (int i = 0; i < count; i++) {
                unmap(run.dmaAddress(i), run.dmaLength(i), direction, attrs);
            }
            left -= count;
        }
    }

    @Override
    @Linux(file = "kernel/dma/direct.c", symbol = "dma_direct_map_resource")
    public long mapResource(long phys, long size, DmaDirection direction, int attrs) {
        if (!isCapable(phys, size)) {
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
        long phys = toPhys(dma);
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
        long phys = toPhys(dma);
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
        int left = nents;
        for (Scatterlist run = sg; run != null && left > 0; run = run.next()) {
            int count = Math.min(left, run.count());
            for (int i = 0; i < count; i++) {
                syncForCpu(run.dmaAddress(i), run.length(i), direction);
            }
            left -= count;
        }
    }

    @Override
    @Linux(file = "kernel/dma/direct.c", symbol = "dma_direct_sync_sg_for_device")
    public void syncSgForDevice(Scatterlist sg, int nents, DmaDirection direction) {
        if (isUntouched()) {
            return;
        }
        int left = nents;
        for (Scatterlist run = sg; run != null && left > 0; run = run.next()) {
            int count = Math.min(left, run.count());
            for (int i = 0; i < count; i++) {
                syncForDevice(run.dmaAddress(i), run.length(i), direction);
            }
            left -= count;
        }
    }

    @Override
    @Linux(file = "kernel/dma/direct.c", symbol = "dma_direct_need_sync")
    public boolean needsSync(long dma) {
        return !isUntouched() && (!parameters.isCoherent() || bouncer.holds(toPhys(dma)));
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
        return Long.compareUnsigned(mask, toDma(least)) >= 0;
    }

    @Override
    @Linux(file = "kernel/dma/direct.c", symbol = "dma_direct_get_required_mask")
    public long requiredMask() {
        long highest = Long.highestOneBit(toDma(direct.lastPage()));
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
        long reach = minNotZero(parameters.dmaMask(), parameters.busDmaLimit());
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
    @Linux(file = "kernel/dma/direct.c", symbol = "dma_direct_alloc")
    public CoherentBuffer alloc(long size, Gfp gfp, int attrs) {
        long bytes = VirtualMemory.pageAlign(size);
        Gfp flags = gfp.without(Gfp.ZERO);
        if ((attrs & DmaAttrs.NO_WARN) != 0) {
            flags = flags.with(Gfp.NOWARN);
        }
        // The old attribute promises syncs, so such memory may stay in the caches.
        boolean remap = !parameters.isCoherent() && (attrs & DmaAttrs.NON_CONSISTENT) == 0;
        boolean unmapped = (attrs & DmaAttrs.NO_KERNEL_MAPPING) != 0;
        if (remap && !unmapped && !gfp.isBlocking()) {
            return fromPool(size, bytes, flags);
        }
        long phys = allocPages(bytes, flags);
        if (phys == PageAllocator.NONE) {
            throw new DmaException(
                    Errno.ENOMEM,
                    "%s: no 0x%x contiguous bytes below bus address 0x%x",
                    device,
                    size,
                    coherentLimit());
        }
        if (unmapped) {
            // As Linux: what an earlier owner left in the caches must not come out later.
            clean(phys, bytes);
            return new CoherentBuffer(phys, toDma(phys), size);
        }
        long va = AddressLayout.LINEAR_BASE + phys;
        if (remap) {
            clean(phys, bytes);
            va = mm.vmalloc().map(phys, bytes, MemoryType.WRITE_COMBINE, Vmalloc.Use.COHERENT);
        }
        cpu.fill(va, bytes, (byte) 0);
        return new CoherentBuffer(va, toDma(phys), size);
    }

    @Linux(file = "arch/arm64/mm/dma-mapping.c", symbol = "arch_dma_prep_coherent")
    private void clean(long phys, long bytes) {
        if (!parameters.isCoherent()) {
            cpu.clean(phys, bytes);
        }
    }

    @Linux(file = "kernel/dma/direct.c", symbol = "dma_direct_alloc_from_pool")
    private CoherentBuffer fromPool(long size, long bytes, Gfp flags) {
        Gfp inZone = flags.with(zoneFlags());
        AtomicPools.Range range = pools.take(bytes, inZone, device.name(), this::isCoherentOk);
        if (range == null) {
            throw new DmaException(
                    Errno.ENOMEM, "%s: no 0x%x bytes in a pool it reaches", device, size);
        }
        return new CoherentBuffer(range.va(), toDma(range.phys()), size);
    }

    private long coherentLimit() {
        return minNotZero(parameters.coherentDmaMask(), parameters.busDmaLimit());
    }

    /** The zone flag for what the device reaches; a limit it cannot translate gives none. */
    @Linux(file = "kernel/dma/direct.c", symbol = "dma_direct_optimal_gfp_mask")
    private Gfp zoneFlags() {
        long limit = toPhys(coherentLimit());
        if (Long.compareUnsigned(limit, mm.pages().zones().dmaLimit()) <= 0) {
            return Gfp.DMA;
        }
        return Long.compareUnsigned(limit, LAST_OF_32_BITS) <= 0 ? Gfp.DMA32 : NO_FLAGS;
    }

    private static final Gfp NO_FLAGS = new Gfp(0);

    @Override
    @Linux(file = "kernel/dma/direct.c", symbol = "dma_direct_alloc_pages")
    public DmaPages allocPages(long size, DmaDirection direction, Gfp gfp) {
        long bytes = VirtualMemory.pageAlign(size);
        long phys = allocPages(bytes, gfp.without(Gfp.ZERO));
        if (phys == PageAllocator.NONE) {
            throw new DmaException(
                    Errno.ENOMEM,
                    "%s: no 0x%x contiguous bytes below bus address 0x%x",
                    device,
                    size,
                    coherentLimit());
        }
        cpu.fill(AddressLayout.LINEAR_BASE + phys, bytes, (byte) 0);
        return new DmaPages(phys, toDma(phys), size);
    }

    @Override
    @Linux(file = "kernel/dma/direct.c", symbol = "dma_direct_free_pages")
    public void freePages(DmaPages given, DmaDirection direction) {
        long bytes = VirtualMemory.pageAlign(given.size());
        mm.pages().give(given.page(), PageAllocator.orderFor(bytes));
    }

    @Linux(file = "kernel/dma/direct.c", symbol = "__dma_direct_alloc_pages")
    private long allocPages(long bytes, Gfp gfp) {
        PageAllocator pages = mm.pages();
        int order = PageAllocator.orderFor(bytes);
        boolean limited = toPhys(coherentLimit()) != -1;
        for (Gfp flags = gfp.with(zoneFlags()); flags != null; flags = lower(flags, limited)) {
            long phys = pages.take(flags, order);
            if (phys == PageAllocator.NONE || isCoherentOk(phys, bytes)) {
                return phys;
            }
            pages.give(phys, order);
        }
        return PageAllocator.NONE;
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

    @Override
    @Linux(file = "kernel/dma/direct.c", symbol = "dma_direct_free")
    public void free(long size, long va, long dma, int attrs) {
        long bytes = VirtualMemory.pageAlign(size);
        if ((attrs & DmaAttrs.NO_KERNEL_MAPPING) == 0) {
            if (pools.give(va, bytes)) {
                return;
            }
            if (AddressLayout.isVmalloc(va)) {
                mm.vmalloc().unmap(va, Vmalloc.Use.COHERENT);
            }
        }
        mm.pages().give(toPhys(dma), PageAllocator.orderFor(bytes));
    }

    @Override
    @Linux(file = "kernel/dma/direct.c", symbol = "dma_direct_mmap")
    public void mmap(Vma vma, long va, long dma, long size, int attrs) {
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
                        VirtualMemory.pfnOf(toPhys(dma)) + vma.pageOffset(),
                        vma.size(),
                        parameters.isCoherent() ? MemoryType.WRITE_BACK : MemoryType.WRITE_COMBINE);
    }

    @Override
    @Linux(file = "kernel/dma/direct.c", symbol = "dma_direct_get_sgtable")
    public SgTable sgTable(long va, long dma, long size, int attrs) {
        SgTable table = SgTable.allocate(1);
        table.sgl().setPage(0, toPhys(dma), VirtualMemory.pageAlign(size), 0);
        return table;
    }
}
