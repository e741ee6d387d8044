package dmakit.kernel.device;

/** Says how a device does DMA, before each probe. The mapping side implements it. */
public interface DmaHook {
    /**
     * Fills {@link Device#dma()} from the device tree.
     *
     * @throws dmakit.kernel.KernelException EPROBE_DEFER when what it needs is not there yet
     */
    void configure(Device device);

    /** Takes back what {@link #configure} set up, after a failed probe or when a driver left. */
    default void release(Device device) {}
}
