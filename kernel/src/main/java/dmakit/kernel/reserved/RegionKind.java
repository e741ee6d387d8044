package dmakit.kernel.reserved;

import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;

/** What is made of regions of one {@code compatible}. */
@Linux(file = "include/linux/of_reserved_mem.h", symbol = "RESERVEDMEM_OF_DECLARE")
public interface RegionKind {
    /** The {@code compatible} of its regions; another kind may have the same. */
    String compatible();

    /**
     * Makes something of a region.
     *
     * @return what devices get of it
     * @throws KernelException when it is for another kind of the same name, or cannot be used
     */
    Use setUp(Region region);

    /** What devices get of a region. */
    @Linux(file = "include/linux/of_reserved_mem.h", symbol = "reserved_mem_ops")
    interface Use {
        /**
         * Gives it to a device.
         *
         * @throws KernelException when the device cannot have it
         */
        void attach(Device device);

        /** Takes it away again. */
        void detach(Device device);
    }
}
