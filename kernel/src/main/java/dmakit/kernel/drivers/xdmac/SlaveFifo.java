package dmakit.kernel.drivers.xdmac;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaBinding;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.mapping.DmaMapping;

/**
 * A peripheral's FIFO as one channel reaches it in one direction. Behind an IOMMU that takes a
 * mapping, which stays until the FIFO is another one or the channel is given back. Linux's driver
 * has none: the chip's makers never put an IOMMU before it.
 */
final class SlaveFifo {
    /** The widest FIFO. */
    private static final int BYTES = 8;

    private final DmaMapping mapping;
    private final Device dev;
    private final DmaDirection direction;
    private boolean mapped;
    private long phys;
    private long dma;

    /**
     * Creates it without a FIFO.
     *
     * @param direction as the controller sees it: from the device when it stores into the FIFO
     */
    SlaveFifo(DmaMapping mapping, Device dev, DmaDirection direction) {
        this.mapping = mapping;
        this.dev = dev;
        this.direction = direction;
    }

    /**
     * Where the controller finds a FIFO.
     *
     * @throws DmaException ENOMEM when it cannot be mapped
     */
    int at(long wanted) {
        DmaBinding binding = dev.dma().binding();
        if (binding == null || !binding.ops().translates()) {
            return (int) wanted;
        }
        if (!mapped || phys != wanted) {
            unmap();
            long found = mapping.tryMapResource(dev, wanted, BYTES, direction, 0);
            if (mapping.mappingError(dev, found)) {
                throw new DmaException(
                        Errno.ENOMEM, "the FIFO at phys:0x%x cannot be mapped", wanted);
            }
            mapped = true;
            phys = wanted;
            dma = found;
        }
        return (int) dma;
    }

    /** Forgets the FIFO. */
    void unmap() {
        if (mapped) {
            mapped = false;
            mapping.unmapResource(dev, dma, BYTES, direction, 0);
        }
    }
}
