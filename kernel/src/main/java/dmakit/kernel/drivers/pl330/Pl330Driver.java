package dmakit.kernel.drivers.pl330;

import dmakit.datasheet.pl330.Pl330Register;
import dmakit.devicetree.Node;
import dmakit.devicetree.address.AddressRange;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.OfMatch;
import dmakit.kernel.device.PlatformBus;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.device.PlatformDriver;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.DmaEngine;
import dmakit.kernel.irq.Irqs;
import dmakit.kernel.log.Log;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.mm.IoMemory;
import dmakit.machine.cpu.Cpu;
import java.util.List;
import java.util.Optional;

/** Binds PL330 controllers and makes their channels known to dmaengine. */
public final class Pl330Driver implements PlatformDriver {
    private static final String FILE = "drivers/dma/pl330.c";

    /** Interrupts of one device that the bus of such devices knows. */
    private static final int IRQS_MAX = 9;

    private static final long MASK_32 = 0xffff_ffffL;

    /** What a program of byte-wide requests holds; wider ones hold more. */
    private static final int SEGMENT_SIZE_MAX = 1_900_800;

    private final Cpu cpu;
    private final Log log;
    private final Irqs irqs;
    private final IoMemory io;
    private final DmaMapping mapping;
    private final DmaEngine engine;

    /** Creates the driver, to be registered with the platform bus. */
    public Pl330Driver(
            Cpu cpu, Log log, Irqs irqs, IoMemory io, DmaMapping mapping, DmaEngine engine) {
        this.cpu = cpu;
        this.log = log;
        this.irqs = irqs;
        this.io = io;
        this.mapping = mapping;
        this.engine = engine;
    }

    @Override
    public String name() {
        return "dma-pl330";
    }

    @Override
    public String bus() {
        return PlatformBus.AMBA;
    }

    @Override
    public List<OfMatch> ofMatch() {
        return List.of(new OfMatch("arm,pl330"));
    }

    @Override
    @Linux(file = FILE, symbol = "pl330_probe")
    public void probe(PlatformDevice platform) {
        Device dev = platform.device();
        Node node = dev.ofNode();
        if (node == null) {
            throw new KernelException(Errno.EINVAL, "%s has no node", dev.name());
        }
        mapping.setMaskAndCoherent(dev, MASK_32);
        Registers registers = remapped(platform);
        Config config = Config.of(registers);
        if (!config.isKnown()) {
            log.devErr(dev, "PERIPH_ID 0x%x !", config.periphId());
            throw new KernelException(
                    Errno.EINVAL, "%s is no PL330: 0x%x", dev.name(), config.periphId());
        }
        Microcode microcode =
                new Microcode(
                        config,
                        !node.has("arm,pl330-broken-no-flushp"),
                        node.has("arm,pl330-periph-burst"));
        Pl330Dma controller =
                new Pl330Dma(cpu, log, mapping, engine, dev, registers, config, microcode);
        // Before the registers go: a thread that still ran would interrupt, and find them gone.
        dev.devres().add("pl330", controller::close);
        requestInterrupts(platform, controller);
        engine.devmRegister(controller.device());
        engine.ofDma().register(node, request -> xlate(controller, request.args()));
        dev.devres().add("of_dma_controller", () -> engine.ofDma().free(node));
        dev.dma().maxSegmentSize(SEGMENT_SIZE_MAX);
        log.devInfo(dev, "Loaded driver for PL330 DMAC-%x", config.periphId());
        log.devInfo(
                dev,
                "\tDBUFF-%dx%dbytes Num_Chans-%d Num_Peri-%d Num_Events-%d",
                config.bufferEntries(),
                config.busBytes(),
                config.channels(),
                config.peripherals(),
                config.events());
    }

    private void requestInterrupts(PlatformDevice platform, Pl330Dma controller) {
        Device dev = platform.device();
        for (int i = 0; i < Math.min(platform.irqCount(), IRQS_MAX); i++) {
            int irq = platform.irq(i);
            irqs.request(
                    irq, (line, devId) -> controller.handleInterrupt(), dev.name(), controller);
            dev.devres().add("irq", () -> irqs.free(irq, controller));
        }
    }

    @Linux(file = FILE, symbol = "of_dma_pl330_xlate")
    private Optional<Channel> xlate(Pl330Dma controller, List<Integer> args) {
        if (args.size() != 1) {
            return Optional.empty();
        }
        Pl330Channel channel = controller.channel(args.getFirst());
        return channel == null ? Optional.empty() : engine.getSlaveChannel(channel);
    }

    @Linux(file = "lib/devres.c", symbol = "devm_ioremap_resource")
    private Registers remapped(PlatformDevice platform) {
        AddressRange range = platform.memory(0);
        if (range.size() < Pl330Register.SIZE) {
            throw new KernelException(
                    Errno.EINVAL,
                    "%s has 0x%x bytes of registers, wanted 0x%x",
                    platform.name(),
                    range.size(),
                    Pl330Register.SIZE);
        }
        long va = io.ioremap(range.start(), range.size());
        platform.device().devres().add("ioremap", () -> io.iounmap(va));
        return new Registers(cpu, va);
    }
}
