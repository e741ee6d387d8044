package dmakit.devicetree.topology;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.Node;
import dmakit.devicetree.Property;
import dmakit.devicetree.address.BusLayout;
import dmakit.devicetree.topology.Mistake.Kind;

/** Mistakes that make addresses and references unreadable, whatever the devices are. */
final class TreeChecks {

    private final DeviceTree tree;
    private final Mistakes mistakes;

    TreeChecks(DeviceTree tree, Mistakes mistakes) {
        this.tree = tree;
        this.mistakes = mistakes;
    }

    void run() {
        for (Node node : tree.repeatedPhandles()) {
            int phandle = node.phandle().orElse(0);
            String first = tree.byPhandle(phandle).map(Node::path).orElse("?");
            mistakes.add(
                    Kind.DUPLICATE_PHANDLE,
                    node,
                    "phandle 0x%x is that of %s already".formatted(phandle, first));
        }
        for (Node node : tree.nodes()) {
            Node parent = node.parent().orElse(null);
            if (parent != null && !parent.has("device_type")) {
                checkReg(node, parent);
                checkRanges(node, parent, "ranges");
                checkRanges(node, parent, "dma-ranges");
            }
        }
    }

    /** Only where the parent says how its children write addresses; elsewhere reg is free. */
    private static boolean saysCells(Node bus) {
        return bus.has("#address-cells") && bus.has("#size-cells");
    }

    private void checkReg(Node node, Node parent) {
        Property reg = node.property("reg").orElse(null);
        if (reg == null || !saysCells(parent)) {
            return;
        }
        BusLayout layout = BusLayout.of(parent);
        checkTuples(reg, layout.addressCells(), 0, layout.sizeCells());
    }

    private void checkRanges(Node node, Node parent, String name) {
        Property ranges = node.property(name).orElse(null);
        if (ranges == null || ranges.isEmpty() || !saysCells(node) || !saysCells(parent)) {
            return;
        }
        BusLayout layout = BusLayout.of(node);
        checkTuples(
                ranges,
                layout.addressCells(),
                BusLayout.of(parent).addressCells(),
                layout.sizeCells());
    }

    private void checkTuples(Property property, int address, int parentAddress, int size) {
        int tuple = address + parentAddress + size;
        boolean sane = address >= 0 && parentAddress >= 0 && size >= 0 && tuple > 0 && tuple <= 64;
        if (sane && property.sizeBytes() % (tuple * 4) == 0 && !property.isEmpty()) {
            return;
        }
        mistakes.add(
                Kind.WRONG_CELL_COUNT,
                property,
                "has %d bytes, wanted tuples of %s cells"
                        .formatted(
                                property.sizeBytes(),
                                parentAddress == 0
                                        ? "%d + %d".formatted(address, size)
                                        : "%d + %d + %d".formatted(address, parentAddress, size)));
    }
}
