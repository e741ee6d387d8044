package dmakit.kernel.drivers.xilinx;

import dmakit.datasheet.xilinx.AxiDmaRegister;
import dmakit.devicetree.Node;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.OfMatch;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.device.PlatformDriver;
import dmakit.kernel.dmaengine.MetadataMode;
import dmakit.kernel.dmaengine.ProviderKit;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.mapping.DmaMapping;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Binds AXI DMAs and AXI CDMAs and makes their channels known to dmaengine. */
public final class XilinxDmaDriver implements PlatformDriver {
    private static final String FILE = "drivers/dma/xilinx/xilinx_dma.c";
    private static final String AXI_DMA = "xlnx,axi-dma-1.00.a";
    private static final String AXI_CDMA = "xlnx,axi-cdma-1.00.a";
    private static final String COPIES = "xlnx,axi-cdma-channel";
    private static final String MM2S = "xlnx,axi-dma-mm2s-channel";
    private static final String S2MM = "xlnx,axi-dma-s2mm-channel";

    private static final int LENGTH_BITS_MIN = 8;
    private static final int LENGTH_BITS = 23;
    private static final int LENGTH_BITS_MAX = 26;
    private static final int ADDRESS_BITS = 32;
    private static final int ADDRESS_BITS_MAX = 64;

    /** Wider cores have no realignment engine. */
    private static final int REALIGNED_BYTES_MAX = 8;

    private final ProviderKit kit;

    /** Creates the driver, to be registered with the platform bus. */
    public XilinxDmaDriver(ProviderKit kit) {
        this.kit = kit;
    }

    @Override
    public String name() {
        return "xilinx-vdma";
    }

    @Override
    public List<OfMatch> ofMatch() {
        return List.of(new OfMatch(AXI_DMA), new OfMatch(AXI_CDMA));
    }

    @Override
    @Linux(file = FILE, symbol = "xilinx_dma_probe")
    public void probe(PlatformDevice platform) {
        Device dev = platform.device();
        Node node = platform.node();
        boolean copies = node.isCompatibleWith(AXI_CDMA);
        checkClocks(dev, node, copies);
        long base = platform.ioremap(kit.io(), 0, 2L * AxiDmaRegister.CHANNEL_SIZE);
        int bufferBytesMax = (1 << (copies ? LENGTH_BITS : lengthBits(dev, node))) - 1;
        kit.mapping().setMaxSegSize(dev, bufferBytesMax);
        int addressBits = addressBits(dev, node);
        setMask(dev, addressBits);

        boolean wide = addressBits > ADDRESS_BITS;
        XilinxDma controller =
                copies
                        ? XilinxDma.copying(kit, dev, bufferBytesMax, wide)
                        : XilinxDma.streaming(kit, dev, bufferBytesMax, wide);
        @Nullable XilinxChannel[] byNumber = new XilinxChannel[2];
        EnumSet<TransferDirection> directions = EnumSet.noneOf(TransferDirection.class);
        List<XilinxChannel> channels = new ArrayList<>();
        // Before the registers go: a channel that still ran would interrupt, and find them gone.
        dev.devres().add("channels", () -> channels.forEach(XilinxChannel::remove));
        for (Node child : node.children()) {
            if (!child.isAvailable()) {
                continue;
            }
            XilinxChannel channel = channelOf(platform, controller, child, base);
            channels.add(channel);
            byNumber[channel.direction == TransferDirection.MEM_TO_DEV ? 0 : 1] = channel;
            directions.add(channel.direction);
            if (!channel.reset()) {
                kit.log().devErr(dev, "Reset channel failed");
                throw new KernelException(Errno.ETIMEDOUT, "%s stays in reset", dev.name());
            }
        }
        controller.device().directions(directions);
        if (!copies && node.has("xlnx,axistream-connected")) {
            controller.device().metadataModes(MetadataMode.ENGINE);
        }
        kit.engine().devmRegister(controller.device());
        kit.engine()
                .ofDma()
                .devmRegister(
                        dev,
                        request -> {
                            int number = request.args().isEmpty() ? 0 : request.arg(0);
                            XilinxChannel channel =
                                    number >= 0 && number < byNumber.length
                                            ? byNumber[number]
                                            : null;
                            return channel == null
                                    ? Optional.empty()
                                    : kit.engine().getSlaveChannel(channel);
                        });
        kit.log().devInfo(dev, "Xilinx AXI %s Engine Driver Probed!!", copies ? "CDMA" : "DMA");
    }

