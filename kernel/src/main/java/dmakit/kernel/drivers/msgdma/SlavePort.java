package dmakit.kernel.drivers.msgdma;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.mapping.DmaMapping;

/** A peripheral's register as the core reaches it in one direction; mapped until it is another. */
final class SlavePort {
    private static final int BYTES = 4;

    private final DmaMapping mapping;
    private final Device dev;
    private final DmaDirection direction;
    private boolean mapped;
    private long phys;
    private long dma;

    /**
     * Creates it without a register.
     *
     * @param direction as the core sees it: from the device when it stores
     */
    SlavePort(DmaMapping mapping, Device dev, DmaDirection direction) {
        this.mapping = mapping;
        this.dev = dev;
        this.direction = direction;
    }

    /**
     * Where the core finds a register.
     *
     * @throws DmaException ENOMEM when it cannot be mapped
     */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_map_resource")
    long at(long address) {
        if (mapped && phys == address) {
            return dma;
        }
        unmap();
        long found = mapping.tryMapResource(dev, address, BYTES, direction, 0);
        if (mapping.mappingError(dev, found)) {
            throw new DmaException(Errno.ENOMEM, "phys:0x%x cannot be mapped", address);
        }
        mapped = true;
        phys = address;
        dma = found;
        return dma;
    }

    /** Forgets the register. */
    void unmap() {
        if (mapped) {
            mapped = false;
            mapping.unmapResource(dev, dma, BYTES, direction, 0);
        }
    }
}
