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
import dmakit.kernel.dmaengine.ProviderKit;
import dmakit.kernel.mapping.DmaPool;
import java.util.List;
import java.util.Optional;

/** Binds XDMACs and makes their channels known to dmaengine. */
public final class AtXdmacDriver implements PlatformDriver {
    private static final String FILE = "drivers/dma/at_xdmac.c";
    private static final int DESCRIPTOR_ALIGNMENT = 8;

    private final ProviderKit kit;
    private final Clocks clocks;

    /** Creates the driver, to be registered with the platform bus. */
    public AtXdmacDriver(ProviderKit kit, Clocks clocks) {
        this.kit = kit;
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
        long va = platform.ioremap(kit.io(), 0, XdmacRegister.SIZE);
        Registers registers = new Registers(kit.cpu(), va, layout);
        int count = channelCount(dev, node, registers.read(XdmacRegister.GTYPE));
        startClock(dev, node);
        DmaPool pool =
                kit.mapping()
                        .dmamPoolCreate(
                                dev.name(), dev, XdmacDescriptor.SIZE, DESCRIPTOR_ALIGNMENT, 0);
        AtXdmac controller = new AtXdmac(kit, dev, registers, pool);
        controller.off();
        for (int number = 0; number < count; number++) {
            new AtXdmacChannel(controller, kit.engine(), number).clearPending();
        }
        dev.requestIrq(
                kit.irqs(), irq, (_, _) -> controller.handleInterrupt(), 0, "at_xdmac", controller);
        // Before the pool goes: clients that were not gone in time leave their descriptors behind.
        dev.devres()
                .add(
                        "channels",
                        () ->
                                controller
                                        .device()
                                        .channels()
                                        .forEach(channel -> AtXdmac.of(channel).abandon()));
        kit.engine().devmRegister(controller.device());
        kit.engine().ofDma().devmRegister(dev, request -> translate(controller, request));
        dev.devres().add("off", controller::leave);
        kit.log().devInfo(dev, "%d channels, mapped at 0x%x", count, platform.memory(0).start());
        configureAxi(dev, node, registers);
    }

    @Linux(file = FILE, symbol = "at_xdmac_get_channel_number")
    private int channelCount(Device dev, Node node, int type) {
        int count = Gtype.NB_CH.get(type) + 1;
        if (type == 0) {
            count = node.u32("dma-channels").orElse(0);
            if (count == 0) {
                kit.log().devErr(dev, "can't get number of channels");
                throw new KernelException(Errno.EINVAL, "%s has no dma-channels", node.path());
            }
        }
        if (count < 0 || count > XdmacChannelRegister.CHANNEL_COUNT_MAX) {
            kit.log().devErr(dev, "invalid number of channels (%d)", count);
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
            kit.log().devErr(dev, "can't get dma_clk");
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
            kit.log().devErr(controller.dev(), "dma phandler args: bad number of args");
            return Optional.empty();
        }
        Optional<Channel> channel = kit.engine().getAnySlaveChannel(controller.device());
        channel.ifPresent(found -> AtXdmac.of(found).operations().wire(request.arg(0)));
        return channel;
    }

    /** How many accesses of each priority may wait, as the chip's makers found best. */
    @Linux(file = FILE, symbol = "at_xdmac_axi_config")
    private void configureAxi(Device dev, Node node, Registers registers) {
        if (!registers.layout().isAxi()) {
            return;
        }
        if (node.u32("dma-requests").isPresent()) {
            kit.log().devInfo(dev, "controller in mem2mem mode.");
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
