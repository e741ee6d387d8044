package dmakit.kernel.iommu;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.Node;
import dmakit.devicetree.Property;
import dmakit.devicetree.address.BusLayout;
import dmakit.devicetree.address.BusLayout.BusAddress;
import dmakit.devicetree.dma.DmaReach;
import dmakit.devicetree.dma.DmaWindow;
import dmakit.kernel.Linux;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Which addresses never arrive at the IOMMU from a function behind a PCI host bridge: those of
 * other functions' registers, and those the bridge does not take in.
 */
@Linux(file = "drivers/iommu/dma-iommu.c", symbol = "iova_reserve_pci_windows")
final class HostBridge {
    private static final int SPACE_SHIFT = 24;
    private static final int SPACE_MASK = 3;
    private static final int SPACE_MEMORY_32 = 2;
    private static final Comparator<DmaWindow> BY_BUS =
            Comparator.comparing(DmaWindow::busStart, Long::compareUnsigned);

    private HostBridge() {}

    /** A run of addresses, both ends inclusive, unsigned. */
    record Span(long first, long last) {}

    /** What the mapping API must keep off for functions behind a bridge. */
    static List<Span> unusable(DeviceTree tree, Node bridge) {
        List<Span> spans = windows(bridge);
        long next = 0;
        List<DmaWindow> inbound =
                DmaReach.ofPciFunctions(tree, bridge).windows().stream().sorted(BY_BUS).toList();
        for (DmaWindow window : inbound) {
            if (Long.compareUnsigned(window.busStart(), next) > 0) {
                spans.add(new Span(next, window.busStart() - 1));
            }
            next = window.busLast() + 1;
        }
        if (next != 0) {
            spans.add(new Span(next, -1));
        }
        return spans;
    }

    /** The windows for memory in {@code ranges}, as functions see them. */
    private static List<Span> windows(Node bridge) {
        List<Span> spans = new ArrayList<>();
        Property ranges = bridge.property("ranges").orElse(null);
        Node parent = bridge.parent().orElse(null);
        if (ranges == null || parent == null) {
            return spans;
        }
        BusLayout layout = BusLayout.of(bridge);
        if (!layout.isTranslatable() || !BusLayout.of(parent).isReadable() || !ranges.isCells()) {
            return spans;
        }
        int sizeAt = layout.addressCells() + BusLayout.of(parent).addressCells();
        int tuple = sizeAt + layout.sizeCells();
        for (int at = 0; at + tuple <= ranges.listCellCount(); at += tuple) {
            BusAddress pci = layout.address(ranges, at);
            long size = ranges.number(at + sizeAt, layout.sizeCells());
            int space = (pci.flags() >>> SPACE_SHIFT) & SPACE_MASK;
            if (space >= SPACE_MEMORY_32 && size > 0) {
                spans.add(new Span(pci.value(), pci.value() + size - 1));
            }
        }
        return spans;
    }
}
