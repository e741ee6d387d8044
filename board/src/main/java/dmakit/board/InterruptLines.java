package dmakit.board;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.Node;
import dmakit.devicetree.interrupt.InterruptSpec;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.device.IrqResolver;
import dmakit.machine.irq.InterruptController;
import dmakit.machine.irq.IrqLine;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Gives every interrupt of the tree a line of the machine: numbers from 1 on, in the order in which
 * they are asked for, as Linux numbers interrupts when it maps them. Where there is an ISA bus,
 * numbers 1 to 15 are its interrupts, and others start at 16.
 *
 * <p>The machine has one interrupt controller. Whatever controllers the tree describes, what counts
 * is which interrupts are the same one.
 */
final class InterruptLines implements IrqResolver {
    private record Source(String controller, List<Integer> cells) {}

    /** The last line is the CPU's own timer's. */
    private static final int COUNT_MAX = InterruptController.LINE_COUNT_MAX - 2;

    /** Interrupts of an ISA bus, whose numbers are those of their wires. */
    private static final int LEGACY_COUNT = 16;

    private static final String IO_APIC = "intel,ce4100-ioapic";

    private final InterruptController controller;
    private final Map<Source, Integer> numbers = new LinkedHashMap<>();
    private final boolean legacy;
    private int last;

    InterruptLines(InterruptController controller, DeviceTree tree) {
        this.controller = controller;
        legacy = tree.nodes().stream().anyMatch(InterruptLines::isIsaBus);
        last = legacy ? LEGACY_COUNT - 1 : 0;
    }

    private static boolean isIsaBus(Node node) {
        return node.isReachable() && node.isCompatibleWith("isa");
    }

    @Override
    public int lineOf(InterruptSpec interrupt) {
        Source source =
                new Source(
                        interrupt.controller().path(),
                        withoutTrigger(interrupt.controller(), interrupt.cells()));
        Integer known = numbers.get(source);
        if (known != null) {
            return known;
        }
        if (isLegacy(source, interrupt.controller())) {
            return source.cells().getFirst();
        }
        if (last == COUNT_MAX) {
            throw new KernelException(Errno.EINVAL, "more than %d interrupts", COUNT_MAX);
        }
        last++;
        numbers.put(source, last);
        return last;
    }

    /** Line 0 is not a driver's. */
    private boolean isLegacy(Source source, Node at) {
        return legacy
                && at.isCompatibleWith(IO_APIC)
                && !source.cells().isEmpty()
                && source.cells().getFirst() > 0
                && source.cells().getFirst() < LEGACY_COUNT;
    }

    /** The lines a chip drives, in the order of its {@code interrupts}. */
    List<IrqLine> of(DeviceTree tree, Node chip) {
        return InterruptSpec.of(tree, chip).stream()
                .map(spec -> controller.line(lineOf(spec)))
                .toList();
    }

    /** In the cells of a GIC the third says edge or level: two words for one interrupt. */
    private static List<Integer> withoutTrigger(Node controller, List<Integer> cells) {
        boolean gic =
                controller.compatible().stream()
                        .anyMatch(name -> name.startsWith("arm,") && name.contains("gic"));
        return gic && cells.size() == 3 ? cells.subList(0, 2) : cells;
    }
}