    @Linux(file = FILE, symbol = "axidma_clk_init")
    @Linux(file = FILE, symbol = "axicdma_clk_init")
    private void checkClocks(Device dev, Node node, boolean copies) {
        checkClock(dev, node, "s_axi_lite_aclk", "axi_aclk");
        if (copies) {
            checkClock(dev, node, "m_axi_aclk", "dev_clk");
        }
    }

    private void checkClock(Device dev, Node node, String clock, String calledHere) {
        if (!node.strings("clock-names").contains(clock)) {
            kit.log().devErr(dev, "error -ENOENT: failed to get %s", calledHere);
            throw new KernelException(Errno.ENOENT, "%s has no %s", node.path(), clock);
        }
    }

    private int lengthBits(Device dev, Node node) {
        if (node.u32("xlnx,sg-length-width").isEmpty()) {
            return LENGTH_BITS;
        }
        int bits = node.u32("xlnx,sg-length-width").getAsInt();
        if (bits < LENGTH_BITS_MIN || bits > LENGTH_BITS_MAX) {
            kit.log()
                    .devWarn(
                            dev,
                            "invalid xlnx,sg-length-width property value. Using default width");
            return LENGTH_BITS;
        }
        if (bits > LENGTH_BITS) {
            kit.log().devWarn(dev, "Please ensure that IP supports buffer length > 23 bits");
        }
        return bits;
    }

    private int addressBits(Device dev, Node node) {
        if (node.u32("xlnx,addrwidth").isEmpty()) {
            kit.log().devWarn(dev, "missing xlnx,addrwidth property");
        }
        return Math.clamp(node.u32("xlnx,addrwidth").orElse(ADDRESS_BITS), 1, ADDRESS_BITS_MAX);
    }

    private void setMask(Device dev, int addressBits) {
        try {
            kit.mapping().setMaskAndCoherent(dev, DmaMapping.bitMask(addressBits));
        } catch (KernelException refusal) {
            kit.log().devErr(dev, "DMA mask error %d", -refusal.errno().number());
            throw refusal;
        }
    }

    @Linux(file = FILE, symbol = "xilinx_dma_chan_probe")
    private XilinxChannel channelOf(
            PlatformDevice platform, XilinxDma controller, Node child, long base) {
        Device dev = platform.device();
        if (child.u32("xlnx,datawidth").isEmpty()) {
            kit.log().devErr(dev, "missing xlnx,datawidth property");
            throw new KernelException(Errno.EINVAL, "%s has no xlnx,datawidth", child.path());
        }
        int beatBytes = child.u32("xlnx,datawidth").getAsInt() / Byte.SIZE;
        if (!child.has("xlnx,include-dre") || beatBytes > REALIGNED_BYTES_MAX) {
            controller.lg2Align(Integer.SIZE - Integer.numberOfLeadingZeros(beatBytes - 1));
        }
        if (child.isCompatibleWith(COPIES)) {
            return new AxiCdmaChannel(
                    controller, new Registers(kit.cpu(), base), irqOf(platform, child));
        }
        boolean sends = child.isCompatibleWith(MM2S);
        if (!sends && !child.isCompatibleWith(S2MM)) {
            kit.log().devErr(dev, "Invalid channel compatible node");
            throw new KernelException(Errno.EINVAL, "%s is no channel", child.path());
        }
        int irq = irqOf(platform, child);
        return new AxiDmaChannel(
                controller,
                new Registers(
                        kit.cpu(), base + (sends ? AxiDmaRegister.MM2S : AxiDmaRegister.S2MM)),
                sends ? TransferDirection.MEM_TO_DEV : TransferDirection.DEV_TO_MEM,
                irq,
                irqDelay(child));
    }

    /** A property of one byte; of a cell this is the highest one, as Linux reads it. */
    @Linux(file = "include/linux/of.h", symbol = "of_property_read_u8")
    private static int irqDelay(Node child) {
        return child.property("xlnx,irq-delay")
                .filter(property -> !property.isEmpty())
                .map(property -> property.bytes()[0] & 0xff)
                .orElse(0);
    }

    private int irqOf(PlatformDevice platform, Node child) {
        try {
            return platform.irqOf(child, 0);
        } catch (KernelException refusal) {
            if (refusal.errno() != Errno.EPROBE_DEFER) {
                kit.log()
                        .devErr(
                                platform.device(),
                                "error -%s: failed to get irq",
                                refusal.errno().name());
            }
            throw refusal;
        }
    }
}
