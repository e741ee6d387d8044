package dmakit.kernel.drivers.bcm2835;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaBinding;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.mapping.DmaMapping;

/**
 * A peripheral's FIFO as one channel reaches it in one direction. Behind an IOMMU that takes a
 * mapping, which stays until the FIFO is another one or the channel is given back.
 */
final class SlaveFifo {
    /** A FIFO is one register. */
    private static final int BYTES = 4;

    private final Bcm2835Dma controller;
    private final DmaDirection direction;
    private boolean mapped;
    private long phys;
    private long dma;

    /**
     * Creates it without a FIFO.
     *
     * @param direction as the controller sees it: from the device when it stores into the FIFO
     */
    SlaveFifo(Bcm2835Dma controller, DmaDirection direction) {
        this.controller = controller;
        this.direction = direction;
    }

    /**
     * Where the controller finds a FIFO.
     *
     * @param address as the client's configuration names it
     * @throws DmaException ENOMEM when it cannot be mapped
     */
    @Linux(file = "drivers/dma/pl330.c", symbol = "pl330_prep_slave_fifo")
    long at(long address) {
        if (!isTranslated(controller.dev())) {
            return controller.fifoDma(address);
        }
        long wanted = controller.fifoPhys(address);
        if (mapped && phys == wanted) {
            return dma;
        }
        unmap();
        DmaMapping mapping = controller.mapping();
        Device dev = controller.dev();
        long found = mapping.tryMapResource(dev, wanted, BYTES, direction, 0);
        if (mapping.mappingError(dev, found)) {
            throw new DmaException(Errno.ENOMEM, "the FIFO at phys:0x%x cannot be mapped", wanted);
        }
        mapped = true;
        phys = wanted;
        dma = found;
        return dma;
    }

    /** Forgets the FIFO. */
    @Linux(file = "drivers/dma/pl330.c", symbol = "pl330_unprep_slave_fifo")
    void unmap() {
        if (mapped) {
            mapped = false;
            controller.mapping().unmapResource(controller.dev(), dma, BYTES, direction, 0);
        }
    }

    private static boolean isTranslated(Device dev) {
        DmaBinding binding = dev.dma().binding();
        return binding != null && binding.ops().translates();
    }
}
