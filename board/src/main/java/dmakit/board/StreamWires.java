package dmakit.board;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.Node;
import dmakit.devicetree.Property;
import dmakit.devicetree.dma.DmaRequest;
import dmakit.hardware.AxiStream;
import dmakit.hardware.ethernet.EthernetWire;
import dmakit.machine.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The streams between AXI DMAs and the cores that they feed, as a core's {@code dmas} or {@code
 * axistream-connected} names its DMA; one that no core names is led back to itself. Those between
 * two cores of one direction each, of which the second names the first. And the wires between MACs:
 * two that follow each other in the tree are joined.
 */
final class StreamWires {
    /** Bytes of the FIFO in each stream. */
    static final int FIFO_BYTES = 4096;

    /** What an AXI DMA sends and receives. */
    record Pair(AxiStream sent, AxiStream received) {}

    private final Map<String, Pair> byController = new TreeMap<>();
    private final Map<String, AxiStream> byFirst = new TreeMap<>();
    private @Nullable EthernetWire halfUsed;

    /** The streams of an AXI DMA, made for it. */
    Pair of(DeviceTree tree, Node controller, String name) {
        boolean feeds =
                tree.nodes().stream()
                        .filter(node -> node.isReachable() && XilinxCores.isStreamCore(node))
                        .anyMatch(node ->
                                controllerOf(tree, node).filter(controller::equals).isPresent());
        AxiStream sent = new AxiStream(name + " mm2s", FIFO_BYTES);
        Pair pair = new Pair(sent, feeds ? new AxiStream(name + " s2mm", FIFO_BYTES) : sent);
        byController.put(controller.path(), pair);
        return pair;
    }

    /** The streams of the AXI DMA that a core names; streams to nowhere where it names none. */
    Pair at(DeviceTree tree, Node core) {
        return controllerOf(tree, core)
                .map(controller -> byController.get(controller.path()))
                .orElseGet(() ->
                        new Pair(
                                new AxiStream(core.name() + " tx", FIFO_BYTES),
                                new AxiStream(core.name() + " rx", FIFO_BYTES)));
    }

    /** What a core sends: to the one that says it is {@code axistream-connected} with it. */
    AxiStream from(Node first) {
        return byFirst.computeIfAbsent(
                first.path(), _ -> new AxiStream(first.name() + " stream", FIFO_BYTES));
    }

    /** What a core receives of the one that it is {@code axistream-connected} with, or nothing. */
    AxiStream to(DeviceTree tree, Node second) {
        return connected(tree, second)
                .map(this::from)
                .orElseGet(() -> new AxiStream(second.name() + " stream", FIFO_BYTES));
    }

    /** The end of a wire for the next MAC. */
    EthernetWire.End ethernet(Clock clock, Consumer<EthernetWire> onNew) {
        EthernetWire begun = halfUsed;
        if (begun != null) {
            halfUsed = null;
            return begun.second();
        }
        EthernetWire wire = new EthernetWire(clock);
        onNew.accept(wire);
        halfUsed = wire;
        return wire.first();
    }

    private static Optional<Node> controllerOf(DeviceTree tree, Node core) {
        return connected(tree, core)
                .or(() ->
                        DmaRequest.of(tree, core).stream().map(DmaRequest::controller).findFirst());
    }

    private static Optional<Node> connected(DeviceTree tree, Node core) {
        Property connected = core.property("axistream-connected").orElse(null);
        return connected != null && connected.isCells() && connected.cellCount() == 1
                ? tree.byPhandle(connected.u32())
                : Optional.empty();
    }
}
