package dmakit.board;

import dmakit.devicetree.Node;
import dmakit.hardware.ethernet.AxiEthernet;
import dmakit.hardware.ethernet.EthernetWire;
import dmakit.hardware.xilinx.AxiCdma;
import dmakit.hardware.xilinx.AxiDma;
import dmakit.machine.Machine;
import dmakit.machine.random.Rng;
import java.util.Optional;

/** How Xilinx's cores are wired up: what their nodes say of the way they were generated. */
final class XilinxCores {
    /** What the core has where its node does not say. */
    private static final int MEMORY_BYTES = 4096;

    private XilinxCores() {}

    /** Its channels are child nodes; one that has none keeps its registers. */
    static void buildAxiDma(ChipSite site) {
        Node node = site.node();
        Optional<Node> mm2s = childOf(node, "xlnx,axi-dma-mm2s-channel");
        Optional<Node> s2mm = childOf(node, "xlnx,axi-dma-s2mm-channel");
        AxiDma.Build build =
                new AxiDma.Build(
                        includesSg(node),
                        node.u32("xlnx,addrwidth").orElse(32),
                        node.u32("xlnx,sg-length-width").orElse(23),
                        beatBytes(mm2s),
                        beatBytes(s2mm),
                        mm2s.filter(XilinxCores::realigns).isPresent(),
                        s2mm.filter(XilinxCores::realigns).isPresent());
        Machine machine = site.machine();
        StreamWires.Pair streams = site.streams().of(site.tree(), node, site.name());
        site.attach(
                new AxiDma(
                        machine.clock(),
                        machine.trace(),
                        site.masterPort(),
                        build,
                        streams.sent(),
                        streams.received(),
                        site.irqOf(mm2s),
                        site.irqOf(s2mm)),
                AxiDma.SIZE);
    }

    static void buildAxiCdma(ChipSite site) {
        Node node = site.node();
        Optional<Node> channel = childOf(node, "xlnx,axi-cdma-channel");
        Machine machine = site.machine();
        site.attach(
                new AxiCdma(
                        machine.clock(),
                        machine.trace(),
                        site.masterPort(),
                        new AxiCdma.Build(
                                includesSg(node),
                                node.u32("xlnx,addrwidth").orElse(32),
                                beatBytes(channel),
                                channel.filter(XilinxCores::realigns).isPresent()),
                        site.irqOf(channel)),
                AxiCdma.SIZE);
    }

    /** Trees of our time do not tell, since the core does; a 0 means that it has none. */
    private static boolean includesSg(Node node) {
        return node.property("xlnx,include-sg")
                .filter(property -> property.cellCount() == 1 && property.u32() == 0)
                .isEmpty();
    }

    private static Optional<Node> childOf(Node node, String compatible) {
        return node.children().stream()
                .filter(child -> child.isAvailable() && child.isCompatibleWith(compatible))
                .findFirst();
    }

    private static int beatBytes(Optional<Node> channel) {
        return channel.flatMap(node -> node.u32("xlnx,datawidth").stream().boxed().findFirst())
                        .orElse(Integer.SIZE)
                / Byte.SIZE;
    }

    /** Cores of more than 64 bits have no realignment engine. */
    private static boolean realigns(Node channel) {
        return channel.has("xlnx,include-dre") && beatBytes(Optional.of(channel)) <= Long.BYTES;
    }

    /** Whether a node is a core that streams of an AXI DMA lead to. */
    static boolean isStreamCore(Node node) {
        return node.isCompatibleWith("xlnx,axi-ethernet-1.00.a");
    }

    /**
     * Two MACs that follow each other in the tree are the ends of one wire. A first one with {@code
     * dmakit,frames-per-error} has a wire that flips a bit of one frame in so many.
     */
    static void buildEthernet(ChipSite site) {
        Machine machine = site.machine();
        Node node = site.node();
        StreamWires.Pair streams = site.streams().at(site.tree(), node);
        int framesPerError = node.u32("dmakit,frames-per-error").orElse(0);
        site.attach(
                new AxiEthernet(
                        machine.clock(),
                        machine.trace(),
                        site.name(),
                        streams.sent(),
                        streams.received(),
                        site.streams()
                                .ethernet(
                                        machine.clock(),
                                        wire -> disturb(wire, framesPerError, machine)),
                        site.irqs().isEmpty()
                                ? machine.interrupts().line(0)
                                : site.irqs().getFirst(),
                        memoryBytes(node, "xlnx,txmem"),
                        memoryBytes(node, "xlnx,rxmem")),
                AxiEthernet.SIZE);
    }

    private static int memoryBytes(Node node, String property) {
        return node.u32(property).orElse(MEMORY_BYTES);
    }

    private static void disturb(EthernetWire wire, int framesPerError, Machine machine) {
        if (framesPerError > 0) {
            Rng rng = machine.rng("ethernet wire");
            wire.noise((frame, bytes) -> {
                if (rng.oneIn(framesPerError)) {
                    int bit = rng.nextInt(bytes * Byte.SIZE);
                    frame[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
                }
            });
        }
    }
}
