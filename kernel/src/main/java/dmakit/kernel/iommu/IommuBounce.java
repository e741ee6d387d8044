package dmakit.kernel.iommu;

import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.mm.Slab;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.kernel.swiotlb.Bouncer;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.memory.Ram;

/**
 * Which buffers of a device behind an IOMMU are copied: those that do not fill their pages, where
 * the device must not see what else is there, or would spoil it.
 */
@Linux(file = "drivers/iommu/dma-iommu.c", symbol = "dev_use_swiotlb")
final class IommuBounce {
    private static final int SMALL_BUFFER_BYTES = 256;

    private final Cpu cpu;
    private final IommuMaster master;
    private final Device device;
    private final Slab slab;
    private final Bouncer bouncer;
    private final IommuWarnings warnings;
    private final long granuleMask;

    IommuBounce(
            Cpu cpu,
            IommuMaster master,
            Slab slab,
            Bouncer bouncer,
            IommuWarnings warnings,
            long granuleMask) {
        this.cpu = cpu;
        this.master = master;
        this.slab = slab;
        this.bouncer = bouncer;
        this.warnings = warnings;
        this.granuleMask = granuleMask;
        device = master.device();
    }

    /** Whether a buffer of such a size is copied unless it fills its pages. */
    boolean mayCopy(long size, DmaDirection direction) {
        return master.isUntrusted() || isTooSmall(size, direction);
    }

    /** Whether any entry of a list is. */
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "dev_use_sg_swiotlb")
    boolean mayCopy(Scatterlist sg, int nents, DmaDirection direction) {
        if (master.isUntrusted()) {
            return true;
        }
        if (device.dma().isCoherent() || direction == DmaDirection.TO_DEVICE) {
            return false;
        }
        int left = nents;
        for (Scatterlist run = sg; run != null && left > 0; run = run.next()) {
            int count = Math.min(left, run.count());
            for (int i = 0; i < count; i++) {
                if (isTooSmall(run.length(i), direction)) {
                    return true;
                }
            }
            left -= count;
        }
        return false;
    }

    /** By length alone: a small buffer may share its cache lines with the object beside it. */
    @Linux(file = "include/linux/dma-map-ops.h", symbol = "dma_kmalloc_needs_bounce")
    private boolean isTooSmall(long size, DmaDirection direction) {
        return size < SMALL_BUFFER_BYTES
                && direction != DmaDirection.TO_DEVICE
                && !device.dma().isCoherent()
                && slab.sizeRoundup(size) % Ram.LINE_BYTES != 0;
    }

    /** Whether a buffer is copied. */
    boolean copies(long phys, long size, DmaDirection direction) {
        return ((phys | size) & granuleMask) != 0 && mayCopy(size, direction);
    }

    /** The copy of a buffer, or {@link Bouncer#NONE}; what is around it is zero. */
    long copy(long phys, long size, DmaDirection direction, int attrs) {
        if (!bouncer.isActive()) {
            warnings.warn(IommuWarnings.Once.NO_BOUNCE, device);
            return Bouncer.NONE;
        }
        long copy = bouncer.map(phys, size, granuleMask, direction, attrs);
        if (copy != Bouncer.NONE && master.isUntrusted()) {
            long va = AddressLayout.LINEAR_BASE + copy;
            long before = copy & granuleMask;
            cpu.fill(va - before, before, (byte) 0);
            long behind = -(copy + size) & granuleMask;
            cpu.fill(va + size, behind, (byte) 0);
        }
        return copy;
    }

    /** Whether memory the device was lent may be a copy. */
    boolean mayHoldCopies() {
        return bouncer.hasBounced();
    }

    /** Ends a copy; what is none stays. */
    void end(long phys, long size, DmaDirection direction, int attrs) {
        if (bouncer.hasBounced()) {
            bouncer.unmap(phys, size, direction, attrs);
        }
    }

    void syncForCpu(long phys, long size, DmaDirection direction) {
        bouncer.syncForCpu(phys, size, direction);
    }

    void syncForDevice(long phys, long size, DmaDirection direction) {
        bouncer.syncForDevice(phys, size, direction);
    }

    /** The largest mapping, in bytes. */
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "iommu_dma_max_mapping_size")
    long maxMappingSize() {
        return master.isUntrusted() ? bouncer.maxMappingSize() : Long.MAX_VALUE;
    }
}
