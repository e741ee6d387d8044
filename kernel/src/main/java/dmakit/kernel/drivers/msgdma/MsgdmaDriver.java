package dmakit.kernel.drivers.msgdma;

import dmakit.datasheet.msgdma.MsgdmaCsr;
import dmakit.datasheet.msgdma.MsgdmaDescriptor;
import dmakit.datasheet.msgdma.MsgdmaResponse;
import dmakit.devicetree.Node;
import dmakit.devicetree.address.AddressRange;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
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
import dmakit.kernel.dmaengine.TransferDirection;
import java.util.EnumSet;
import java.util.List;

/** Binds mSGDMA cores and makes each one's channel known to dmaengine. */
public final class MsgdmaDriver implements PlatformDriver {
    private static final String FILE = "drivers/dma/altera-msgdma.c";
    private static final long MASK_64 = -1L;
    private static final int LG2_WORD = 2;

    private final ProviderKit kit;

    /** Creates the driver, to be registered with the platform bus. */
    public MsgdmaDriver(ProviderKit kit) {
        this.kit = kit;
    }

    @Override
    public String name() {
        return "altera-msgdma";
    }

    @Override
    public List<OfMatch> ofMatch() {
        return List.of(new OfMatch("altr,socfpga-msgdma"));
    }

    @Override
    @Linux(file = FILE, symbol = "msgdma_probe")
    public void probe(PlatformDevice platform) {
        Device dev = platform.device();
        Registers registers =
                new Registers(
                        kit.cpu(),
                        mapped(platform, "csr", MsgdmaCsr.SIZE),
                        mapped(platform, "desc", MsgdmaDescriptor.SIZE),
                        mapped(platform, "resp", MsgdmaResponse.SIZE));
        if (platform.irqCount() == 0) {
            throw new KernelException(Errno.ENXIO, "%s has no interrupt", dev.name());
        }
        int irq = platform.irq(0);
        DmaDevice device =
                new DmaDevice(kit.engine(), dev, operations())
                        .capabilities(
                                Capabilities.of(TransactionType.MEMCPY, TransactionType.SLAVE))
                        .directions(
                                EnumSet.of(
                                        TransferDirection.MEM_TO_DEV,
                                        TransferDirection.DEV_TO_MEM,
                                        TransferDirection.MEM_TO_MEM))
                        .widths(EnumSet.of(BusWidth.BYTES_4), EnumSet.of(BusWidth.BYTES_4))
                        .residueGranularity(ResidueGranularity.DESCRIPTOR)
                        .lg2CopyAlign(LG2_WORD);
        MsgdmaChannel channel = new MsgdmaChannel(device, kit.log(), kit.mapping(), registers);
        dev.requestIrq(
                kit.irqs(), irq, (_, _) -> channel.handleInterrupt(), 0, dev.name(), channel);
        kit.mapping().setMaskAndCoherent(dev, MASK_64);
        channel.reset();
        // Before the registers and the interrupt go.
        dev.devres().add("channel", channel::freeResources);
        kit.engine().devmRegister(device);
        Node node = dev.ofNode();
        if (node != null && node.has("#dma-cells")) {
            kit.engine().ofDma().devmRegister(dev, OfDma.byChannelId(kit.engine(), device));
        }
        kit.log().devNotice(dev, "Altera mSGDMA driver probe success");
        dev.devres().add("notice", () -> kit.log().devNotice(dev, "Altera mSGDMA driver removed"));
    }

    private static ProviderOps operations() {
        return new ProviderOps(
                        (chan, cookie, state) -> of(chan).status(cookie, state),
                        chan -> of(chan).issue())
                .memcpy((chan, destination, source, size, flags) ->
                        of(chan).memcpy(destination, source, size, flags))
                .slaveSg((chan, sgl, count, direction, flags) ->
                        of(chan).slaveSg(sgl, count, direction, flags))
                .config((chan, config) -> of(chan).configure(config))
                .allocChannel(chan -> of(chan).allocate())
                .freeChannel(chan -> of(chan).freeResources())
                .terminateAll(chan -> of(chan).terminate())
                .synchronize(chan -> of(chan).synchronizeCallbacks());
    }

    private static MsgdmaChannel of(Channel channel) {
        return (MsgdmaChannel) channel;
    }

    @Linux(file = FILE, symbol = "request_and_map")
    private long mapped(PlatformDevice platform, String name, int size) {
        Device dev = platform.device();
        PlatformDevice.Resource resource =
                platform.memory().stream()
                        .filter(each -> each.name().filter(name::equals).isPresent())
                        .findFirst()
                        .orElse(null);
        if (resource == null) {
            kit.log().devErr(dev, "resource %s not defined", name);
            throw new KernelException(Errno.ENODEV, "%s has no %s", dev.name(), name);
        }
        AddressRange range = resource.range();
        if (range.size() < size) {
            throw new KernelException(
                    Errno.EINVAL,
                    "%s: %s has 0x%x bytes, wanted 0x%x",
                    dev.name(),
                    name,
                    range.size(),
                    size);
        }
        return platform.ioremap(kit.io(), range);
    }
}
