package dmakit.kernel.dma;

/**
 * What the DMA layer keeps for one device: its way to memory, and what it holds.
 *
 * <p>In Linux a device carries {@code dma_ops} and {@code dma_iommu}, and dma-debug the rest.
 */
public final class DmaBinding {
    private final DmaOps ops;
    private final OpenMappings open;

    /** Binds a device to a back end. */
    public DmaBinding(DmaOps ops) {
        this(ops, new OpenMappings());
    }

    /** Binds a device that holds something already. */
    public DmaBinding(DmaOps ops, OpenMappings open) {
        this.ops = ops;
        this.open = open;
    }

    /** Its way to memory. */
    public DmaOps ops() {
        return ops;
    }

    /** What it holds. */
    public OpenMappings open() {
        return open;
    }
}
