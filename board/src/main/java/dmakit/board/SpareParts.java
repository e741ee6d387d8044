package dmakit.board;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.DeviceTreeException;
import dmakit.devicetree.Node;
import dmakit.devicetree.TreeBuilder;
import dmakit.devicetree.address.AddressRange;
import dmakit.devicetree.address.BusLayout;
import dmakit.devicetree.address.Reg;
import dmakit.devicetree.dma.DmaController;
import dmakit.devicetree.dts.DtsReader;
import dmakit.devicetree.interrupt.InterruptSpec;
import dmakit.hardware.RegisterMemory;
import dmakit.kernel.device.StandIns;
import dmakit.machine.Machine;
import dmakit.machine.bus.Bus;
import dmakit.machine.bus.Windows.Window;
import dmakit.machine.memory.Ram;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is added to a running machine because a driver asks for it: registers that only remember.
 */
final class SpareParts implements StandIns {
    private static final String ORIGIN = "stand-in";

    /** Bytes of registers; also how far apart they lie. */
    private static final int REGION_BYTES = 1 << 16;

    /** Where registers go on a board without a bus of its own, downwards. */
    private static final long LAST_REGION = 0xfbff_0000L;

    /** Numbers that no controller has. */
    private static final int INTERRUPT_BASE = 0x8000;

    private static final int CELLS_MAX = 4;

    /** Its cells are the wire's number and how it is triggered. */
    private static final String IO_APIC = "intel,ce4100-ioapic";

    private final Machine machine;
    private final DeviceTree tree;
    private final @Nullable PciSlots slots;
    private int interruptCount;

    SpareParts(Machine machine, DeviceTree tree, @Nullable PciSlots slots) {
        this.machine = machine;
        this.tree = tree;
        this.slots = slots;
    }

    @Override
    public boolean pci(Numbers numbers) {
        return slots != null && slots.plugStandIn(numbers);
    }

    @Override
    public Optional<Node> platform(String compatible) {
        Node bus = busFor();
        long phys = freeRegion(bus);
        if (phys < 0) {
            return Optional.empty();
        }
        long address = onBus(bus, phys);
        String name = "stand-in@" + Long.toHexString(address);
        machine.bus().attach(name, phys, REGION_BYTES, new RegisterMemory(REGION_BYTES));
        BusLayout layout = BusLayout.of(bus);
        String text =
                "/dts-v1/;\n/ {\n  "
                        + name
                        + " {\n    compatible = \""
                        + compatible.replace("\\", "").replace("\"", "")
                        + "\";\n    reg = <"
                        + cells(address, layout.addressCells())
                        + cells(REGION_BYTES, layout.sizeCells())
                        + ">;\n"
                        + interrupt()
                        + requests()
                        + "  };\n};\n";
        return Optional.of(bus.graft(parsed(text).node("/" + name).orElseThrow()));
    }

    private static TreeBuilder parsed(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        try {
            return TreeBuilder.copyOf(
                    DtsReader.read(
                            ORIGIN,
                            (path, _) ->
                                    path.equals(ORIGIN) ? Optional.of(bytes) : Optional.empty(),
                            List.of()));
        } catch (IOException e) {
            throw new IllegalStateException("text in memory cannot be read", e);
        }
    }

    private static String cells(long value, int count) {
        StringBuilder text = new StringBuilder();
        for (int i = count - 1; i >= 0; i--) {
            int shift = i * Integer.SIZE;
            long cell = shift >= Long.SIZE ? 0 : (value >>> shift) & 0xffff_ffffL;
            text.append(String.format(Locale.ROOT, "0x%x ", cell));
        }
        return text.toString();
    }

    /** Where a board's own peripherals sit: the first simple bus that moves addresses. */
    private Node busFor() {
        return tree.nodes().stream()
                .filter(node -> node.isCompatibleWith("simple-bus") && node.isReachable())
                .filter(node -> !BusWindows.of(node).isEmpty())
                .findFirst()
                .orElse(tree.root());
    }

