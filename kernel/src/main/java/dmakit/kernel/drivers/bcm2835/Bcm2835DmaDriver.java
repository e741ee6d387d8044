package dmakit.kernel.drivers.bcm2835;

import dmakit.datasheet.bcm2835.DmaChannelRegister;
import dmakit.datasheet.bcm2835.Dreq;
import dmakit.devicetree.Node;
import dmakit.devicetree.address.AddressRange;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.OfMatch;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.device.PlatformDriver;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.DmaEngine;
import dmakit.kernel.irq.Irqs;
import dmakit.kernel.log.Log;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.mm.IoMemory;
import dmakit.machine.cpu.Cpu;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Binds DMA controllers of the BCM2835 and makes their channels known to dmaengine. */
public final class Bcm2835DmaDriver implements PlatformDriver {
    private static final String FILE = "drivers/dma/bcm2835-dma.c";

    /** Channels the driver serves, from 0; the chip's 16th has registers of its own elsewhere. */
    static final int CHANNEL_COUNT = 15;

    /** The first channel of those whose interrupts share a line. */
    private static final int SHARED_FROM = 11;

    private static final int NO_IRQ = -1;
    private static final long MASK_32 = 0xffff_ffffL;
    private static final int SEGMENT_SIZE_MAX = 0x3fff_ffff;

    private final Cpu cpu;
    private final Log log;
    private final Irqs irqs;
    private final IoMemory io;
    private final DmaMapping mapping;
    private final DmaEngine engine;

    /** Creates the driver, to be registered with the platform bus. */
    public Bcm2835DmaDriver(
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
        return "bcm2835-dma";
    }

    @Override
    public List<OfMatch> ofMatch() {
        return List.of(new OfMatch("brcm,bcm2835-dma"));
    }

    @Override
    @Linux(file = FILE, symbol = "bcm2835_dma_probe")
    public void probe(PlatformDevice platform) {
        Device dev = platform.device();
        Node node = dev.ofNode();
        if (node == null) {
            throw new KernelException(Errno.EINVAL, "%s has no node", dev.name());
        }
        mapping.setMaskAndCoherent(dev, MASK_32);
        dev.dma().maxSegmentSize(SEGMENT_SIZE_MAX);
        long base = remapped(platform);
        int mask = channelMask(dev, node);
        int[] lines = irqLines(platform, mask);

        Bcm2835Dma controller = new Bcm2835Dma(cpu, log, irqs, mapping, engine, dev);
        for (int number = 0; number < CHANNEL_COUNT; number++) {
            int line = lines[number];
            if (line != NO_IRQ) {
                long va = base + (long) number * DmaChannelRegister.CHANNEL_STRIDE;
                boolean shared = Arrays.stream(lines).filter(other -> other == line).count() > 1;
                new Bcm2835Channel(controller, number, new Registers(cpu, va), line, shared);
            }
        }
        // Before the registers go: a channel that still ran would interrupt, and find them gone.
        dev.devres()
                .add(
                        "channels",
                        () ->
                                controller
                                        .device()
                                        .channels()
                                        .forEach(
                                                channel -> Bcm2835Dma.of(channel).freeResources()));
        engine.devmRegister(controller.device());
        engine.ofDma()
                .register(
                        node,
                        request -> {
                            Optional<Channel> channel =
                                    engine.getAnySlaveChannel(controller.device());
                            int line = request.args().isEmpty() ? 0 : request.arg(0);
                            channel.ifPresent(found ->
                                    Bcm2835Dma.of(found).dreq(line & (Dreq.LINE_COUNT - 1)));
                            return channel;
                        });
        dev.devres().add("of_dma_controller", () -> engine.ofDma().free(node));
    }

    @Linux(file = "drivers/base/platform.c", symbol = "devm_platform_ioremap_resource")
    private long remapped(PlatformDevice platform) {
        AddressRange range = platform.memory(0);
        long needed = (long) CHANNEL_COUNT * DmaChannelRegister.CHANNEL_STRIDE;
        if (range.size() < needed) {
            throw new KernelException(
                    Errno.EINVAL,
                    "%s has 0x%x bytes of registers, wanted 0x%x",
                    platform.name(),
                    range.size(),
                    needed);
        }
        long va = io.ioremap(range.start(), range.size());
        platform.device().devres().add("ioremap", () -> io.iounmap(va));
        return va;
    }

    /** Which channels the firmware leaves to the kernel. */
    private int channelMask(Device dev, Node node) {
        if (!node.has("brcm,dma-channel-mask")) {
            log.devErr(dev, "Failed to get channel mask");
            throw new KernelException(Errno.EINVAL, "%s has no brcm,dma-channel-mask", node.path());
        }
        return node.u32("brcm,dma-channel-mask").orElse(0);
    }

    /** The line of each channel the mask leaves, by name or else by position. */
    private int[] irqLines(PlatformDevice platform, int mask) {
        int[] lines = new int[CHANNEL_COUNT];
        boolean warned = false;
        for (int number = 0; number < CHANNEL_COUNT; number++) {
            lines[number] = NO_IRQ;
            if ((mask & (1 << number)) == 0) {
                continue;
            }
            Optional<Integer> named = platform.irqOptional("dma" + number);
            if (named.isPresent()) {
                lines[number] = named.get();
                continue;
            }
            if (!warned) {
                warned = true;
                log.devWarn(
                        platform.device(),
                        "missing interrupt-names property in device tree - legacy interpretation"
                                + " is used");
            }
            int index = Math.min(number, SHARED_FROM);
            if (index < platform.irqCount()) {
                lines[number] = platform.irq(index);
            }
        }
        return lines;
    }
}
