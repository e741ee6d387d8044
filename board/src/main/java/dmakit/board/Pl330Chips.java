package dmakit.board;

import dmakit.devicetree.Node;
import dmakit.devicetree.interrupt.InterruptSpec;
import dmakit.hardware.RequestLine;
import dmakit.hardware.pl330.Pl330;
import dmakit.hardware.pl330.Pl330Build;
import dmakit.machine.Machine;
import dmakit.machine.irq.IrqLine;
import java.util.ArrayList;
import java.util.List;

/**
 * How a PL330 is built and wired. What the tree does not say is what kernels print on such boards:
 * sizes are in the chip's registers and nowhere else.
 */
final class Pl330Chips {
    private static final String ABORT = "abort";

    /** What makers have built, by the name of the machine and, of several, the address. */
    private record Known(String machine, long address, Pl330Build build) {}

    private static final long ANY = 0;

    private static final List<Known> KNOWN =
            List.of(
                    new Known("altr,socfpga-stratix10", ANY, Pl330Build.STRATIX10),
                    new Known("altr,socfpga", ANY, Pl330Build.secure(8, 32, 8, 8, 512)),
                    new Known(
                            "xlnx,zynq-7000",
                            ANY,
                            Pl330Build.secure(8, 4, 16, 8, 128).withRevision(2)),
                    new Known("arm,juno", ANY, Pl330Build.secure(8, 8, 8, 16, 1024)),
                    new Known(
                            "rockchip,rk3399",
                            0xff6d_0000L,
                            Pl330Build.secure(6, 12, 12, 8, 32).withRevision(2)),
                    new Known(
                            "rockchip,rk3399",
                            0xff6e_0000L,
                            Pl330Build.secure(8, 20, 16, 8, 128).withRevision(2)));

    private static final int CHANNELS = 8;
    private static final int REQUESTS = 32;
    private static final int EVENTS = 16;
    private static final int DATA_BYTES = 8;
    private static final int BUFFER_ENTRIES = 128;

    private Pl330Chips() {}

    /**
     * Puts one on the bus. Of its interrupts the one named {@code abort}, or else the last of
     * several, is that; the others are of the events in order.
     */
    static void build(ChipSite site) {
        List<InterruptSpec> specs = InterruptSpec.of(site.tree(), site.node());
        List<IrqLine> lines = new ArrayList<>(site.irqs());
        if (lines.isEmpty()) {
            throw new BoardException(site.node().path() + " has no interrupts, wanted one");
        }
        int abortAt = lines.size() - 1;
        for (int i = 0; i < specs.size(); i++) {
            if (specs.get(i).name().filter(ABORT::equals).isPresent()) {
                abortAt = i;
            }
        }
        IrqLine abort = lines.get(abortAt);
        if (lines.size() > 1) {
            lines.remove(abortAt);
        }
        Machine machine = site.machine();
        Pl330 chip =
                new Pl330(
                        machine.clock(),
                        machine.trace(),
                        site.masterPort(),
                        buildOf(site),
                        lines,
                        abort);
        site.attach(chip, Pl330.SIZE);
        site.wires().end(site.node(), number -> requestOf(chip, number));
    }

    /** A tree may name a line that the controller does not have: it ends nowhere. */
    private static RequestLine requestOf(Pl330 chip, int number) {
        return number >= 0 && number < chip.build().peripherals()
                ? chip.request(number)
                : new RequestLine("no request " + number);
    }

    private static Pl330Build buildOf(ChipSite site) {
        Node root = site.tree().root();
        long address = site.registers().start();
        return KNOWN.stream()
                .filter(known -> root.isCompatibleWith(known.machine()))
                .filter(known -> known.address() == ANY || known.address() == address)
                .map(Known::build)
                .findFirst()
                .orElseGet(() -> buildOf(site.node()));
    }

    private static Pl330Build buildOf(Node node) {
        return Pl330Build.secure(
                count(node, "dma-channels", CHANNELS),
                count(node, "dma-requests", REQUESTS),
                EVENTS,
                DATA_BYTES,
                BUFFER_ENTRIES);
    }

    /** A number that older trees write with a hash. */
    private static int count(Node node, String name, int otherwise) {
        return node.u32(name).orElse(node.u32("#" + name).orElse(otherwise));
    }
}
