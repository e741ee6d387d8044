package dmakit.kernel.drivers.pl330;

import dmakit.datasheet.pl330.Pl330Register;
import dmakit.devicetree.Node;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.OfMatch;
import dmakit.kernel.device.PlatformBus;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.device.PlatformDriver;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.ProviderKit;
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

    private final ProviderKit kit;

    /** Creates the driver, to be registered with the platform bus. */
    public Pl330Driver(ProviderKit kit) {
        this.kit = kit;
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
        Node node = platform.node();
        kit.mapping().setMaskAndCoherent(dev, MASK_32);
        Registers registers =
                new Registers(kit.cpu(), platform.ioremap(kit.io(), 0, Pl330Register.SIZE));
        Config config = Config.of(registers);
        if (!config.isKnown()) {
            kit.log().devErr(dev, "PERIPH_ID 0x%x !", config.periphId());
            throw new KernelException(
                    Errno.EINVAL, "%s is no PL330: 0x%x", dev.name(), config.periphId());
        }
        Microcode microcode =
                new Microcode(
                        config,
                        !node.has("arm,pl330-broken-no-flushp"),
                        node.has("arm,pl330-periph-burst"));
        Pl330Dma controller = new Pl330Dma(kit, dev, registers, config, microcode);
        // Before the registers go: a thread that still ran would interrupt, and find them gone.
        dev.devres().add("pl330", controller::close);
        requestInterrupts(platform, controller);
        kit.engine().devmRegister(controller.device());
        kit.engine().ofDma().devmRegister(dev, request -> xlate(controller, request.args()));
        dev.dma().maxSegmentSize(SEGMENT_SIZE_MAX);
        kit.log().devInfo(dev, "Loaded driver for PL330 DMAC-%x", config.periphId());
        kit.log()
                .devInfo(
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
            dev.requestIrq(
                    kit.irqs(),
                    platform.irq(i),
                    (_, _) -> controller.handleInterrupt(),
                    0,
                    dev.name(),
                    controller);
        }
    }

    @Linux(file = FILE, symbol = "of_dma_pl330_xlate")
    private Optional<Channel> xlate(Pl330Dma controller, List<Integer> args) {
        if (args.size() != 1) {
            return Optional.empty();
        }
        Pl330Channel channel = controller.channel(args.getFirst());
        return channel == null ? Optional.empty() : kit.engine().getSlaveChannel(channel);
    }
}
