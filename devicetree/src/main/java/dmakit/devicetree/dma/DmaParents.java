package dmakit.devicetree.dma;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.Node;
import dmakit.devicetree.PhandleList;
import dmakit.devicetree.Property;
import dmakit.devicetree.address.Translation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The bus a device's DMA goes through: its parent, or what {@code dma-mem} names. Remembers its
 * answers.
 */
public final class DmaParents {

    private final DeviceTree tree;
    private final Map<Node, Optional<Node>> known = new LinkedHashMap<>();
    private final Translation translation = Translation.dma(this::of);

    /** The DMA parents within one tree. */
    public DmaParents(DeviceTree tree) {
        this.tree = tree;
    }

    /** The DMA parent of a node; empty for the root. */
    public Optional<Node> of(Node node) {
        if (!node.has("interconnect-names")) {
            return node.parent();
        }
        return known.computeIfAbsent(node, key -> interconnect(key).or(key::parent));
    }

    /** The way of device accesses to CPU addresses. */
    Translation translation() {
        return translation;
    }

    private Optional<Node> interconnect(Node node) {
        Property names = node.property("interconnect-names").orElse(null);
        Property list = node.property("interconnects").orElse(null);
        if (names == null || list == null || !names.isStrings()) {
            return Optional.empty();
        }
        int index = names.strings().indexOf("dma-mem");
        List<PhandleList.Entry> entries = PhandleList.parse(tree, list, "#interconnect-cells");
        return index >= 0
                        && index < entries.size()
                        && entries.get(index) instanceof PhandleList.Found found
                ? Optional.of(found.value().node())
                : Optional.empty();
    }
}
