package dmakit.devicetree.dma;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.Node;
import dmakit.devicetree.PhandleList;
import dmakit.devicetree.Property;
import java.util.List;
import java.util.Optional;

/** The bus a device's DMA goes through: its parent, or what {@code dma-mem} names. */
final class DmaParents {

    private final DeviceTree tree;

    DmaParents(DeviceTree tree) {
        this.tree = tree;
    }

    Optional<Node> of(Node node) {
        return interconnect(node).or(node::parent);
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
