package dmakit.devicetree.dma;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.Limits;
import dmakit.devicetree.Node;
import dmakit.devicetree.Property;
import dmakit.devicetree.address.AddressRange;
import dmakit.devicetree.address.BusLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the {@code dma-ranges} of the buses above a device let its DMA reach.
 *
 * <p>The rules are those of {@code of_dma_get_range}: the walk starts at the DMA parent; an empty
 * {@code dma-ranges} is an identity and the walk goes on; the first bus may lack the property, a
 * later one that lacks it ends the walk without a result; the first one with tuples is the source,
 * and its CPU addresses are translated through the buses above.
 *
 * @param source the bus whose tuples count; empty when none do and bus addresses are CPU physical
 *     addresses
 * @param windows in source order, adjacent ones merged; none with a source means that the device
 *     gets no DMA at all
 * @param unreachable bus addresses of tuples whose CPU side a higher bus does not pass on
 */
public record DmaReach(
        Optional<Node> source, List<DmaWindow> windows, List<AddressRange> unreachable) {

    /** Copies the lists. */
    public DmaReach {
        windows = List.copyOf(windows);
        unreachable = List.copyOf(unreachable);
    }

    private record Tuple(int flags, DmaWindow window) {}

    /** The reach of a device that no {@code dma-ranges} limits. */
    public static final DmaReach IDENTITY = new DmaReach(Optional.empty(), List.of(), List.of());

    /**
     * The reach of a device at its own node.
     *
     * @throws dmakit.devicetree.DeviceTreeException when the ranges on the way are no cells, or
     *     more than {@link Limits#LIST_CELLS_MAX} of them
     */
    public static DmaReach ofDevice(DeviceTree tree, Node device) {
        DmaParents parents = new DmaParents(tree);
        return parents.of(device).map(bus -> ofBus(parents, bus)).orElse(IDENTITY);
    }

    /**
     * The reach of the functions behind a PCI host bridge, whose own {@code dma-ranges} count.
     *
     * @throws dmakit.devicetree.DeviceTreeException as {@link #ofDevice}
     */
    public static DmaReach ofPciFunctions(DeviceTree tree, Node hostBridge) {
        return ofBus(new DmaParents(tree), hostBridge);
    }

    /**
     * The reach of everything whose DMA parent is this bus; for who asks about many devices.
     *
     * @throws dmakit.devicetree.DeviceTreeException as {@link #ofDevice}
     */
    public static DmaReach ofBus(DmaParents parents, Node firstBus) {
        Optional<Node> bus = Optional.of(firstBus);
        boolean first = true;
        for (int hops = 0; bus.isPresent() && hops < Limits.DEPTH_MAX; hops++) {
            Property ranges = bus.get().property("dma-ranges").orElse(null);
            if (ranges != null && !ranges.isEmpty()) {
                return fromTuples(parents, bus.get(), ranges);
            }
            if (ranges == null && !first) {
                return IDENTITY;
            }
            first = false;
            bus = parents.of(bus.get());
        }
        return IDENTITY;
    }

    private static DmaReach fromTuples(DmaParents parents, Node bus, Property ranges) {
        BusLayout layout = BusLayout.of(bus);
        BusLayout above = bus.parent().map(BusLayout::of).orElse(layout);
        if (!layout.isTranslatable() || !above.isTranslatable()) {
            return new DmaReach(Optional.of(bus), List.of(), List.of());
        }
        int cpuAt = layout.addressCells();
        int sizeAt = cpuAt + above.addressCells();
        int tuple = sizeAt + layout.sizeCells();
        int cells = ranges.listCellCount();
        List<Tuple> merged = new ArrayList<>();
        List<AddressRange> unreachable = new ArrayList<>();
        for (int at = 0; at + tuple <= cells; at += tuple) {
            BusLayout.BusAddress start = layout.address(ranges, at);
            long size = ranges.number(at + sizeAt, layout.sizeCells());
            BusLayout.BusAddress cpu = above.address(ranges, at + cpuAt);
            OptionalLong phys =
                    parents.of(bus)
                            .map(parent -> parents.translation().toCpu(parent, cpu))
                            .orElse(OptionalLong.of(cpu.value()));
            if (phys.isEmpty()) {
                unreachable.add(new AddressRange(start.value(), size));
            } else {
                DmaWindow window = new DmaWindow(start.value(), phys.getAsLong(), size);
                add(merged, new Tuple(start.flags(), window));
            }
        }
        return new DmaReach(
                Optional.of(bus), merged.stream().map(Tuple::window).toList(), unreachable);
    }

    private static void add(List<Tuple> merged, Tuple next) {
        if (!merged.isEmpty()) {
            Tuple last = merged.getLast();
            DmaWindow before = last.window();
            DmaWindow after = next.window();
            if (last.flags() == next.flags()
                    && after.busStart() == before.busStart() + before.size()
                    && after.cpuStart() == before.cpuStart() + before.size()) {
                DmaWindow joined =
                        new DmaWindow(
                                before.busStart(), before.cpuStart(), before.size() + after.size());
                merged.set(merged.size() - 1, new Tuple(last.flags(), joined));
                return;
            }
        }
        merged.add(next);
    }

    /** Whether bus addresses are CPU physical addresses and nothing limits them. */
    public boolean isIdentity() {
        return source.isEmpty();
    }

    /** The highest bus address the device can use ({@code bus_dma_limit}); empty for no limit. */
    public OptionalLong busLimit() {
        OptionalLong limit = OptionalLong.empty();
        for (DmaWindow window : windows) {
            if (limit.isEmpty() || Long.compareUnsigned(window.busLast(), limit.getAsLong()) > 0) {
                limit = OptionalLong.of(window.busLast());
            }
        }
        return limit;
    }

    /** The bus address of a CPU physical address, by the first window that has it. */
    public OptionalLong toBus(long phys) {
        if (isIdentity()) {
            return OptionalLong.of(phys);
        }
        for (DmaWindow window : windows) {
            if (window.cpu().contains(phys)) {
                return OptionalLong.of(phys - window.cpuStart() + window.busStart());
            }
        }
        return OptionalLong.empty();
    }

    /** The CPU physical address of a bus address, by the first window that has it. */
    public OptionalLong toPhys(long bus) {
        if (isIdentity()) {
            return OptionalLong.of(bus);
        }
        for (DmaWindow window : windows) {
            if (window.bus().contains(bus)) {
                return OptionalLong.of(bus - window.busStart() + window.cpuStart());
            }
        }
        return OptionalLong.empty();
    }
}
