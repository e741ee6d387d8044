package dmakit.kernel.mapping;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.DmaParameters;
import dmakit.kernel.dma.DmaOps;

/** Which addresses a device can put on its bus. */
final class Limits {
    private final MappingCore core;
    private final MappingRules rules;

    Limits(MappingCore core) {
        this.core = core;
        rules = core.rules();
    }

    void setMask(Device device, long mask) {
        if (device.dma().dmaMask() == 0) {
            rules.masks().refused(device, mask);
            throw new DmaException(Errno.EIO, "%s does no DMA", device);
        }
        checkSupported(device, mask);
        // An IOMMU takes a mask of 0, which then counts as one of 32 bits: dma_get_mask().
        device.dma().dmaMask(mask == 0 ? DmaParameters.MASK_32 : mask);
        device.dma().skipsSync(device.dma().isCoherent());
        rules.masks().set(device);
    }

    void setCoherentMask(Device device, long mask) {
        checkSupported(device, mask);
        device.dma().coherentDmaMask(mask);
        rules.masks().set(device);
    }

    static long mask(Device device) {
        long mask = device.dma().dmaMask();
        return mask == 0 ? DmaParameters.MASK_32 : mask;
    }

    boolean isAddressingLimited(Device device) {
        DmaOps ops = core.ops(device);
        long limit = device.dma().limitWith(mask(device));
        return Long.compareUnsigned(limit, ops.requiredMask()) < 0 || !ops.coversRam();
    }

    long optMappingSize(Device device) {
        DmaOps ops = core.ops(device);
        return Math.min(ops.maxMappingSize(), ops.optMappingSize());
    }

    /** The checks want to see every sync: with them no device may leave one out. */
    boolean needsSync(Device device, long dma) {
        boolean leavesOut = device.dma().skipsSync() && !rules.areOn();
        return !leavesOut && core.ops(device).needsSync(dma);
    }

    private void checkSupported(Device device, long mask) {
        if (!core.ops(device).supports(mask)) {
            rules.masks().refused(device, mask);
            throw new DmaException(
                    Errno.EIO, "%s: a mask of 0x%x is less than the platform needs", device, mask);
        }
    }
}
