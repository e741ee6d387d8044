package dmakit.devicetree.topology;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.DeviceTreeException;
import dmakit.devicetree.Node;
import dmakit.devicetree.address.AddressRange;
import dmakit.devicetree.address.BusLayout;
import dmakit.devicetree.address.MemoryMap;
import dmakit.devicetree.address.ReservedRegion;
import dmakit.devicetree.address.ReservedRegion.Use;
import dmakit.devicetree.topology.DmaTopology.Reserved;
import dmakit.devicetree.topology.Mistake.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Reads the reserved regions and judges them. */
final class ReservedChecks {

    private record Placed(Node node, AddressRange range) {}

    private final DeviceTree tree;
    private final List<AddressRange> memory;
    private final Mistakes mistakes;

    ReservedChecks(DeviceTree tree, List<AddressRange> memory, Mistakes mistakes) {
        this.tree = tree;
        this.memory = memory;
        this.mistakes = mistakes;
    }

    List<Reserved> run() {
        checkForm();
        List<Reserved> reserved = new ArrayList<>();
        List<Placed> placed = new ArrayList<>();
        for (Node node : MemoryMap.reservedNodes(tree)) {
            try {
                ReservedRegion region = MemoryMap.region(tree, node);
                check(region);
                region.ranges().stream()
                        .filter(range -> !range.isEmpty() && !range.wraps())
                        .forEach(range -> placed.add(new Placed(node, range)));
                reserved.add(
                        new Reserved(
                                node.path(),
                                region.ranges(),
                                region.size(),
                                region.alignment(),
                                region.allocRanges(),
                                region.use(),
                                region.noMap(),
                                region.reusable(),
                                region.isDefault()));
            } catch (DeviceTreeException e) {
                mistakes.add(Kind.WRONG_CELL_COUNT, node, e.problem());
            }
        }
        checkOverlaps(placed);
        return reserved;
    }

    private void checkForm() {
        Node parent = tree.root().child("reserved-memory").orElse(null);
        if (parent == null) {
            return;
        }
        BusLayout root = BusLayout.of(tree.root());
        BusLayout own = BusLayout.of(parent);
        if (!parent.has("ranges")) {
            mistakes.add(
                    Kind.RESERVED_MEMORY_IGNORED,
                    parent,
                    "has no ranges; the kernel ignores all regions");
        } else if (own.addressCells() != root.addressCells()
                || own.sizeCells() != root.sizeCells()
                || !parent.has("#address-cells")
                || !parent.has("#size-cells")) {
            mistakes.add(
                    Kind.RESERVED_MEMORY_IGNORED,
                    parent,
                    "has #address-cells %d and #size-cells %d, the root %d and %d; the kernel"
                            .concat(" ignores all regions")
                            .formatted(
                                    own.addressCells(),
                                    own.sizeCells(),
                                    root.addressCells(),
                                    root.sizeCells()));
        }
    }

    private void check(ReservedRegion region) {
        Node node = region.node();
        if (region.noMap() && region.reusable()) {
            mistakes.add(Kind.REUSABLE_NO_MAP, node, "is reusable and no-map, wanted one of them");
        }
        if (region.use() == Use.COHERENT_POOL && !region.noMap()) {
            mistakes.add(
                    Kind.POOL_WITHOUT_NO_MAP,
                    node,
                    "is a shared-dma-pool with neither reusable nor no-map, wanted one of them");
        }
        if (node.has("linux,cma-default") && !region.reusable()) {
            mistakes.add(
                    Kind.CMA_DEFAULT_NOT_REUSABLE,
                    node,
                    "has linux,cma-default without reusable, and will not be used for CMA");
        }
        if (region.isDynamic() && !node.has("size")) {
            mistakes.add(Kind.RESERVED_WITHOUT_PLACE, node, "has neither reg nor size, wanted one");
        }
        if (region.use() == Use.CMA) {
            for (AddressRange range : region.ranges()) {
                checkInMemory(node, range);
            }
        }
    }

    /** Only for regions that must be RAM; others may well be where no bank is listed. */
    private void checkInMemory(Node node, AddressRange range) {
        if (range.isEmpty() || memory.isEmpty()) {
            return;
        }
        boolean inside =
                !range.wraps()
                        && memory.stream().anyMatch(bank -> bank.wraps() || bank.contains(range));
        if (!inside) {
            mistakes.add(
                    Kind.RESERVED_OUTSIDE_MEMORY,
                    node,
                    "is at %s, RAM is %s".formatted(range, memory));
        }
    }

    private void checkOverlaps(List<Placed> placed) {
        List<Placed> sorted = new ArrayList<>(placed);
        sorted.sort(Comparator.comparingLong(each -> each.range().start() + Long.MIN_VALUE));
        Placed furthest = null;
        for (Placed next : sorted) {
            if (furthest != null && furthest.range().overlaps(next.range())) {
                mistakes.add(
                        Kind.RESERVED_OVERLAP,
                        next.node(),
                        "is at %s, %s at %s"
                                .formatted(next.range(), furthest.node().path(), furthest.range()));
            }
            if (furthest == null
                    || Long.compareUnsigned(next.range().last(), furthest.range().last()) > 0) {
                furthest = next;
            }
        }
    }
}
