package dmakit.kernel.reserved;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.Node;
import dmakit.devicetree.Property;
import dmakit.devicetree.address.AddressRange;
import dmakit.devicetree.address.BusLayout;
import dmakit.kernel.Linux;
import dmakit.kernel.cma.Cma;
import dmakit.kernel.log.Log;
import dmakit.kernel.mm.Memblock;
import dmakit.kernel.mm.VirtualMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds out where regions are, or gives them a place, and reserves them. */
final class RegionPlacer {
    private final Log log;
    private final Memblock memblock;
    private final boolean readable;
    private final int addressCells;
    private final int sizeCells;

    RegionPlacer(DeviceTree tree, Log log, Memblock memblock) {
        this.log = log;
        this.memblock = memblock;
        BusLayout layout = BusLayout.of(tree.root());
        readable = layout.isTranslatable();
        addressCells = layout.addressCells();
        sizeCells = layout.sizeCells();
    }

    /** Whether the node of all regions speaks of addresses as the root does. */
    @Linux(file = "drivers/of/of_reserved_mem.c", symbol = "__reserved_mem_check_root")
    boolean understands(Node parent) {
        return readable
                && isNumber(parent, "#size-cells", sizeCells)
                && isNumber(parent, "#address-cells", addressCells)
                && parent.has("ranges");
    }

    private static boolean isNumber(Node node, String name, int wanted) {
        return node.property(name)
                .filter(property -> property.isCells() && property.cellCount() == 1)
                .filter(property -> property.cell(0) == wanted)
                .isPresent();
    }

    // Static regions.

    /** Reserves what {@code reg} says; answers the first range of it, of which devices can have. */
    @Linux(file = "drivers/of/of_reserved_mem.c", symbol = "__reserved_mem_reserve_reg")
    Optional<Region> reserve(Node node) {
        Optional<List<AddressRange>> ranges = node.property("reg").flatMap(this::ranges);
        if (ranges.isEmpty()) {
            log.err("Reserved memory: invalid reg property in '%s', skipping node.", node.name());
            return Optional.empty();
        }
        for (AddressRange range : ranges.get()) {
            if (!reserve(node, range)) {
                log.err(
                        "Reserved memory: failed to reserve memory for node '%s': base 0x%016x,"
                                + " size %d MiB",
                        node.name(), range.start(), range.size() >>> 20);
            }
        }
        return ranges.get().stream()
                .findFirst()
                .filter(range -> !range.isEmpty() && !range.wraps())
                .map(range -> new Region(node, range.start(), range.size()));
    }

    @Linux(file = "drivers/of/of_reserved_mem.c", symbol = "early_init_dt_reserve_memory")
    private boolean reserve(Node node, AddressRange range) {
        if (range.isEmpty() || range.wraps()) {
            return false;
        }
        if (!node.has("no-map")) {
            memblock.reserve(Memblock.RESERVED, range.start(), range.size());
            return true;
        }
        boolean isMemory =
                memblock.systemRam(range.start(), range.size()) != Memblock.SystemRam.NONE;
        if (isMemory && memblock.isReserved(range.start(), range.size())) {
            return false;
        }
        memblock.takeOut(Memblock.RESERVED, range.start(), range.size());
        return true;
    }

    /** Says that only the first range of a node is of use to devices. */
    void warnOfMore(Node node) {
        int count = node.property("reg").flatMap(this::ranges).map(List::size).orElse(0);
        if (count > 1) {
            log.warn(
                    "fdt_scan_reserved_mem_reg_nodes() ignores %d regions in node '%s'",
                    count - 1, node.name());
        }
    }

    /** The ranges of a property; empty when it does not divide into such. */
    private Optional<List<AddressRange>> ranges(Property property) {
        int tuple = addressCells + sizeCells;
        if (property.sizeBytes() % (tuple * Integer.BYTES) != 0) {
            return Optional.empty();
        }
        List<AddressRange> ranges = new ArrayList<>();
        for (int at = 0; at < property.cellCount(); at += tuple) {
            ranges.add(
                    new AddressRange(
                            property.number(at, addressCells),
                            property.number(at + addressCells, sizeCells)));
        }
        return Optional.of(ranges);
    }

