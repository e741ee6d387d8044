package dmakit.kernel.drivers.axidmac;

import dmakit.datasheet.axidmac.AxiDmacRegister;
import dmakit.datasheet.axidmac.AxiDmacRegister.Coherency;
import dmakit.datasheet.axidmac.AxiDmacRegister.IrqMask;
import dmakit.devicetree.Node;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.clk.Clk;
import dmakit.kernel.clk.Clocks;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.OfMatch;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.device.PlatformDriver;
import dmakit.kernel.dmaengine.BusWidth;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.DmaDevice;
import dmakit.kernel.dmaengine.OfDma;
import dmakit.kernel.dmaengine.ProviderKit;
import dmakit.kernel.dmaengine.ProviderOps;
import dmakit.kernel.dmaengine.ResidueGranularity;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.irq.IrqFlags;
import java.util.EnumSet;
import java.util.List;

/** Binds AXI-DMAC cores and makes each one's channel known to dmaengine. */
public final class AxiDmacDriver implements PlatformDriver {
    private static final String FILE = "drivers/dma/dma-axi-dmac.c";
    private static final long SEGMENT_BYTES_MAX = 0xffff_ffffL;

    /** Entries that the core works on without an interrupt in between, as Linux says. */
    private static final int SG_BURST_COUNT_MAX = 31;

    private final ProviderKit kit;
    private final Clocks clocks;

    /** Creates the driver, to be registered with the platform bus. */
    public AxiDmacDriver(ProviderKit kit, Clocks clocks) {
        this.kit = kit;
        this.clocks = clocks;
    }

    @Override
    public String name() {
        return "dma-axi-dmac";
    }

    @Override
    public List<OfMatch> ofMatch() {
        return List.of(new OfMatch("adi,axi-dmac-1.00.a"));
    }

    @Override
    @Linux(file = FILE, symbol = "axi_dmac_probe")
    public void probe(PlatformDevice platform) {
        Device dev = platform.device();
        Node node = platform.node();
        int irq = platform.irq(0);
        Registers registers =
                new Registers(kit.cpu(), platform.ioremap(kit.io(), 0, AxiDmacRegister.SIZE));
        startClock(dev, node);
        Core core = Core.of(kit.log(), dev, registers);
        kit.mapping().setMaxSegSize(dev, SEGMENT_BYTES_MAX);
        kit.mapping().setMaskAndCoherent(dev, core.addressMask());
        checkCoherence(dev, registers);
        registers.writel(
                AxiDmacRegister.IRQ_MASK, IrqMask.TRANSFER_QUEUED.with(0, core.scatterGather()));

        DmaDevice device = describe(dev, core);
        AxiDmacChannel channel =
                new AxiDmacChannel(device, kit.cpu(), kit.log(), kit.mapping(), registers, core);
        dev.requestIrq(
                kit.irqs(),
                irq,
                (_, _) -> channel.handleInterrupt(),
                IrqFlags.SHARED,
                dev.name(),
                channel);
        dev.devres().add("channel", channel::abandon);
        kit.engine().devmRegister(device);
        kit.engine().ofDma().devmRegister(dev, OfDma.byChannelId(kit.engine(), device));
    }

    private DmaDevice describe(Device dev, Core core) {
        ProviderOps ops =
                new ProviderOps(
                                (chan, cookie, state) -> of(chan).status(cookie, state),
                                chan -> of(chan).issue())
                        .slaveSg((chan, sgl, count, direction, flags) ->
                                of(chan).slaveSg(sgl, count, direction, flags))
                        .peripheralVec((chan, dmas, sizes, direction, flags) ->
                                of(chan).peripheralVec(dmas, sizes, direction, flags))
                        .cyclic((chan, dma, size, period, direction, flags) ->
                                of(chan).cyclic(dma, size, period, direction, flags))
                        .interleaved(
                                (chan, template, flags) -> of(chan).interleaved(template, flags))
                        .allocChannel(chan -> of(chan).allocate())
                        .freeChannel(chan -> of(chan).freeResources())
                        .terminateAll(chan -> of(chan).terminate())
                        .synchronize(chan -> of(chan).finishCallbacks());
        return new DmaDevice(kit.engine(), dev, ops)
                .capabilities(
                        Capabilities.of(
                                TransactionType.SLAVE,
                                TransactionType.CYCLIC,
                                TransactionType.INTERLEAVE))
                .directions(EnumSet.of(core.direction()))
                .widths(
                        EnumSet.of(BusWidth.ofBytes(core.sourceBytes())),
                        EnumSet.of(BusWidth.ofBytes(core.destinationBytes())))
                .residueGranularity(ResidueGranularity.DESCRIPTOR)
                .sgBurstCountMax(SG_BURST_COUNT_MAX);
    }

    private static AxiDmacChannel of(Channel channel) {
        return (AxiDmacChannel) channel;
    }

    @Linux(file = "drivers/clk/clk-devres.c", symbol = "devm_clk_get_enabled")
    private void startClock(Device dev, Node node) {
        Clk clock = clocks.get(node, 0);
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

    /** A tree cannot make a core snoop. */
    private void checkCoherence(Device dev, Registers registers) {
        int built = registers.readl(AxiDmacRegister.INTERFACE_DESCRIPTION_2);
        if (dev.dma().isCoherent() && !Coherency.CACHE_COHERENT.isSet(built)) {
            kit.log().devErr(dev, "Coherent DMA not supported in hardware");
            throw new KernelException(Errno.EINVAL, "%s does not snoop", dev.name());
        }
    }
}
