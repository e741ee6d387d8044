package dmakit.devicetree.dma;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.Node;
import dmakit.devicetree.PhandleArgs;
import dmakit.devicetree.PhandleList;
import dmakit.devicetree.Property;
import java.util.List;
import java.util.Optional;

/**
 * One entry of a client's {@code dmas}.
 *
 * @param name from {@code dma-names}, for example {@code rx}; empty when the list is too short
 * @param target the controller or router, and its request cells
 */
public record DmaRequest(Optional<String> name, PhandleArgs target) {

    /**
     * All requests of a client, in order; none when it has no {@code dmas}.
     *
     * @throws dmakit.devicetree.DeviceTreeException when an entry refers to nothing or is cut off
     */
    public static List<DmaRequest> of(DeviceTree tree, Node client) {
        Property dmas = client.property("dmas").orElse(null);
        if (dmas == null) {
            return List.of();
        }
        List<String> names =
                client.property("dma-names")
                        .filter(Property::isStrings)
                        .map(Property::strings)
                        .orElse(List.of());
        return PhandleList.require(tree, dmas, "#dma-cells").stream()
                .map(target -> new DmaRequest(nameAt(names, target.index()), target))
                .toList();
    }

    static Optional<String> nameAt(List<String> names, int index) {
        return index < names.size() ? Optional.of(names.get(index)) : Optional.empty();
    }

    /** The controller or router. */
    public Node controller() {
        return target.node();
    }
}
