package dmakit.kernel.drivers.axidmac;

import dmakit.datasheet.axidmac.AxiDmacRegister;
import dmakit.datasheet.axidmac.AxiDmacRegister.Coherency;
import dmakit.datasheet.axidmac.AxiDmacRegister.IrqMask;
import dmakit.devicetree.Node;
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
import dmakit.kernel.dmaengine.BusWidth;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.DmaDevice;
import dmakit.kernel.dmaengine.DmaEngine;
import dmakit.kernel.dmaengine.OfDma;
import dmakit.kernel.dmaengine.ProviderOps;
import dmakit.kernel.dmaengine.ResidueGranularity;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.irq.IrqFlags;
import dmakit.kernel.irq.Irqs;
import dmakit.kernel.log.Log;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.mm.IoMemory;
import dmakit.machine.cpu.Cpu;
import java.util.EnumSet;
import java.util.List;

/** Binds AXI-DMAC cores and makes each one's channel known to dmaengine. */
public final class AxiDmacDriver implements PlatformDriver {
    private static final String FILE = "drivers/dma/dma-axi-dmac.c";
    private static final long SEGMENT_BYTES_MAX = 0xffff_ffffL;

    /** Entries that the core works on without an interrupt in between, as Linux says. */
    private static final int SG_BURST_COUNT_MAX = 31;

    private final Cpu cpu;
    private final Log log;
    private final Irqs irqs;
    private final IoMemory io;
    private final DmaMapping mapping;
    private final DmaEngine engine;
    private final Clocks clocks;

    /** Creates the driver, to be registered with the platform bus. */
    public AxiDmacDriver(
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
        Node node = dev.ofNode();
        if (node == null) {
            throw new KernelException(Errno.EINVAL, "%s has no node", dev.name());
        }
        int irq = platform.irq(0);
        Registers registers = new Registers(cpu, remapped(platform));
        startClock(dev, node);
        Core core = Core.of(log, dev, registers);
        mapping.setMaxSegSize(dev, SEGMENT_BYTES_MAX);
        mapping.setMaskAndCoherent(dev, core.addressMask());
        checkCoherence(dev, registers);
        registers.writel(
                AxiDmacRegister.IRQ_MASK, IrqMask.TRANSFER_QUEUED.with(0, core.scatterGather()));

        DmaDevice device = describe(dev, core);
        AxiDmacChannel channel = new AxiDmacChannel(device, cpu, log, mapping, registers, core);
        irqs.request(
                irq,
                (_, _) -> channel.handleInterrupt(),
                IrqFlags.SHARED,
                dev.name(),
                channel);
        dev.devres().add("irq", () -> irqs.free(irq, channel));
        dev.devres().add("channel", channel::abandon);
        engine.devmRegister(device);
        engine.ofDma().register(node, OfDma.byChannelId(engine, device));
        dev.devres().add("of_dma_controller", () -> engine.ofDma().free(node));
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
        return new DmaDevice(engine, dev, ops)
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

    @Linux(file = "drivers/base/platform.c", symbol = "devm_platform_ioremap_resource")
    private long remapped(PlatformDevice platform) {
        AddressRange range = platform.memory(0);
        if (range.size() < AxiDmacRegister.SIZE) {
            throw new KernelException(
                    Errno.EINVAL,
                    "%s has 0x%x bytes of registers, wanted 0x%x",
                    platform.name(),
                    range.size(),
                    AxiDmacRegister.SIZE);
        }
        long va = io.ioremap(range.start(), range.size());
        platform.device().devres().add("ioremap", () -> io.iounmap(va));
        return va;
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
            log.devErr(dev, "Coherent DMA not supported in hardware");
            throw new KernelException(Errno.EINVAL, "%s does not snoop", dev.name());
        }
    }
}
