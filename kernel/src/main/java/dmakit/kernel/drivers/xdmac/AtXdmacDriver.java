package dmakit.kernel.drivers.xdmac;

import dmakit.datasheet.xdmac.XdmacAxiRegister.AxiGcfg;
import dmakit.datasheet.xdmac.XdmacChannelRegister;
import dmakit.datasheet.xdmac.XdmacDescriptor;
import dmakit.datasheet.xdmac.XdmacLayout;
import dmakit.datasheet.xdmac.XdmacRegister;
import dmakit.datasheet.xdmac.XdmacRegister.Gtype;
import dmakit.datasheet.xdmac.XdmacRegister.Gwac;
import dmakit.devicetree.Node;
import dmakit.devicetree.PhandleArgs;
import dmakit.devicetree.Property;
import dmakit.devicetree.address.AddressRange;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.clk.Clk;
import dmakit.kernel.clk.Clocks;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.OfMatch;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.device.PlatformDriver;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.DmaEngine;
import dmakit.kernel.irq.Irqs;
import dmakit.kernel.log.Log;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.mapping.DmaPool;
import dmakit.kernel.mm.IoMemory;
import dmakit.machine.cpu.Cpu;
import java.util.List;
import java.util.Optional;

/** Binds XDMACs and makes their channels known to dmaengine. */
public final class AtXdmacDriver implements PlatformDriver {
    private static final String FILE = "drivers/dma/at_xdmac.c";
    private static final int DESCRIPTOR_ALIGNMENT = 8;

    private final Cpu cpu;
    private final Log log;
    private final Irqs irqs;
    private final IoMemory io;
    private final DmaMapping mapping;
    private final DmaEngine engine;
    private final Clocks clocks;

    /** Creates the driver, to be registered with the platform bus. */
    public AtXdmacDriver(
            Cpu cpu,
            Log log,
            Irqs irqs,
            IoMemory io,
            DmaMapping mapping,
            DmaEngine engine,
            Clocks clocks) {
        this.cpu = cpu;
        this.log = log;
        this.irqs = irqs;
        this.io = io;
        this.mapping = mapping;
        this.engine = engine;
        this.clocks = clocks;
    }

    @Override
    public String name() {
        return "at_xdmac";
    }

    @Override
    public List<OfMatch> ofMatch() {
        return List.of(
                new OfMatch("atmel,sama5d4-dma", XdmacLayout.SAMA5D4),
                new OfMatch("microchip,sama7g5-dma", XdmacLayout.SAMA7G5));
    }

    @Override
    @Linux(file = FILE, symbol = "at_xdmac_probe")
    public void probe(PlatformDevice platform) {
        Device dev = platform.device();
        Node node = dev.ofNode();
        if (node == null || !(platform.matchData() instanceof XdmacLayout layout)) {
            throw new KernelException(Errno.ENODEV, "%s has no node that says what it is", dev);
        }
        int irq = platform.irq(0);
        Registers registers = new Registers(cpu, remapped(platform), layout);
        int count = channelCount(dev, node, registers.read(XdmacRegister.GTYPE));
        startClock(dev, node);
        DmaPool pool =
                mapping.dmamPoolCreate(
                        dev.name(), dev, XdmacDescriptor.SIZE, DESCRIPTOR_ALIGNMENT, 0);
        AtXdmac controller = new AtXdmac(cpu, log, irqs, mapping, engine, dev, registers, pool);
        controller.off();
        for (int number = 0; number < count; number++) {
            new AtXdmacChannel(controller, engine, number).clearPending();
        }
        irqs.request(irq, (line, devId) -> controller.handleInterrupt(), "at_xdmac", controller);
        dev.devres().add("irq", () -> irqs.free(irq, controller));
        // Before the pool goes: clients that were not gone in time leave their descriptors behind.
        dev.devres()
                .add(
                        "channels",
                        () ->
                                controller
                                        .device()
                                        .channels()
                                        .forEach(channel -> AtXdmac.of(channel).abandon()));
        engine.devmRegister(controller.device());
        engine.ofDma().register(node, request -> translate(controller, request));
        dev.devres().add("of_dma_controller", () -> engine.ofDma().free(node));
        dev.devres().add("off", controller::leave);
        log.devInfo(dev, "%d channels, mapped at 0x%x", count, platform.memory(0).start());
        configureAxi(dev, node, registers);
    }

