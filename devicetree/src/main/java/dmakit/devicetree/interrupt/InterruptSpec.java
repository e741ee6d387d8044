package dmakit.devicetree.interrupt;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.Limits;
import dmakit.devicetree.Node;
import dmakit.devicetree.PhandleArgs;
import dmakit.devicetree.PhandleList;
import dmakit.devicetree.Property;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * One interrupt of a device.
 *
 * @param name from {@code interrupt-names}; empty when the list is too short
 * @param controller the interrupt controller it arrives at
 * @param cells what the controller is told, as many as its {@code #interrupt-cells}
 */
public record InterruptSpec(Optional<String> name, Node controller, List<Integer> cells) {

    /** Copies the list. */
    public InterruptSpec {
        cells = List.copyOf(cells);
    }

    /**
     * All interrupts of a device in order; none when it has none.
     *
     * @throws dmakit.devicetree.DeviceTreeException when the property does not fit the controller,
     *     or the way to a controller is broken
     */
    public static List<InterruptSpec> of(DeviceTree tree, Node device) {
        List<String> names =
                device.property("interrupt-names")
                        .filter(Property::isStrings)
                        .map(Property::strings)
                        .orElse(List.of());
        List<InterruptSpec> specs = new ArrayList<>();
        InterruptRoute route = new InterruptRoute(tree, device);
        Property extended = device.property("interrupts-extended").orElse(null);
        if (extended != null) {
            for (PhandleArgs args : PhandleList.require(tree, extended, "#interrupt-cells")) {
                specs.add(
                        route.resolve(
                                extended, args.node(), args.args(), nameAt(names, args.index())));
            }
            return List.copyOf(specs);
        }
        Property interrupts = device.property("interrupts").orElse(null);
        if (interrupts == null) {
            return List.of();
        }
        Node parent =
                route.parentOf(device)
                        .orElseThrow(() -> interrupts.malformed("has no interrupt parent"));
        int size = parent.u32("#interrupt-cells").orElse(0);
        if (size <= 0 || size > Limits.PHANDLE_ARGS_MAX || interrupts.cellCount() % size != 0) {
            throw interrupts.malformed(
                    "has %d cells, %s takes %d per interrupt"
                            .formatted(interrupts.cellCount(), parent.path(), size));
        }
        int[] cells = interrupts.cells();
        for (int at = 0; at < cells.length; at += size) {
            List<Integer> spec = Arrays.stream(cells, at, at + size).boxed().toList();
            specs.add(route.resolve(interrupts, parent, spec, nameAt(names, at / size)));
        }
        return List.copyOf(specs);
    }

    /**
     * Where the pin of a PCI function ends, by the {@code interrupt-map} of its host bridge.
     *
     * @param slotAndFunction slot times 8 plus function, 0 to 255
     * @param pin 1 for INTA to 4 for INTD
     * @return empty when the bridge has no such map
     * @throws dmakit.devicetree.DeviceTreeException when the map has no entry for it, or is broken
     */
    public static Optional<InterruptSpec> ofPciPin(
            DeviceTree tree, Node hostBridge, int slotAndFunction, int pin) {
        Property map = hostBridge.property("interrupt-map").orElse(null);
        if (map == null) {
            return Optional.empty();
        }
        InterruptRoute route = new InterruptRoute(tree, slotAndFunction << Byte.SIZE, 0, 0);
        return Optional.of(route.resolve(map, hostBridge, List.of(pin), Optional.empty()));
    }

    private static Optional<String> nameAt(List<String> names, int index) {
        return index < names.size() ? Optional.of(names.get(index)) : Optional.empty();
    }
}