    // Dynamic regions.

    /** Finds a place for a node that says only how much it wants. */
    @Linux(file = "drivers/of/of_reserved_mem.c", symbol = "__reserved_mem_alloc_size")
    Optional<Region> place(Node node, List<Region> others) {
        Optional<Long> size = node.property("size").flatMap(p -> number(p, sizeCells));
        if (size.isEmpty()) {
            log.err("invalid size property in '%s' node.", node.name());
            return Optional.empty();
        }
        Optional<Property> alignment = node.property("alignment");
        Optional<Long> align = alignment.flatMap(p -> number(p, addressCells));
        if (alignment.isPresent() && align.isEmpty()) {
            log.err("invalid alignment property in '%s' node.", node.name());
            return Optional.empty();
        }
        Optional<Property> windows = node.property("alloc-ranges");
        Optional<List<AddressRange>> allowed = windows.flatMap(this::ranges);
        if (windows.isPresent() && allowed.isEmpty()) {
            log.err("invalid alloc-ranges property in '%s', skipping node.", node.name());
            return Optional.empty();
        }
        long base = find(size.get(), alignmentOf(node, align.orElse(0L)), allowed, others);
        if (base == Memblock.NONE) {
            log.err(
                    "failed to allocate memory for node '%s': size %d MiB",
                    node.name(), size.get() >>> 20);
            return Optional.empty();
        }
        if (node.has("no-map")) {
            memblock.takeOut(Memblock.RESERVED, base, size.get());
        } else {
            memblock.reserve(Memblock.RESERVED, base, size.get());
        }
        return Optional.of(new Region(node, base, size.get()));
    }

    private static Optional<Long> number(Property property, int cells) {
        return property.sizeBytes() == cells * Integer.BYTES && cells > 0
                ? Optional.of(property.number(0, cells))
                : Optional.empty();
    }

    /** A CMA area needs more than it may ask for. */
    private static long alignmentOf(Node node, long wanted) {
        boolean isCma =
                node.isCompatibleWith(CmaRegions.SHARED_POOL)
                        && node.has("reusable")
                        && !node.has("no-map");
        long least = isCma ? Cma.ALIGNMENT_BYTES : VirtualMemory.PAGE_BYTES;
        long power = wanted < 0 ? Long.MIN_VALUE : Long.highestOneBit(wanted);
        return power < 0 ? 1L << (Long.SIZE - 2) : Math.max(least, power);
    }

    private long find(
            long size, long align, Optional<List<AddressRange>> allowed, List<Region> others) {
        if (allowed.isEmpty()) {
            return memblock.find(size, align, 0, Long.MAX_VALUE, false);
        }
        for (AddressRange window : allowed.get()) {
            long place = find(size, align, window, others);
            if (place != Memblock.NONE) {
                return place;
            }
        }
        return Memblock.NONE;
    }

    /** Close to what is reserved already, to leave the rest in one piece. */
    @Linux(file = "drivers/of/of_reserved_mem.c", symbol = "__reserved_mem_alloc_in_range")
    private long find(long size, long align, AddressRange window, List<Region> others) {
        if (window.isEmpty() || window.start() < 0) {
            return Memblock.NONE;
        }
        long end = window.wraps() || window.last() < 0 ? Long.MAX_VALUE : window.last() + 1;
        boolean bottomUp = others.stream().anyMatch(other -> touches(other, window.start()));
        boolean topDown = others.stream().anyMatch(other -> touches(other, end));
        return memblock.find(size, align, window.start(), end, bottomUp && !topDown);
    }

    private static boolean touches(Region region, long address) {
        return Long.compareUnsigned(address, region.base()) >= 0
                && Long.compareUnsigned(address, region.end()) <= 0;
    }
}
