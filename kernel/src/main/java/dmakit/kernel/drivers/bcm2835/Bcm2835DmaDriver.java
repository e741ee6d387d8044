package dmakit.kernel.drivers.bcm2835;

import dmakit.datasheet.bcm2835.DmaChannelRegister;
import dmakit.datasheet.bcm2835.Dreq;
import dmakit.devicetree.Node;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.OfMatch;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.device.PlatformDriver;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.ProviderKit;
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

    private final ProviderKit kit;

    /** Creates the driver, to be registered with the platform bus. */
    public Bcm2835DmaDriver(ProviderKit kit) {
        this.kit = kit;
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
        Node node = platform.node();
        kit.mapping().setMaskAndCoherent(dev, MASK_32);
        dev.dma().maxSegmentSize(SEGMENT_SIZE_MAX);
        long base =
                platform.ioremap(
                        kit.io(), 0, (long) CHANNEL_COUNT * DmaChannelRegister.CHANNEL_STRIDE);
        int mask = channelMask(dev, node);
        int[] lines = irqLines(platform, mask);

        Bcm2835Dma controller = new Bcm2835Dma(kit, dev);
        for (int number = 0; number < CHANNEL_COUNT; number++) {
            int line = lines[number];
            if (line != NO_IRQ) {
                long va = base + (long) number * DmaChannelRegister.CHANNEL_STRIDE;
                boolean shared = Arrays.stream(lines).filter(other -> other == line).count() > 1;
                new Bcm2835Channel(controller, number, new Registers(kit.cpu(), va), line, shared);
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
        kit.engine().devmRegister(controller.device());
        kit.engine()
                .ofDma()
                .devmRegister(
                        dev,
                        request -> {
                            Optional<Channel> channel =
                                    kit.engine().getAnySlaveChannel(controller.device());
                            int line = request.args().isEmpty() ? 0 : request.arg(0);
                            channel.ifPresent(found ->
                                    Bcm2835Dma.of(found).dreq(line & (Dreq.LINE_COUNT - 1)));
                            return channel;
                        });
    }

    /** Which channels the firmware leaves to the kernel. */
    private int channelMask(Device dev, Node node) {
        if (!node.has("brcm,dma-channel-mask")) {
            kit.log().devErr(dev, "Failed to get channel mask");
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
                kit.log()
                        .devWarn(
                                platform.device(),
                                "missing interrupt-names property in device tree - legacy"
                                        + " interpretation is used");
            }
            int index = Math.min(number, SHARED_FROM);
            if (index < platform.irqCount()) {
                lines[number] = platform.irq(index);
            }
        }
        return lines;
    }
}
