package dmakit.devicetree.dma;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.Node;
import dmakit.devicetree.PhandleList;
import dmakit.devicetree.Property;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A node that gives DMA channels to others: it has {@code #dma-cells}.
 *
 * @param node the controller or router
 * @param cells per request
 * @param channels from {@code dma-channels} or {@code #dma-channels}
 * @param requests from {@code dma-requests} or {@code #dma-requests}
 * @param channelMask from {@code dma-channel-mask}, or its older form with a vendor's name in
 *     front: bit 0 of the first word is channel 0; none for no mask
 * @param masters the controllers behind a router, from {@code dma-masters}
 */
public record DmaController(
        Node node,
        OptionalInt cells,
        OptionalInt channels,
        OptionalInt requests,
        List<Integer> channelMask,
        List<Node> masters) {

    /** Copies the lists. */
    public DmaController {
        channelMask = List.copyOf(channelMask);
        masters = List.copyOf(masters);
    }

    /** All controllers of a tree, enabled or not, in source order. */
    public static List<DmaController> all(DeviceTree tree) {
        return tree.nodes().stream()
                .filter(node -> node.has("#dma-cells"))
                .map(node -> of(tree, node))
                .toList();
    }

    /** One controller; counts that are no single cell are left out. */
    public static DmaController of(DeviceTree tree, Node node) {
        List<Integer> mask = new ArrayList<>();
        maskProperty(node)
                .filter(Property::isCells)
                .ifPresent(property -> {
                    for (int word : property.cells()) {
                        mask.add(word);
                    }
                });
        List<Node> masters = new ArrayList<>();
        node.property("dma-masters")
                .ifPresent(property -> {
                    for (PhandleList.Entry entry : PhandleList.parse(tree, property, 0)) {
                        if (entry instanceof PhandleList.Found found) {
                            masters.add(found.value().node());
                        }
                    }
                });
        return new DmaController(
                node,
                count(node, "#dma-cells"),
                either(node, "dma-channels"),
                either(node, "dma-requests"),
                mask,
                masters);
    }

    private static Optional<Property> maskProperty(Node node) {
        return node.property("dma-channel-mask")
                .or(() ->
                        node.properties().stream()
                                .filter(p -> p.name().endsWith(",dma-channel-mask"))
                                .findFirst());
    }

    private static OptionalInt either(Node node, String name) {
        OptionalInt modern = count(node, name);
        return modern.isPresent() ? modern : count(node, "#" + name);
    }

    private static OptionalInt count(Node node, String name) {
        Property property = node.property(name).orElse(null);
        return property == null || property.sizeBytes() != 4
                ? OptionalInt.empty()
                : OptionalInt.of(property.cell(0));
    }
}
