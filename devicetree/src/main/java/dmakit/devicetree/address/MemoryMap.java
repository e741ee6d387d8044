package dmakit.devicetree.address;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.DeviceTreeException;
import dmakit.devicetree.Node;
import dmakit.devicetree.Property;
import dmakit.devicetree.address.ReservedRegion.Use;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * RAM, and what is kept from the kernel's allocators in it.
 *
 * @param banks of RAM, in order of address, empty ones left out; no bank at all when the boot
 *     loader is expected to fill {@code /memory} in
 * @param reserved enabled children of {@code /reserved-memory}, in source order
 * @param memReserves the memory reservation block, in source order
 */
public record MemoryMap(
        List<AddressRange> banks, List<ReservedRegion> reserved, List<AddressRange> memReserves) {

    /** Copies the lists. */
    public MemoryMap {
        banks = List.copyOf(banks);
        reserved = List.copyOf(reserved);
        memReserves = List.copyOf(memReserves);
    }

    /**
     * Reads a tree's memory.
     *
     * @throws DeviceTreeException when a property involved does not fit its cells
     */
    public static MemoryMap of(DeviceTree tree) {
        List<ReservedRegion> reserved = new ArrayList<>();
        for (Node node : reservedNodes(tree)) {
            reserved.add(region(tree, node));
        }
        return new MemoryMap(
                banks(tree),
                reserved,
                tree.memReserves().stream()
                        .map(reserve -> new AddressRange(reserve.address(), reserve.size()))
                        .toList());
    }

    /**
     * Reads a tree's RAM alone.
     *
     * @return in order of address, empty banks left out
     * @throws DeviceTreeException when a property involved does not fit its cells
     */
    public static List<AddressRange> banks(DeviceTree tree) {
        List<AddressRange> banks = new ArrayList<>();
        for (Node node : memoryNodes(tree)) {
            banks.addAll(bankRanges(node));
        }
        banks.sort((a, b) -> Long.compareUnsigned(a.start(), b.start()));
        return banks;
    }

    /** The enabled children of the root that describe RAM, by {@code device_type}. */
    public static List<Node> memoryNodes(DeviceTree tree) {
        return tree.root().children().stream()
                .filter(Node::isAvailable)
                .filter(MemoryMap::isMemory)
                .toList();
    }

    private static boolean isMemory(Node node) {
        return node.property("device_type")
                .filter(Property::isStrings)
                .map(Property::string)
                .filter("memory"::equals)
                .isPresent();
    }

    /** The enabled children of {@code /reserved-memory}, in source order. */
    public static List<Node> reservedNodes(DeviceTree tree) {
        return tree.root().child("reserved-memory").stream()
                .flatMap(parent -> parent.children().stream())
                .filter(Node::isAvailable)
                .toList();
    }

    /** What one memory node adds: {@code linux,usable-memory} if it has that, else {@code reg}. */
    public static List<AddressRange> bankRanges(Node memory) {
        Property property =
                memory.property("linux,usable-memory")
                        .or(() -> memory.property("reg"))
                        .orElse(null);
        if (property == null) {
            return List.of();
        }
        return ranges(property, BusLayout.of(memory.parent().orElseThrow())).stream()
                .filter(range -> !range.isEmpty())
                .toList();
    }

    /**
     * One child of {@code /reserved-memory}.
     *
     * @throws DeviceTreeException when a property does not fit the cells of the root
     */
    public static ReservedRegion region(DeviceTree tree, Node node) {
        BusLayout layout = BusLayout.of(tree.root());
        Property reg = node.property("reg").orElse(null);
        Property size = node.property("size").orElse(null);
        Property alignment = node.property("alignment").orElse(null);
        boolean reusable = node.has("reusable");
        Use use = use(node, reusable);
        return new ReservedRegion(
                node,
                reg == null ? List.of() : ranges(reg, layout),
                reg == null && size != null ? number(size, layout.sizeCells()) : 0,
                alignment == null
                        ? OptionalLong.empty()
                        : OptionalLong.of(alignment.number(0, alignment.cellCount())),
                node.property("alloc-ranges").map(p -> ranges(p, layout)).orElse(List.of()),
                node.has("no-map"),
                reusable,
                use,
                node.has(use == Use.CMA ? "linux,cma-default" : "linux,dma-default"));
    }

    private static Use use(Node node, boolean reusable) {
        List<String> compatible =
                node.property("compatible")
                        .filter(Property::isStrings)
                        .map(Property::strings)
                        .orElse(List.of());
        if (compatible.contains("restricted-dma-pool")) {
            return Use.RESTRICTED_POOL;
        }
        if (compatible.contains("shared-dma-pool")) {
            return reusable ? Use.CMA : Use.COHERENT_POOL;
        }
        return Use.OTHER;
    }

    private static long number(Property property, int cells) {
        if (property.cellCount() != cells) {
            throw property.malformed(
                    "has %d cells, wanted %d".formatted(property.cellCount(), cells));
        }
        return property.number(0, cells);
    }

    private static List<AddressRange> ranges(Property property, BusLayout layout) {
        int tuple = layout.addressCells() + layout.sizeCells();
        if (!layout.isTranslatable() || property.cellCount() % tuple != 0) {
            throw property.malformed(
                    "has %d bytes, wanted tuples of %d address and %d size cells"
                            .formatted(
                                    property.sizeBytes(),
                                    layout.addressCells(),
                                    layout.sizeCells()));
        }
        List<AddressRange> ranges = new ArrayList<>();
        for (int first = 0; first < property.cellCount(); first += tuple) {
            ranges.add(
                    new AddressRange(
                            property.number(first, layout.addressCells()),
                            property.number(first + layout.addressCells(), layout.sizeCells())));
        }
        return List.copyOf(ranges);
    }

    /** Bytes of RAM. */
    public long ramBytes() {
        return banks.stream().mapToLong(AddressRange::size).sum();
    }

    /** The highest RAM address; empty without a bank. */
    public OptionalLong ramLast() {
        OptionalLong last = OptionalLong.empty();
        for (AddressRange bank : banks) {
            if (last.isEmpty() || Long.compareUnsigned(bank.last(), last.getAsLong()) > 0) {
                last = OptionalLong.of(bank.last());
            }
        }
        return last;
    }
}
