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
 * they are asked for, as Linux numbers interrupts when it maps them.
 *
 * <p>The machine has one interrupt controller. Whatever controllers the tree describes, what counts
 * is which interrupts are the same one.
 */
final class InterruptLines implements IrqResolver {
    private record Source(String controller, List<Integer> cells) {}

    /** The last line is the CPU's own timer's. */
    private static final int COUNT_MAX = InterruptController.LINE_COUNT_MAX - 2;

    private final InterruptController controller;
    private final Map<Source, Integer> numbers = new LinkedHashMap<>();

    InterruptLines(InterruptController controller) {
        this.controller = controller;
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
        int number = numbers.size() + 1;
        if (number > COUNT_MAX) {
            throw new KernelException(Errno.EINVAL, "more than %d interrupts", COUNT_MAX);
        }
        numbers.put(source, number);
        return number;
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
