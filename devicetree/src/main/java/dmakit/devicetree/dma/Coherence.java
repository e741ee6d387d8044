package dmakit.devicetree.dma;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.Limits;
import dmakit.devicetree.Node;
import java.util.Optional;

/** Whether a device's DMA sees the CPU caches, as far as the tree says. */
public enum Coherence {
    /** {@code dma-coherent} was met first. */
    COHERENT,
    /** {@code dma-noncoherent} was met first. */
    NONCOHERENT,
    /** Neither was met; the architecture decides, and arm64 decides for not coherent. */
    UNSTATED;

    /** What holds for a device: the first word on the way from its own node through DMA parents. */
    public static Coherence of(DeviceTree tree, Node device) {
        return of(new DmaParents(tree), device);
    }

    /** As {@link #of(DeviceTree, Node)}, for who asks about many devices. */
    public static Coherence of(DmaParents parents, Node device) {
        Optional<Node> at = Optional.of(device);
        for (int hops = 0; at.isPresent() && hops < Limits.DEPTH_MAX; hops++) {
            if (at.get().has("dma-coherent")) {
                return COHERENT;
            }
            if (at.get().has("dma-noncoherent")) {
                return NONCOHERENT;
            }
            at = parents.of(at.get());
        }
        return UNSTATED;
    }
}