    @Linux(file = "drivers/base/platform.c", symbol = "devm_platform_ioremap_resource")
    private long remapped(PlatformDevice platform) {
        AddressRange range = platform.memory(0);
        if (range.size() < XdmacRegister.SIZE) {
            throw new KernelException(
                    Errno.EINVAL,
                    "%s has 0x%x bytes of registers, wanted 0x%x",
                    platform.name(),
                    range.size(),
                    XdmacRegister.SIZE);
        }
        long va = io.ioremap(range.start(), range.size());
        platform.device().devres().add("ioremap", () -> io.iounmap(va));
        return va;
    }

    @Linux(file = FILE, symbol = "at_xdmac_get_channel_number")
    private int channelCount(Device dev, Node node, int type) {
        int count = Gtype.NB_CH.get(type) + 1;
        if (type == 0) {
            count = node.u32("dma-channels").orElse(0);
            if (count == 0) {
                log.devErr(dev, "can't get number of channels");
                throw new KernelException(Errno.EINVAL, "%s has no dma-channels", node.path());
            }
        }
        if (count < 0 || count > XdmacChannelRegister.CHANNEL_COUNT_MAX) {
            log.devErr(dev, "invalid number of channels (%d)", count);
            throw new KernelException(Errno.EINVAL, "%s: %d channels", node.path(), count);
        }
        return count;
    }

    private void startClock(Device dev, Node node) {
        int index =
                node.property("clock-names")
                        .filter(Property::isStrings)
                        .map(names -> names.strings().indexOf("dma_clk"))
                        .orElse(-1);
        Clk clock;
        try {
            clock = clocks.get(node, index);
        } catch (KernelException refusal) {
            log.devErr(dev, "can't get dma_clk");
            throw refusal;
        }
        clock.prepare();
        clock.enable();
        dev.devres()
                .add(
                        "clk",
                        () -> {
                            clock.disable();
                            clock.unprepare();
                        });
    }

    @Linux(file = FILE, symbol = "at_xdmac_xlate")
    private Optional<Channel> translate(AtXdmac controller, PhandleArgs request) {
        if (request.args().size() != 1) {
            log.devErr(controller.dev(), "dma phandler args: bad number of args");
            return Optional.empty();
        }
        Optional<Channel> channel = engine.getAnySlaveChannel(controller.device());
        channel.ifPresent(found -> AtXdmac.of(found).wire(request.arg(0)));
        return channel;
    }

    /** How many accesses of each priority may wait, as the chip's makers found best. */
    @Linux(file = FILE, symbol = "at_xdmac_axi_config")
    private void configureAxi(Device dev, Node node, Registers registers) {
        if (!registers.layout().isAxi()) {
            return;
        }
        if (node.u32("dma-requests").isPresent()) {
            log.devInfo(dev, "controller in mem2mem mode.");
            registers.write(XdmacRegister.GCFG, AxiGcfg.RDLP.of(0xf) | AxiGcfg.WRLP.of(0xf));
            registers.write(XdmacRegister.GWAC, 0);
        } else {
            registers.write(
                    XdmacRegister.GCFG,
                    AxiGcfg.RDSG.of(1) | AxiGcfg.RDHP.of(3) | AxiGcfg.WRHP.of(5));
            registers.write(XdmacRegister.GWAC, Gwac.PW0.of(0xf) | Gwac.PW2.of(0xf));
        }
    }
}