    /** The last free place of the bus's largest window, or below 4 GiB; -1 without one. */
    private long freeRegion(Node bus) {
        long first = 0;
        long last = LAST_REGION;
        Window largest = largestWindow(bus);
        if (largest != null) {
            first = largest.phys();
            last = (largest.phys() + largest.size() - REGION_BYTES) & -REGION_BYTES;
        }
        for (long at = last; at >= first && at > 0; at -= REGION_BYTES) {
            if (isFree(at)) {
                return at;
            }
        }
        return -1;
    }

    private static @Nullable Window largestWindow(Node bus) {
        Window largest = null;
        for (Window window : BusWindows.of(bus)) {
            if (largest == null || Long.compareUnsigned(window.size(), largest.size()) > 0) {
                largest = window;
            }
        }
        return largest;
    }

    private static long onBus(Node bus, long phys) {
        Window window = largestWindow(bus);
        return window == null ? phys : phys - window.phys() + window.bus();
    }

    private boolean isFree(long phys) {
        AddressRange wanted = new AddressRange(phys, REGION_BYTES);
        for (Ram.Bank bank : machine.ram().banks()) {
            if (wanted.overlaps(new AddressRange(bank.base(), bank.size()))) {
                return false;
            }
        }
        for (Bus.Range range : machine.bus().ranges()) {
            if (wanted.overlaps(new AddressRange(range.base(), range.size()))) {
                return false;
            }
        }
        for (Node node : tree.nodes()) {
            if (node.baseName().equals("memory")) {
                continue;
            }
            for (AddressRange used : registersOf(node)) {
                if (wanted.overlaps(used)) {
                    return false;
                }
            }
        }
        return true;
    }

    private static List<AddressRange> registersOf(Node node) {
        try {
            List<AddressRange> ranges = new ArrayList<>();
            Reg.of(node).forEach(reg -> reg.phys().ifPresent(ranges::add));
            return ranges;
        } catch (DeviceTreeException e) {
            return List.of();
        }
    }

    /** An interrupt that no other node has: of a controller in use, or else of any. */
    private String interrupt() {
        for (Node node : tree.nodes()) {
            if (node.isReachable()) {
                for (InterruptSpec spec : interruptsOf(node)) {
                    if (spec.controller().phandle().isPresent()) {
                        return interrupt(spec.controller(), spec.cells());
                    }
                }
            }
        }
        for (Node node : tree.nodes()) {
            int cells = node.u32("#interrupt-cells").orElse(0);
            if (node.has("interrupt-controller")
                    && !node.has("msi-controller")
                    && node.isReachable()
                    && node.phandle().isPresent()
                    && cells > 0
                    && cells <= CELLS_MAX) {
                return interrupt(node, Collections.nCopies(cells, 0));
            }
        }
        return "";
    }

    private String interrupt(Node controller, List<Integer> known) {
        List<Integer> cells = new ArrayList<>(known);
        boolean numberFirst = cells.size() == 1 || controller.isCompatibleWith(IO_APIC);
        cells.set(numberFirst ? 0 : 1, INTERRUPT_BASE + interruptCount++);
        StringBuilder text = new StringBuilder("    interrupts-extended = <");
        text.append(controller.phandle().orElse(0));
        cells.forEach(cell -> text.append(' ').append(Integer.toUnsignedString(cell)));
        return text.append(">;\n").toString();
    }

    private List<InterruptSpec> interruptsOf(Node node) {
        try {
            return InterruptSpec.of(tree, node);
        } catch (DeviceTreeException e) {
            return List.of();
        }
    }

    /** Requests that are always granted, where the board's controller has such a line. */
    private String requests() {
        for (DmaController controller : DmaController.all(tree)) {
            Node node = controller.node();
            int phandle = node.phandle().orElse(0);
            if (phandle != 0 && node.isReachable() && node.isCompatibleWith("brcm,bcm2835-dma")) {
                return "    dmas = <%1$d 0>, <%1$d 0>;\n    dma-names = \"tx\", \"rx\";\n"
                        .formatted(phandle);
            }
        }
        return "";
    }
}
