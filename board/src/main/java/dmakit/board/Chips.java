package dmakit.board;

import dmakit.board.Peripheral.Kind;
import dmakit.datasheet.xdmac.XdmacChannelRegister.Cc;
import dmakit.datasheet.xdmac.XdmacLayout;
import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.DeviceTreeException;
import dmakit.devicetree.Node;
import dmakit.devicetree.Property;
import dmakit.devicetree.dma.Coherence;
import dmakit.devicetree.interrupt.InterruptSpec;
import dmakit.hardware.apic.LocalApic;
import dmakit.hardware.axi.AxiCopy;
import dmakit.hardware.bcm2835.Bcm2835Dma;
import dmakit.hardware.fifo.LoopbackFifo;
import dmakit.hardware.i8237.IsaDma;
import dmakit.hardware.isa.IsaSound;
import dmakit.hardware.msgdma.Msgdma;
import dmakit.hardware.smmu.Smmu;
import dmakit.hardware.vtd.Vtd;
import dmakit.hardware.xdmac.Xdmac;
import dmakit.machine.Machine;
import dmakit.machine.bus.MasterPort;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.memory.DeviceView;
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
    private record Model(String compatible, Optional<Kind> kind, Consumer<ChipSite> build) {
        Model(String compatible, Consumer<ChipSite> build) {
            this(compatible, Optional.empty(), build);
        }

        Model(String compatible, Kind kind, Consumer<ChipSite> build) {
            this(compatible, Optional.of(kind), build);
        }
    }

    /** A host bridge for PCI whose configuration space is a block of memory. */
    static final String PCI_HOST = "pci-host-ecam-generic";

    private static final List<Model> MODELS =
            List.of(
                    // IOMMUs first: masters sit behind them.
                    new Model("arm,mmu-500", Chips::buildSmmu),
                    new Model("arm,smmu-v2", Chips::buildSmmu),
                    new Model("intel,vtd", Chips::buildVtd),
                    // Then controllers: peripherals drive their request lines.
                    new Model("brcm,bcm2835-dma", Chips::buildBcm2835Dma),
                    new Model("arm,pl330", Pl330Chips::build),
                    new Model("altr,socfpga-msgdma", Chips::buildMsgdma),
                    new Model("dmakit,axi-copy", Chips::buildAxiCopy),
                    new Model("adi,axi-dmac-1.00.a", AdiCores::buildAxiDmac),
                    new Model(
                            "microchip,sama7g5-dma", site -> buildXdmac(site, XdmacLayout.SAMA7G5)),
                    new Model("atmel,sama5d4-dma", site -> buildXdmac(site, XdmacLayout.SAMA5D4)),
                    new Model("xlnx,axi-dma-1.00.a", XilinxCores::buildAxiDma),
                    new Model("xlnx,axi-cdma-1.00.a", XilinxCores::buildAxiCdma),
                    new Model("pnpPNP,200", Kind.ISA_DMA, Chips::buildIsaDma),
                    new Model("intel,ce4100-lapic", Chips::buildLocalApic),
                    new Model(PCI_HOST, site -> site.bridges().add(PciSlots.build(site))),
                    new Model("xlnx,axi-ethernet-1.00.a", Kind.MAC, XilinxCores::buildEthernet),
                    new Model("dmakit,isa-sound", Kind.SOUND_CARD, Chips::buildIsaSound),
                    new Model("brcm,bcm2835-i2s", Kind.AUDIO, Peripherals::buildPcm),
                    new Model("brcm,bcm2835-spi", Kind.SPI, Peripherals::buildSpi),
                    new Model("arm,pl011", Kind.UART, Peripherals::buildUart),
                    new Model("dmakit,codec", Peripherals::buildCodec),
                    new Model("dmakit,loopback-fifo", Kind.FIFO, Chips::buildLoopbackFifo));

    /** Channels of an XDMAC whose node says nothing: SAMA5D2 has 16, and so have most after it. */
    private static final int XDMAC_CHANNELS = 16;

    private Chips() {}

    /** Whether there is a model of a node's chip. */
    static boolean isModelled(Node node) {
        return modelOf(node).isPresent();
    }

    /** What a node's chip is there for, where it is a peripheral of which there is a model. */
    static Optional<Kind> peripheral(Node node) {
        return modelOf(node).flatMap(Model::kind);
    }

    /**
     * Puts every modelled chip of a tree on the machine's bus.
     *
     * @return its host bridges
     * @throws BoardException when a chip cannot be wired as its node says
     */
    static List<PciSlots> install(Machine machine, DeviceTree tree, InterruptLines lines) {
        RequestWires wires = new RequestWires();
        IommuWires iommus = new IommuWires();
        StreamWires streams = new StreamWires();
        List<PciSlots> bridges = new ArrayList<>();
        PcmWires pcm = new PcmWires();
        IsaChannels isa = new IsaChannels();
        for (Model model : MODELS) {
            for (Node node : tree.nodes()) {
                if (node.isReachable() && modelOf(node).filter(model::equals).isPresent()) {
                    build(
                            model,
                            new ChipSite(
                                    machine, tree, node, lines, wires, iommus, streams, bridges,
                                    pcm, isa));
                }
            }
        }
        return bridges;
    }

    private static void build(Model model, ChipSite site) {
        try {
            model.build().accept(site);
        } catch (DeviceTreeException | IllegalArgumentException e) {
            throw new BoardException(site.node().path() + ": " + e.getMessage(), e);
        }
    }

    private static Optional<Model> modelOf(Node node) {
        return node.compatible().stream()
                .flatMap(name -> MODELS.stream().filter(model -> model.compatible().equals(name)))
                .findFirst();
    }

    /**
     * As many context banks as there are interrupts for them and pages of registers; accesses carry
     * the first cell of their master's {@code iommus}.
     */
    private static void buildSmmu(ChipSite site) {
        List<IrqLine> lines = site.irqs();
        int globalCount = site.node().u32("#global-interrupts").orElse(1);
        if (globalCount < 1 || globalCount >= lines.size()) {
            throw new BoardException(
                    "%s has %d interrupts, of which %d are global: wanted one at least, and one more"
                            .formatted(site.node().path(), lines.size(), globalCount));
        }
        List<IrqLine> contextLines = lines.subList(globalCount, lines.size());
        Machine machine = site.machine();
        boolean coherentWalk = Coherence.of(site.tree(), site.node()) == Coherence.COHERENT;
        Smmu.Build build =
                Smmu.Build.fitting(site.registers().size(), contextLines.size(), coherentWalk);
        Smmu chip =
                new Smmu(
                        machine.clock(),
                        machine.trace(),
                        site.name(),
                        new DeviceView(machine.ram(), machine.caches(), coherentWalk, site.name()),
                        machine.ram(),
                        build,
                        lines.getFirst(),
                        contextLines);
        site.attach(chip, build.size());
        site.iommus()
                .register(
                        site.node(),
                        (id, untranslated) ->
                                id.length == 0
                                        ? untranslated
                                        : chip.stream(id[0] & Smmu.STREAM_ID_MAX, untranslated));
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
        Bcm2835Dma chip =
                new Bcm2835Dma(machine.clock(), machine.trace(), site.masterPort(), perChannel);
        site.attach(chip, Bcm2835Dma.SIZE);
        site.wires().end(site.node(), chip::request);
    }

    /** As many channels as {@code dma-channels} says, or 16; the cell of a request has PERID. */
    private static void buildXdmac(ChipSite site, XdmacLayout layout) {
        Machine machine = site.machine();
        Xdmac chip =
                new Xdmac(
                        machine.clock(),
                        machine.trace(),
                        site.masterPort(),
                        site.irq(),
                        layout,
                        site.node().u32("dma-channels").orElse(XDMAC_CHANNELS));
        site.attach(chip, Xdmac.SIZE);
        site.wires().end(site.node(), cell -> chip.request(Cc.PERID.get(cell)));
    }

    /** As many channels as {@code dma-channels} says, on a bus of {@code dmakit,bus-bytes}. */
    private static void buildAxiCopy(ChipSite site) {
        Machine machine = site.machine();
        int busBytes = site.node().u32("dmakit,bus-bytes").orElse(1 << AxiCopy.LG2_BUS_BYTES_MAX);
        if (Integer.bitCount(busBytes) != 1) {
            throw new BoardException(
                    "%s: dmakit,bus-bytes is %d, wanted a power of two"
                            .formatted(site.node().path(), busBytes));
        }
        site.attach(
                new AxiCopy(
                        machine.clock(),
                        machine.trace(),
                        site.masterPort(),
                        site.irq(),
                        site.node().u32("dma-channels").orElse(AxiCopy.CHANNEL_COUNT_MAX),
                        Integer.numberOfTrailingZeros(busBytes)),
                AxiCopy.SIZE);
    }

    /** Its three blocks of registers lie where {@code reg-names} says. */
    private static void buildMsgdma(ChipSite site) {
        Machine machine = site.machine();
        List<IrqLine> lines = site.irqs();
        if (lines.size() != 1) {
            throw new BoardException(
                    "%s has %d interrupts, wanted one".formatted(site.node().path(), lines.size()));
        }
        Msgdma core =
                new Msgdma(machine.clock(), machine.trace(), site.masterPort(), lines.getFirst());
        site.attach("csr", core.csr());
        site.attach("desc", core.descriptors());
        site.attach("resp", core.responses());
    }

    private static void buildLocalApic(ChipSite site) {
        site.attach(
                new LocalApic(vector ->
                        site.machine()
                                .interrupts()
                                .line(
                                        site.lines()
                                                .lineOf(
                                                        new InterruptSpec(
                                                                Optional.empty(),
                                                                site.node(),
                                                                List.of(vector))))),
                LocalApic.SIZE);
    }

    private static void buildVtd(ChipSite site) {
        Machine machine = site.machine();
        Vtd unit =
                new Vtd(
                        machine.clock(),
                        machine.trace(),
                        site.name(),
                        machine.ram(),
                        new DeviceView(
                                machine.ram(),
                                machine.caches(),
                                Coherence.of(site.tree(), site.node()) == Coherence.COHERENT),
                        site.masterPort());
        site.attach(unit, Vtd.SIZE);
        site.iommus().register(site.node(), (id, untranslated) -> unit.stream(id[0], untranslated));
    }

    /** At a PC's fixed ports, as firmware leaves it. Each channel has a port of its own. */
    private static void buildIsaDma(ChipSite site) {
        Machine machine = site.machine();
        List<MasterPort> masters = new ArrayList<>();
        for (int channel = 0; channel < IsaDma.CHANNEL_COUNT; channel++) {
            masters.add(site.masterPort(site.name() + " " + channel));
        }
        IsaDma pair =
                new IsaDma(
                        machine.clock(), machine.trace(), site.name(), masters, site.isa().all());
        pair.attach(machine.bus().ports());
        pair.setUpAsFirmware();
    }

    /** Plays on the first of its {@code dmakit,dma-channels} and records on the second. */
    private static void buildIsaSound(ChipSite site) {
        Property channels = site.node().property("dmakit,dma-channels").orElse(null);
        List<IrqLine> lines = site.irqs();
        if (channels == null || channels.cellCount() != 2 || lines.isEmpty()) {
            throw new BoardException(
                    site.node().path() + " wants an interrupt and two dmakit,dma-channels");
        }
        int play = channels.cell(0);
        int record = channels.cell(1);
        Machine machine = site.machine();
        IsaSound card =
                new IsaSound(
                        machine.clock(),
                        machine.trace(),
                        site.name(),
                        site.isa().of(play),
                        IsaChannels.bytesOf(play),
                        site.isa().of(record),
                        IsaChannels.bytesOf(record),
                        lines.getFirst());
        machine.bus().ports().attach(site.name(), site.port(0), IsaSound.PORT_COUNT, 1, card);
    }

    private static void buildLoopbackFifo(ChipSite site) {
        Machine machine = site.machine();
        site.attach(
                new LoopbackFifo(
                        machine.clock(),
                        machine.trace(),
                        site.name(),
                        site.requestLine("tx"),
                        site.requestLine("rx")),
                LoopbackFifo.SIZE);
    }
}
