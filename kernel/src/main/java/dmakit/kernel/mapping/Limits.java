package dmakit.kernel.mapping;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.device.Device;

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
            rules.maskRefused(device, mask);
            throw new DmaException(Errno.EIO, "%s does no DMA", device);
        }
        checkSupported(device, mask);
        device.dma().dmaMask(mask);
        rules.maskSet(device);
    }

    void setCoherentMask(Device device, long mask) {
        checkSupported(device, mask);
        device.dma().coherentDmaMask(mask);
        rules.maskSet(device);
    }

    private void checkSupported(Device device, long mask) {
        if (!core.ops(device).supports(mask)) {
            rules.maskRefused(device, mask);
            throw new DmaException(
                    Errno.EIO, "%s: a mask of 0x%x is less than the platform needs", device, mask);
        }
    }
}
