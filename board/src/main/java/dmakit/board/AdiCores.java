package dmakit.board;

import dmakit.datasheet.axidmac.InterfaceType;
import dmakit.devicetree.Node;
import dmakit.devicetree.dma.Coherence;
import dmakit.hardware.axidmac.AxiDmac;
import dmakit.hardware.axidmac.Build;
import dmakit.machine.Machine;

/** How Analog Devices' cores are wired up: what their nodes say of the way they were generated. */
final class AdiCores {
    private static final int ADDRESS_BITS = 64;

    // What the core has where its node does not say: the parameters' own values.
    private static final int WIDTH = 64;
    private static final int LENGTH_BITS = 24;
    private static final int BURST_BYTES = 128;

    private AdiCores() {}

    /**
     * Its channel is a node in {@code adi,channels}. Trees of our time may leave it out, since the
     * core tells; the model cannot, and is then from ADI's FIFO interface to memory, as the core is
     * by itself. {@code dmakit,scatter-gather} gives it descriptors in memory, {@code
     * dmakit,max-burst-bytes} other bursts.
     *
     * @throws BoardException when the node describes no such core
     */
    static void buildAxiDmac(ChipSite site) {
        Node node = site.node();
        Node channel =
                node.child("adi,channels")
                        .flatMap(all -> all.children().stream().findFirst())
                        .orElse(node);
        InterfaceType source = type(channel, "adi,source-bus-type", InterfaceType.FIFO);
        InterfaceType destination = type(channel, "adi,destination-bus-type", InterfaceType.AXI_MM);
        int sourceBytes = bytes(channel, "adi,source-bus-width");
        int destinationBytes = bytes(channel, "adi,destination-bus-width");
        int leastBurst = 2 * Math.max(sourceBytes, destinationBytes);
        Machine machine = site.machine();
        Build build =
                new Build(
                        source,
                        destination,
                        sourceBytes,
                        destinationBytes,
                        node.u32("dmakit,max-burst-bytes")
                                .orElse(Math.max(BURST_BYTES, leastBurst)),
                        Math.min(channel.u32("adi,length-width").orElse(LENGTH_BITS), Integer.SIZE),
                        ADDRESS_BITS,
                        true,
                        channel.has("adi,2d"),
                        node.has("dmakit,scatter-gather"),
                        Coherence.of(site.tree(), node) == Coherence.COHERENT);
        site.attach(
                new AxiDmac(
                        machine.clock(),
                        machine.trace(),
                        site.masterPort(),
                        build,
                        source.isMemory() ? null : site.streams().to(site.tree(), node),
                        destination.isMemory() ? null : site.streams().from(node),
                        site.irq()),
                AxiDmac.SIZE);
    }

    private static InterfaceType type(Node channel, String property, InterfaceType usual) {
        int code = channel.u32(property).orElse(usual.ordinal());
        if (code < 0 || code >= InterfaceType.values().length) {
            throw new BoardException(
                    "%s: %s is %d, wanted 0 to 2".formatted(channel.path(), property, code));
        }
        return InterfaceType.values()[code];
    }

    private static int bytes(Node channel, String property) {
        return channel.u32(property).orElse(WIDTH) / Byte.SIZE;
    }
}
