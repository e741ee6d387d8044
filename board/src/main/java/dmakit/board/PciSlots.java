package dmakit.board;

import dmakit.datasheet.edu.EduRegister;
import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.Node;
import dmakit.devicetree.Property;
import dmakit.devicetree.address.AddressRange;
import dmakit.devicetree.address.BusLayout;
import dmakit.devicetree.address.Reg;
import dmakit.devicetree.address.Translation;
import dmakit.devicetree.dma.Coherence;
import dmakit.devicetree.dma.DmaReach;
import dmakit.devicetree.dma.DmaWindow;
import dmakit.devicetree.interrupt.InterruptSpec;
import dmakit.hardware.RegisterMemory;
import dmakit.hardware.edu.Edu;
import dmakit.hardware.ioat.Ioat;
import dmakit.hardware.pci.Bar;
import dmakit.hardware.pci.PciFunction;
import dmakit.hardware.pci.PciHost;
import dmakit.hardware.pci.PciIdentity;
import dmakit.hardware.plx.PlxDma;
import dmakit.kernel.device.StandIns.Numbers;
import dmakit.machine.Machine;
import dmakit.machine.bus.Windows;
import dmakit.machine.bus.Windows.Window;
import dmakit.machine.irq.IrqLine;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.BiFunction;

/** A host bridge of the tree with what sits in its slots; more can be plugged in later. */
final class PciSlots {
    /** A function dmakit has a model of, by the {@code compatible} of its node. */
    private record Model(String compatible, BiFunction<Machine, String, PciFunction> build) {}

    private static final List<Model> MODELS =
            List.of(
                    new Model(
                            "pci1234,11e8",
                            (machine, name) ->
                                    new Edu(
                                                    machine.clock(),
                                                    machine.trace(),
                                                    name,
                                                    EduRegister.DMA_MASK)
                                            .function()),
                    new Model(
                            "pci10b5,87d0",
                            (machine, name) ->
                                    new PlxDma(machine.clock(), machine.trace(), name).function()),
                    new Model("pci8086,c50", ioat(Ioat.Kind.SOURCES_16)),
                    new Model("pci8086,c51", ioat(Ioat.Kind.SOURCES_8)));

    private static BiFunction<Machine, String, PciFunction> ioat(Ioat.Kind kind) {
        return (machine, name) -> new Ioat(machine.clock(), machine.trace(), name, kind).function();
    }

    private static final int SLOT_SHIFT = 11;
    private static final int PIN_INTA = 1;
    private static final int LG2_FUNCTIONS = 3;

    /** Regions of a stand-in: as many registers as drivers look at, each in a region of its own. */
    private static final int STAND_IN_REGION_BYTES = 1 << 16;

    private static final int STAND_IN_REGIONS = 5;
    private static final int STAND_IN_MSIX_VECTORS = 32;
    private static final int STAND_IN_LG2_MSI_VECTORS = 5;

    private final Machine machine;
    private final DeviceTree tree;
    private final Node node;
    private final InterruptLines lines;
    private final PciHost host;

    private PciSlots(ChipSite site) {
        machine = site.machine();
        tree = site.tree();
        node = site.node();
        lines = site.lines();
        Windows windows = windows(tree, node);
        host =
                new PciHost(
                        site.name(),
                        machine.bus(),
                        id -> site.iommus().ofFunction(tree, node, id, windows),
                        Coherence.of(tree, node) == Coherence.COHERENT);
    }

    /** Whether there is a model of what a node behind a host bridge describes. */
    static boolean isModelled(Node function) {
        return MODELS.stream().anyMatch(model -> function.isCompatibleWith(model.compatible()));
    }

    /** Builds a bridge where its node says, and what its children describe. */
    static PciSlots build(ChipSite site) {
        PciSlots slots = new PciSlots(site);
        AddressRange config =
                Reg.of(site.node()).stream()
                        .findFirst()
                        .flatMap(Reg::phys)
                        .orElseThrow(() ->
                                new BoardException(
                                        site.node().path() + " has no registers the CPU reaches"));
        slots.host.attachConfig(config.start(), config.size());
        slots.attachWindows();
        for (Node child : site.node().children()) {
            if (child.isAvailable()) {
                slots.plug(child);
            }
        }
        return slots;
    }

    private void attachWindows() {
        Property ranges = node.property("ranges").orElse(null);
        Node parent = node.parent().orElse(null);
        if (ranges == null || parent == null) {
            return;
        }
        BusLayout layout = BusLayout.of(node);
        int sizeAt = layout.addressCells() + BusLayout.of(parent).addressCells();
        int tuple = sizeAt + layout.sizeCells();
        for (int at = 0; at + tuple <= ranges.listCellCount(); at += tuple) {
            BusLayout.BusAddress pci = layout.address(ranges, at);
            OptionalLong phys = Translation.CPU.toCpu(node, pci);
            long size = ranges.number(at + sizeAt, layout.sizeCells());
            if (phys.isPresent() && size != 0) {
                host.attachWindow(phys.getAsLong(), pci.value(), size);
            }
        }
    }

    private static Windows windows(DeviceTree tree, Node bridge) {
        DmaReach reach = DmaReach.ofPciFunctions(tree, bridge);
        if (reach.isIdentity()) {
            return Windows.IDENTITY;
        }
        List<Window> windows = new ArrayList<>();
        for (DmaWindow window : reach.windows()) {
            windows.add(new Window(window.busStart(), window.cpuStart(), window.size()));
        }
        return new Windows(windows);
    }

    private void plug(Node child) {
        Property reg = child.property("reg").orElse(null);
        if (reg == null || reg.sizeBytes() < Integer.BYTES) {
            throw new BoardException(child.path() + " has no reg that says its slot");
        }
        String name = child.labels().isEmpty() ? child.name() : child.labels().getFirst();
        for (Model model : MODELS) {
            if (child.isCompatibleWith(model.compatible())) {
                plug(model.build().apply(machine, name), reg.cell(0) >>> SLOT_SHIFT);
                return;
            }
        }
    }

    private void plug(PciFunction function, int slot) {
        IrqLine line =
                InterruptSpec.ofPciPin(tree, node, slot << LG2_FUNCTIONS, PIN_INTA)
                        .map(spec -> machine.interrupts().line(lines.lineOf(spec)))
                        .orElseThrow(
                                () -> new BoardException(node.path() + " has no interrupt-map"));
        host.plug(function, slot, line);
    }

    /** Plugs a function without behaviour in; false when all slots are taken. */
    boolean plugStandIn(Numbers numbers) {
        int slot = host.freeSlot();
        if (slot < 0) {
            return false;
        }
        PciFunction function =
                new PciFunction(
                        String.format("%04x:%04x", numbers.vendor(), numbers.device()),
                        new PciIdentity(
                                numbers.vendor(),
                                numbers.device(),
                                numbers.classCode(),
                                0,
                                numbers.subsystemVendor(),
                                numbers.subsystem()));
        for (int i = 0; i < STAND_IN_REGIONS; i++) {
            function.add(
                    new Bar(
                            i,
                            Bar.Width.MEMORY_32,
                            STAND_IN_REGION_BYTES,
                            new RegisterMemory(STAND_IN_REGION_BYTES)));
        }
        function.addPowerManagement()
                .addMsi(STAND_IN_LG2_MSI_VECTORS)
                .addExpress()
                .addMsix(STAND_IN_MSIX_VECTORS, STAND_IN_REGIONS);
        plug(function, slot);
        return true;
    }
}
