package dmakit.board;

import dmakit.devicetree.Node;
import dmakit.devicetree.Property;
import dmakit.devicetree.address.BusLayout;
import dmakit.devicetree.address.Translation;
import dmakit.machine.bus.Windows.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** The windows of a bus's {@code ranges}: where its children's registers appear. */
final class BusWindows {
    private BusWindows() {}

    /** From addresses on the bus to physical ones; none for a bus without tuples, or a PCI one. */
    static List<Window> of(Node bus) {
        Property ranges = bus.property("ranges").orElse(null);
        Node parent = bus.parent().orElse(null);
        if (ranges == null || ranges.isEmpty() || parent == null) {
            return List.of();
        }
        BusLayout layout = BusLayout.of(bus);
        if (layout.kind() == BusLayout.Kind.PCI || !layout.isTranslatable()) {
            return List.of();
        }
        int sizeAt = layout.addressCells() + BusLayout.of(parent).addressCells();
        int tuple = sizeAt + layout.sizeCells();
        if (ranges.cellCount() % tuple != 0) {
            throw ranges.malformed(
                    "has %d cells, wanted tuples of %d".formatted(ranges.cellCount(), tuple));
        }
        List<Window> windows = new ArrayList<>();
        for (int first = 0; first < ranges.cellCount(); first += tuple) {
            BusLayout.BusAddress child = layout.address(ranges, first);
            OptionalLong phys = Translation.CPU.toCpu(bus, child);
            long size = ranges.number(first + sizeAt, layout.sizeCells());
            if (phys.isPresent() && size != 0) {
                windows.add(new Window(child.value(), phys.getAsLong(), size));
            }
        }
        return windows;
    }
}
