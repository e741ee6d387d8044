package dmakit.kernel.iommu;

import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.log.Log;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.kernel.sched.Contexts;
import dmakit.machine.cpu.Cpu;
import org.jspecify.annotations.Nullable;

/**
 * A domain of the mapping API: its page tables together with who has which address. All masters of
 * a group share it.
 */
@Linux(file = "drivers/iommu/dma-iommu.c", symbol = "iommu_dma_cookie")
final class IovaSpace {
    private static final long LAST_OF_32_BITS = 0xffff_ffffL;

    private final Cpu cpu;
    private final Contexts contexts;
    private final Log log;
    private final IommuDomain domain;
    private final PagingDomain tables;
    private final IovaDomain iovas;
    private final IotlbGather gather = new IotlbGather();
    private final long granuleMask;
    private @Nullable FlushQueue queue;

    IovaSpace(Cpu cpu, Contexts contexts, Log log, IommuDomain domain, IovaDomain iovas) {
        this.cpu = cpu;
        this.contexts = contexts;
        this.log = log;
        this.domain = domain;
        this.iovas = iovas;
        tables = domain.requireTables();
        granuleMask = iovas.granuleMask();
    }

    /** Who has which address. */
    IovaDomain iovas() {
        return iovas;
    }

    /** The bits of an address inside of the smallest page. */
    long granuleMask() {
        return granuleMask;
    }

    /** Its domain. */
    IommuDomain domain() {
        return domain;
    }

    /** Becomes lazy. */
    void queue(FlushQueue waiting) {
        queue = waiting;
    }

    /** What waits for the IOMMU to forget it; null in strict mode. */
    @Nullable FlushQueue queue() {
        return queue;
    }

    /**
     * Takes addresses for a device.
     *
     * @param size in bytes, whole granules; 0 gets nothing
     * @param mask of the device
     * @param master tries 32 bits first, or does not any more
     * @return the first, or {@link IovaDomain#NONE}
     */
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "iommu_dma_alloc_iova")
    long take(Device device, long size, long mask, IommuMaster master) {
        long limit = minUnsigned(device.dma().limitWith(mask), tables.apertureLast());
        if (size <= 0) {
            return IovaDomain.NONE;
        }
        if (master.triesBelow4GFirst() && Long.compareUnsigned(limit, LAST_OF_32_BITS) > 0) {
            long iova = iovas.take(size, LAST_OF_32_BITS, false);
            if (iova != IovaDomain.NONE) {
                return iova;
            }
            master.goBeyond4G();
            log.devNotice(
                    device,
                    "Using %d-bit DMA addresses",
                    Long.SIZE - Long.numberOfLeadingZeros(limit));
        }
        return iovas.take(size, limit, true);
    }

    private static long minUnsigned(long a, long b) {
        return Long.compareUnsigned(a, b) < 0 ? a : b;
    }

    /** Gives back addresses that were never mapped. */
    void give(long iova, long size) {
        iovas.give(iova, size);
    }

    /** Maps granules at addresses that were taken; 0 or a negative error number. */
    int map(long iova, long phys, long size, int prot, Gfp gfp) {
        return domain.tryMap(iova, phys, size, prot, gfp);
    }

    /** Maps a list of whole granules; bytes mapped, or a negative error number. */
    long mapSg(long iova, Scatterlist sg, int nents, int prot, Gfp gfp) {
        return domain.tryMapSg(iova, sg, nents, prot, gfp);
    }

    /**
     * Maps the granules of a list's entries, whose view of the device says how many bytes those
     * have; bytes mapped, or a negative error number.
     */
    long mapLaidOut(long iova, Scatterlist sg, int nents, int prot) {
        return domain.tryMapSg(iova, sg, nents, granuleMask(), prot, Gfp.ATOMIC);
    }

    /** Unmaps granules; the IOMMU has forgotten them when this returns. */
    void unmapKeeping(long iova, long size) {
        boolean interrupts = cpu.disableInterrupts();
        gather.clear();
        warnUnless(size, IommuDomain.unmapPages(cpu, tables, iova, size, gather));
        IommuDomain.sync(cpu, tables, gather);
        cpu.restoreInterrupts(interrupts);
    }

    /** Unmaps granules and gives their addresses back: at once, or once the IOMMU forgot them. */
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "__iommu_dma_unmap")
    void unmap(long iova, long size) {
        unmap(iova, size, size);
    }

    /** As above, where not all of what was taken was mapped. */
    void unmap(long iova, long mapped, long taken) {
        boolean interrupts = cpu.disableInterrupts();
        gather.clear();
        long unmapped = IommuDomain.unmapPages(cpu, tables, iova, mapped, gather);
        warnUnless(mapped, unmapped);
        FlushQueue lazy = queue;
        if (unmapped == 0) {
            // Nobody's address, or somebody's who will give it back: it must not be given twice.
            IommuDomain.sync(cpu, tables, gather);
        } else if (lazy == null) {
            IommuDomain.sync(cpu, tables, gather);
            iovas.give(iova, taken);
        } else {
            lazy.add(iova, taken, gather);
        }
        cpu.restoreInterrupts(interrupts);
    }

    /** An address is taken back that leads nowhere. */
    void warnNotMapped() {
        contexts.warn("iommu_dma_unmap_page", "");
    }

    private void warnUnless(long wanted, long unmapped) {
        if (unmapped != wanted) {
            contexts.warn("__iommu_dma_unmap", "");
        }
    }

    /** Ends it. */
    void close() {
        if (queue != null) {
            queue.close();
        }
    }
}
