package dmakit.board;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.DeviceTreeException;
import dmakit.devicetree.Node;
import dmakit.devicetree.interrupt.InterruptSpec;
import dmakit.hardware.bcm2835.Bcm2835Dma;
import dmakit.machine.Machine;
import dmakit.machine.irq.IrqLine;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The chips dmakit has models of, by {@code compatible}, and how each is wired up.
 *
 * <p>To add one: a line in {@link #MODELS} and a method that builds it.
 */
final class Chips {
    private record Model(String compatible, Consumer<ChipSite> build) {}

    private static final List<Model> MODELS =
            List.of(new Model("brcm,bcm2835-dma", Chips::buildBcm2835Dma));

    private Chips() {}

    /** Whether there is a model of a node's chip. */
    static boolean isModelled(Node node) {
        return modelOf(node).isPresent();
    }

    /**
     * Puts every modelled chip of a tree on the machine's bus.
     *
     * @return the paths of their nodes, in source order
     * @throws BoardException when a chip cannot be wired as its node says
     */
    static List<String> install(Machine machine, DeviceTree tree, InterruptLines lines) {
        List<String> installed = new ArrayList<>();
        for (Node node : tree.nodes()) {
            Model model = node.isReachable() ? modelOf(node).orElse(null) : null;
            if (model != null) {
                try {
                    model.build().accept(new ChipSite(machine, tree, node, lines));
                } catch (DeviceTreeException | IllegalArgumentException e) {
                    throw new BoardException(node.path() + ": " + e.getMessage(), e);
                }
                installed.add(node.path());
            }
        }
        return installed;
    }

    private static Optional<Model> modelOf(Node node) {
        return node.compatible().stream()
                .flatMap(name -> MODELS.stream().filter(model -> model.compatible().equals(name)))
                .findFirst();
    }

    /** One line per channel, named {@code dmaN}; unnamed ones are channels 0, 1, 2 and so on. */
    private static void buildBcm2835Dma(ChipSite site) {
        List<InterruptSpec> specs = InterruptSpec.of(site.tree(), site.node());
        List<IrqLine> lines = site.irqs();
        List<IrqLine> perChannel = new ArrayList<>();
        for (int i = 0; i < specs.size(); i++) {
            String wanted = "dma" + perChannel.size();
            if (specs.get(i).name().orElse(wanted).equals(wanted)
                    && perChannel.size() < Bcm2835Dma.CHANNEL_COUNT_MAX) {
                perChannel.add(lines.get(i));
            }
        }
        Machine machine = site.machine();
        site.attach(
                new Bcm2835Dma(machine.clock(), machine.trace(), site.masterPort(), perChannel),
                Bcm2835Dma.SIZE);
    }
}
