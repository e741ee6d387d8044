package dmakit.devicetree.interrupt;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.DeviceTreeException;
import dmakit.devicetree.Limits;
import dmakit.devicetree.Node;
import dmakit.devicetree.Property;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The way of one device's interrupts through {@code interrupt-map}s. */
final class InterruptRoute {

    /** Maps between a device and its controller; real trees have one. */
    static final int HOPS_MAX = 16;

    /** Without any {@code #address-cells} above, Linux assumes two. */
    private static final int DEFAULT_ADDRESS_CELLS = 2;

    /** Controllers that had an {@code interrupt-map} of another meaning before it was one. */
    private static final List<String> OWN_MAP_MEANING =
            List.of(
                    "CBEA,platform-spider-pic",
                    "sti,platform-spider-pic",
                    "realtek,rtl-intc",
                    "fsl,ls1021a-extirq",
                    "fsl,ls1043a-extirq",
                    "fsl,ls1088a-extirq",
                    "renesas,rza1-irqc");

    private final DeviceTree tree;
    private final int[] unitAddress;

    InterruptRoute(DeviceTree tree, Node device) {
        this(tree, cellsOf(device.property("reg").orElse(null)));
    }

    /** The way of what has no node: its address is as its {@code reg} would start. */
    InterruptRoute(DeviceTree tree, int... unitAddress) {
        this.tree = tree;
        this.unitAddress = unitAddress;
    }

    private static int[] cellsOf(@Nullable Property reg) {
        return reg == null
                ? new int[0]
                : IntStream.range(0, reg.sizeBytes() / Integer.BYTES).map(reg::cell).toArray();
    }

    /** The nearest node on the interrupt way upwards that has {@code #interrupt-cells}. */
    Optional<Node> parentOf(Node child) {
        Node at = child;
        for (int hops = 0; hops < Limits.DEPTH_MAX; hops++) {
            Property named = at.property("interrupt-parent").orElse(null);
            Optional<Node> parent =
                    named == null || named.sizeBytes() != 4
                            ? at.parent()
                            : tree.byPhandle(named.cell(0));
            if (parent.isEmpty()) {
                return Optional.empty();
            }
            at = parent.get();
            if (at.has("#interrupt-cells")) {
                return parent;
            }
        }
        return Optional.empty();
    }

    /** Follows maps from {@code first} on until a controller ends the way. */
    InterruptSpec resolve(
            Property from, Node first, List<Integer> firstCells, Optional<String> name) {
        Node at = first;
        List<Integer> cells = firstCells;
        List<Integer> address = unitAddress(addressCells(first));
        for (int hops = 0; hops < HOPS_MAX; hops++) {
            Property map = at.property("interrupt-map").orElse(null);
            boolean ends =
                    map == null || at.compatible().stream().anyMatch(OWN_MAP_MEANING::contains);
            if (ends && at.has("interrupt-controller")) {
                return new InterruptSpec(name, at, cells);
            }
            if (map == null) {
                Node here = at;
                at =
                        parentOf(at)
                                .orElseThrow(() ->
                                        from.malformed(
                                                "leads to %s, which is no interrupt controller"
                                                        .formatted(here.path())));
                continue;
            }
            MapEntry entry = lookUp(from, at, map, address, cells);
            if (entry.parent == at) {
                return new InterruptSpec(name, at, entry.cells);
            }
            at = entry.parent;
            cells = entry.cells;
            address = entry.address;
        }
        throw from.malformed("passes more than %d interrupt maps".formatted(HOPS_MAX));
    }

    private record MapEntry(Node parent, List<Integer> address, List<Integer> cells) {}

    private MapEntry lookUp(
            Property from, Node at, Property map, List<Integer> address, List<Integer> cells) {
        int matchCells = address.size() + cells.size();
        int[] mask = new int[matchCells];
        Arrays.fill(mask, -1);
        Property maskProperty = at.property("interrupt-map-mask").orElse(null);
        if (maskProperty != null) {
            for (int i = 0; i < matchCells && i < maskProperty.cellCount(); i++) {
                mask[i] = maskProperty.cell(i);
            }
        }
        int count = map.listCellCount();
        int next = 0;
        while (next + matchCells < count) {
            boolean match = true;
            for (int i = 0; i < matchCells; i++) {
                int wanted = i < address.size() ? address.get(i) : cells.get(i - address.size());
                match &= ((map.cell(next + i) ^ wanted) & mask[i]) == 0;
            }
            int phandle = map.cell(next + matchCells);
            Node parent = tree.byPhandle(phandle).orElse(null);
            if (parent == null) {
                throw map.malformed("refers to phandle 0x%x, which no node has".formatted(phandle));
            }
            int parentAddress = cellCount(map, parent, "#address-cells", OptionalInt.of(0));
            int parentCells = cellCount(map, parent, "#interrupt-cells", OptionalInt.empty());
            int argsAt = next + matchCells + 1;
            if (argsAt + parentAddress + parentCells > count) {
                throw map.malformed("ends within an entry");
            }
            if (match && parent.isAvailable()) {
                return new MapEntry(
                        parent,
                        slice(map, argsAt, parentAddress),
                        slice(map, argsAt + parentAddress, parentCells));
            }
            next = argsAt + parentAddress + parentCells;
        }
        throw from.malformed("matches no entry of " + map);
    }

    private static int cellCount(Property map, Node node, String name, OptionalInt fallback) {
        OptionalInt value = node.has(name) ? node.u32(name) : fallback;
        if (value.isEmpty() || value.getAsInt() < 0 || value.getAsInt() > Limits.PHANDLE_ARGS_MAX) {
            throw map.malformed("refers to %s, which has no valid %s".formatted(node.path(), name));
        }
        return value.getAsInt();
    }

    private static List<Integer> slice(Property map, int start, int count) {
        return IntStream.range(start, start + count).map(map::cell).boxed().toList();
    }

    private int addressCells(Node controller) {
        for (Node at = controller; at != null; at = at.parent().orElse(null)) {
            if (at.has("#address-cells")) {
                int cells = at.u32("#address-cells").orElse(0);
                if (cells < 0 || cells > Limits.PHANDLE_ARGS_MAX) {
                    throw new DeviceTreeException(
                            at.origin(), "#address-cells of %s is %d".formatted(at.path(), cells));
                }
                return cells;
            }
        }
        return DEFAULT_ADDRESS_CELLS;
    }

    /** The first address cells of the device's {@code reg}, zeros where it has none. */
    private List<Integer> unitAddress(int count) {
        return IntStream.range(0, count)
                .map(i -> i < unitAddress.length ? unitAddress[i] : 0)
                .boxed()
                .toList();
    }
}
