package dmakit.kernel.iommu;

import dmakit.kernel.Errno;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaAttrs;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dma.DmaIova;
import dmakit.kernel.dma.IovaOps;
import dmakit.kernel.mm.Gfp;
import dmakit.machine.cpu.Cpu;

/** Mapping in two steps behind an IOMMU. */
@Linux(file = "drivers/iommu/dma-iommu.c", symbol = "dma_iova_link")
final class IommuLinks implements IovaOps {
    private final IommuDmaOps ops;
    private final Cpu cpu;
    private final IommuMaster master;
    private final Device device;
    private final IovaSpace space;
    private final long granuleMask;

    IommuLinks(IommuDmaOps ops, Cpu cpu, IommuMaster master, IovaSpace space) {
        this.ops = ops;
        this.cpu = cpu;
        this.master = master;
        this.space = space;
        device = master.device();
        granuleMask = space.granuleMask();
    }

    private long granules(long bytes) {
        return (bytes + granuleMask) & ~granuleMask;
    }

    @Override
    public boolean tryAlloc(DmaIova state, long phys, long size) {
        long inGranule = phys & granuleMask;
        if (size > Long.MAX_VALUE - inGranule - granuleMask) {
            return false;
        }
        long iova = space.take(device, granules(size + inGranule), device.dma().dmaMask(), master);
        if (iova == IovaDomain.NONE) {
            return false;
        }
        state.set(iova + inGranule, size);
        return true;
    }

    @Override
    public void free(DmaIova state) {
        long inGranule = state.dma() & granuleMask;
        space.give(state.dma() - inGranule, granules(state.size() + inGranule));
        state.clear();
    }

    @Override
    public int link(
            DmaIova state, long phys, long offset, long size, DmaDirection direction, int attrs) {
        long inGranule = phys & granuleMask;
        if (inGranule != 0 && offset > 0) {
            return -Errno.EIO.number();
        }
        if (!device.dma().isCoherent() && (attrs & DmaAttrs.SKIP_CPU_SYNC) == 0) {
            cpu.clean(phys, size);
        }
        return space.domain()
                .tryMapUnseen(
                        state.dma() + offset - inGranule,
                        phys - inGranule,
                        granules(size + inGranule),
                        ops.prot(direction, attrs),
                        Gfp.ATOMIC);
    }

    @Override
    public int sync(DmaIova state, long offset, long size) {
        long iova = state.dma() + offset;
        long inGranule = iova & granuleMask;
        space.domain().requireTables().syncMap(iova - inGranule, granules(size + inGranule));
        return 0;
    }

    @Override
    public void unlink(DmaIova state, long offset, long size, DmaDirection direction, int attrs) {
        takeBack(state, offset, size, direction, attrs);
        long iova = state.dma() + offset;
        long inGranule = iova & granuleMask;
        space.unmapKeeping(iova - inGranule, granules(size + inGranule));
    }

    /** Caches are maintained piece by piece: neighbours need not be neighbours in memory. */
    private void takeBack(
            DmaIova state, long offset, long size, DmaDirection direction, int attrs) {
        if (device.dma().isCoherent()
                || direction == DmaDirection.TO_DEVICE
                || (attrs & DmaAttrs.SKIP_CPU_SYNC) != 0) {
            return;
        }
        long end = state.dma() + offset + size;
        for (long at = state.dma() + offset; at < end; at = (at | granuleMask) + 1) {
            long phys = space.domain().iovaToPhys(at);
            if (phys != 0) {
                cpu.invalidate(phys, Math.min(end, (at | granuleMask) + 1) - at);
            }
        }
    }

    @Override
    public void destroy(DmaIova state, long mapped, DmaDirection direction, int attrs) {
        if (mapped == 0) {
            free(state);
            return;
        }
        takeBack(state, 0, mapped, direction, attrs);
        long inGranule = state.dma() & granuleMask;
        space.unmap(
                state.dma() - inGranule,
                granules(mapped + inGranule),
                granules(state.size() + inGranule));
        state.clear();
    }
}
