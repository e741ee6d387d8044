package dmakit.board;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.Node;
import dmakit.devicetree.Property;
import dmakit.devicetree.address.AddressRange;
import dmakit.devicetree.address.Reg;
import dmakit.devicetree.dma.Coherence;
import dmakit.devicetree.dma.DmaReach;
import dmakit.devicetree.dma.DmaWindow;
import dmakit.hardware.RequestLine;
import dmakit.machine.Machine;
import dmakit.machine.bus.MasterPort;
import dmakit.machine.bus.Target;
import dmakit.machine.bus.Translation;
import dmakit.machine.bus.Windows;
import dmakit.machine.bus.Windows.Window;
import dmakit.machine.irq.IrqLine;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where one chip of the tree goes: what a chip's builder asks for to wire it up.
 *
 * @param machine the chip becomes part of
 * @param tree that describes it
 * @param node of the chip
 * @param lines the interrupt lines of the machine
 * @param wires the request lines of the machine
 * @param iommus the IOMMUs of the machine so far
 * @param streams the streams of the machine so far
 * @param bridges the PCI host bridges of the machine so far
 * @param pcm the serial audio links of the machine
 * @param isa the DMA channels of its ISA bus
 */
record ChipSite(
        Machine machine,
        DeviceTree tree,
        Node node,
        InterruptLines lines,
        RequestWires wires,
        IommuWires iommus,
        StreamWires streams,
        List<PciSlots> bridges,
        PcmWires pcm,
        IsaChannels isa) {
    /** Space, address, size; ISA bus binding to IEEE 1275, section 4.1. */
    private static final int ISA_REG_CELLS = 3;

    private static final int ISA_IO_SPACE = 1;

    /** The chip's name in traces: label or path, whichever the tree has. */
    String name() {
        return node.labels().isEmpty() ? node.name() : node.labels().getFirst();
    }

    /** Its interrupt lines, in the order of {@code interrupts}. */
    List<IrqLine> irqs() {
        return lines.of(tree, node);
    }

    /** The first interrupt line of a node inside its own; a line to nowhere where there is none. */
    IrqLine irqOf(Optional<Node> child) {
        return child.flatMap(node -> lines.of(tree, node).stream().findFirst())
                .orElseGet(() -> machine.interrupts().line(0));
    }

    /**
     * Its first interrupt line.
     *
     * @throws BoardException when it has none
     */
    IrqLine irq() {
        List<IrqLine> all = irqs();
        if (all.isEmpty()) {
            throw new BoardException(node.path() + " has no interrupts");
        }
        return all.getFirst();
    }

    /** The request line it drives for one of its {@code dma-names}. */
    RequestLine requestLine(String dmaName) {
        return wires.of(tree, node, dmaName);
    }

    /**
     * Its way onto the bus: the windows of {@code dma-ranges}, and its neighbours' registers; or an
     * IOMMU, which leads there as long as it lets accesses through as they are.
     */
    MasterPort masterPort() {
        return masterPort(name());
    }

    /** One of several ways onto the bus, each with a name of its own. */
    MasterPort masterPort(String portName) {
        boolean coherent = Coherence.of(tree, node) == Coherence.COHERENT;
        Translation translation = iommus.of(tree, node, windows());
        return machine.bus().master(portName, translation, coherent);
    }

    /**
     * Where its first {@code reg} says that its registers are.
     *
     * @throws BoardException when it does not
     */
    AddressRange registers() {
        return Reg.of(node).stream()
                .findFirst()
                .flatMap(Reg::phys)
                .orElseThrow(() ->
                        new BoardException(node.path() + " has no registers the CPU reaches"));
    }

    /**
     * Puts registers where the chip's first {@code reg} says.
     *
     * @param size bytes the chip answers at; a tree may know of fewer
     */
    void attach(Target registers, long size) {
        AddressRange range = registers();
        machine.bus().attach(name(), range.start(), Math.max(size, range.size()), registers);
    }

    /**
     * The first of a node's I/O ports.
     *
     * @param index of the entry in {@code reg}, of three cells as on an ISA bus
     * @throws BoardException when that is none of ports
     */
    int port(int index) {
        Property reg = node.property("reg").orElse(null);
        int at = index * ISA_REG_CELLS;
        if (reg == null || !reg.isCells() || reg.cellCount() < at + ISA_REG_CELLS) {
            throw new BoardException(node.path() + " has no ports at " + index + " of its reg");
        }
        if (reg.cell(at) != ISA_IO_SPACE) {
            throw new BoardException(node.path() + ": its reg names memory, wanted ports");
        }
        return reg.cell(at + 1);
    }

    /**
     * Puts one of several blocks of registers where the {@code reg} of a name says.
     *
     * @throws BoardException when there is none
     */
    void attach(String regName, Target block) {
        AddressRange range =
                Reg.of(node).stream()
                        .filter(reg -> reg.name().filter(regName::equals).isPresent())
                        .findFirst()
                        .flatMap(Reg::phys)
                        .orElseThrow(() ->
                                new BoardException(
                                        node.path() + " has no registers named " + regName));
        machine.bus().attach(name() + " " + regName, range.start(), range.size(), block);
    }

    private Windows windows() {
        DmaReach reach = DmaReach.ofDevice(tree, node);
        if (reach.isIdentity()) {
            return Windows.IDENTITY;
        }
        List<Window> windows = new ArrayList<>();
        for (DmaWindow window : reach.windows()) {
            windows.add(new Window(window.busStart(), window.cpuStart(), window.size()));
        }
        node.parent().ifPresent(bus -> windows.addAll(BusWindows.of(bus)));
        return new Windows(windows);
    }
}
