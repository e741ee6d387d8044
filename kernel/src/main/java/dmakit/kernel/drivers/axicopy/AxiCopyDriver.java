package dmakit.kernel.drivers.axicopy;

import dmakit.datasheet.axi.AxiCopyChannelRegister;
import dmakit.datasheet.axi.AxiCopyChannelRegister.Config;
import dmakit.datasheet.axi.AxiCopyRegister;
import dmakit.datasheet.axi.AxiCopyRegister.Arbiter;
import dmakit.datasheet.axi.AxiCopyRegister.Capabilities;
import dmakit.devicetree.Node;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.OfMatch;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.device.PlatformDriver;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.DmaDevice;
import dmakit.kernel.dmaengine.ProviderKit;
import dmakit.kernel.dmaengine.ProviderOps;
import dmakit.kernel.dmaengine.ResidueGranularity;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.irq.IrqReturn;
import dmakit.machine.cpu.Cpu;
import java.util.EnumSet;
import java.util.List;

/**
 * Binds AXI copy engines and makes their channels known to dmaengine.
 *
 * <p>A node may say how its channels use the bus: {@code dmakit,beat-bytes} (a power of two, the
 * width of the bus when absent), {@code dmakit,burst-beats} (1 to 256, otherwise 16), {@code
 * dmakit,arbiter} ({@code "fixed"}, {@code "round-robin"}, the default, or {@code "priority"}) and
 * {@code dmakit,priorities} (0 to 15 for each channel).
 */
public final class AxiCopyDriver implements PlatformDriver {
    private static final List<String> POLICIES = List.of("fixed", "round-robin", "priority");
    private static final int BURST_BEATS = 16;
    private static final int BURST_BEATS_MAX = 256;
    private static final int PRIORITY_MAX = 15;
    private static final int ADDRESS_BITS = 64;

    private final ProviderKit kit;

    /** Creates the driver, to be registered with the platform bus. */
    public AxiCopyDriver(ProviderKit kit) {
        this.kit = kit;
    }

    @Override
    public String name() {
        return "axi-copy";
    }

    @Override
    public List<OfMatch> ofMatch() {
        return List.of(new OfMatch("dmakit,axi-copy"));
    }

    @Override
    public void probe(PlatformDevice platform) {
        Device dev = platform.device();
        Node node = platform.node();
        kit.mapping().setMaskAndCoherent(dev, -1L >>> (Long.SIZE - ADDRESS_BITS));
        Cpu cpu = kit.cpu();
        long va = platform.ioremap(kit.io(), platform.memory(0));
        int built = cpu.load32(va + AxiCopyRegister.CAPABILITIES.offset());
        writel(cpu, va, AxiCopyRegister.ARBITER, Arbiter.POLICY.of(policyOf(node)));

        DmaDevice device = newDevice(dev);
        int[] priorities =
                node.property("dmakit,priorities")
                        .map(property -> property.cells())
                        .orElse(new int[0]);
        for (int i = 0; i < Capabilities.CHANNELS.get(built); i++) {
            int config = configOf(node, Capabilities.LG2_BUS_BYTES.get(built));
            int priority = i < priorities.length ? priorities[i] : 0;
            check(node, "dmakit,priorities", priority, 0, PRIORITY_MAX);
            new AxiCopyChannel(
                    device,
                    cpu,
                    va + (long) i * AxiCopyChannelRegister.CHANNEL_STRIDE,
                    Config.PRIORITY.with(config, priority));
        }
        dev.requestIrq(
                kit.irqs(),
                platform.irq(0),
                (_, _) -> handleInterrupt(device, va),
                0,
                dev.name(),
                device);
        dev.devres()
                .add("channels", () -> device.channels().forEach(chan -> of(chan).freeResources()));
        kit.engine().devmRegister(device);
    }

    private DmaDevice newDevice(Device dev) {
        ProviderOps ops =
                new ProviderOps(
                                (chan, cookie, state) -> of(chan).status(cookie, state),
                                chan -> of(chan).issue())
                        .memcpy((chan, destination, source, size, flags) ->
                                of(chan).memcpy(destination, source, size, flags))
                        .freeChannel(chan -> of(chan).freeResources())
                        .terminateAll(chan -> of(chan).terminateAllDescriptors())
                        .synchronize(chan -> of(chan).synchronizeCallbacks());
        return new DmaDevice(kit.engine(), dev, ops)
                .capabilities(dmakit.kernel.dmaengine.Capabilities.of(TransactionType.MEMCPY))
                .directions(EnumSet.of(TransferDirection.MEM_TO_MEM))
                .residueGranularity(ResidueGranularity.BURST);
    }

    private static AxiCopyChannel of(Channel channel) {
        return (AxiCopyChannel) channel;
    }

    private IrqReturn handleInterrupt(DmaDevice device, long va) {
        int interrupting = kit.cpu().load32(va + AxiCopyRegister.INTERRUPTS.offset());
        for (int left = interrupting; left != 0; left &= left - 1) {
            of(device.channels().get(Integer.numberOfTrailingZeros(left))).handleInterrupt();
        }
        return interrupting == 0 ? IrqReturn.NONE : IrqReturn.HANDLED;
    }

    private static void writel(Cpu cpu, long va, AxiCopyRegister register, int value) {
        cpu.barrier();
        cpu.store32(va + register.offset(), value);
    }

    private static int policyOf(Node node) {
        String name = node.string("dmakit,arbiter").orElse("round-robin");
        int code = POLICIES.indexOf(name);
        if (code < 0) {
            throw new KernelException(
                    Errno.EINVAL,
                    "%s: dmakit,arbiter is \"%s\", wanted one of %s",
                    node.path(),
                    name,
                    POLICIES);
        }
        return code;
    }

    private static int configOf(Node node, int lg2BusBytes) {
        int beatBytes = node.u32("dmakit,beat-bytes").orElse(1 << lg2BusBytes);
        int beats = node.u32("dmakit,burst-beats").orElse(BURST_BEATS);
        check(node, "dmakit,burst-beats", beats, 1, BURST_BEATS_MAX);
        check(node, "dmakit,beat-bytes", beatBytes, 1, 1 << lg2BusBytes);
        if (Integer.bitCount(beatBytes) != 1) {
            throw new KernelException(
                    Errno.EINVAL,
                    "%s: dmakit,beat-bytes is %d, wanted a power of two",
                    node.path(),
                    beatBytes);
        }
        return Config.LG2_BEAT_BYTES.of(Integer.numberOfTrailingZeros(beatBytes))
                | Config.BURST_BEATS.of(beats - 1);
    }

    private static void check(Node node, String what, int value, int min, int max) {
        if (value < min || value > max) {
            throw new KernelException(
                    Errno.EINVAL,
                    "%s: %s is %d, wanted %d to %d",
                    node.path(),
                    what,
                    value,
                    min,
                    max);
        }
    }
}
