package dmakit.kernel.device;

import dmakit.devicetree.Node;

/** Says how a device does DMA, before each probe. The mapping side implements it. */
public interface DmaHook {
    /**
     * Fills {@link Device#dma()} from the device tree.
     *
     * @throws dmakit.kernel.KernelException EPROBE_DEFER when what it needs is not there yet
     */
    void configure(Device device);

    /** The same for a device that takes its place in the tree from another node. */
    default void configure(Device device, Node node) {
        configure(device);
    }

    /**
     * A driver that had a device has left it; {@link #release} comes next. A driver that refused a
     * device never had it.
     */
    default void driverLeft(Device device) {}

    /** Takes back what {@link #configure} set up, after a failed probe or when a driver left. */
    default void release(Device device) {}
}
