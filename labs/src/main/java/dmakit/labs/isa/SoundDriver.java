package dmakit.labs.isa;

import dmakit.datasheet.isa.IsaSoundRegister;
import dmakit.datasheet.isa.IsaSoundRegister.Ctrl;
import dmakit.datasheet.isa.IsaSoundRegister.Status;
import dmakit.devicetree.Node;
import dmakit.devicetree.Property;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.OfMatch;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.device.PlatformDriver;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.irq.IrqReturn;
import dmakit.kernel.isa.IoPorts;
import dmakit.kernel.isa.IsaDma;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.mapping.StreamingMapping;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.sched.Jiffies;
import dmakit.kernel.sync.Completion;
import dmakit.machine.cpu.Cpu;
import java.util.List;

/** Drives {@code dmakit,isa-sound}: bytes go out on one DMA channel and come in on another. */
public final class SoundDriver implements PlatformDriver {
    /** What the driver binds to. */
    public static final String COMPATIBLE = "dmakit,isa-sound";

    private static final int TIMEOUT_MS = 1000;

    private final Kernel kernel;
    private final Cpu cpu;
    private final IoPorts ports;
    private final IsaDma dma;
    private final DmaMapping mapping;
    private final Completion played;
    private final Completion recorded;
    private int base;
    private int playChannel;
    private int recordChannel;
    private int interrupts;

    /** Creates the driver of one kernel, for one card. */
    public SoundDriver(Kernel kernel) {
        this.kernel = kernel;
        cpu = kernel.machine().cpu();
        ports = kernel.ports();
        dma = kernel.isaDma();
        mapping = kernel.dma();
        played = new Completion(kernel.sched());
        recorded = new Completion(kernel.sched());
    }

    @Override
    public String name() {
        return "isa_sound";
    }

    @Override
    public List<OfMatch> ofMatch() {
        return List.of(new OfMatch(COMPATIBLE));
    }

    /** How often the card interrupted. */
    public int interrupts() {
        return interrupts;
    }

    @Override
    public void probe(PlatformDevice platform) {
        Device dev = platform.device();
        Node node = dev.ofNode();
        Property channels = node == null ? null : node.property("dmakit,dma-channels").orElse(null);
        if (platform.ports().isEmpty() || channels == null) {
            throw new KernelException(Errno.EINVAL, "%s has no ports or channels", dev.name());
        }
        PlatformDevice.Ports window = platform.ports().getFirst();
        ports.resources().request(window.first(), window.count(), name());
        dev.devres().add("ports", () -> ports.resources().release(window.first(), window.count()));
        base = window.first();
        if (in(IsaSoundRegister.ID_LOW) != 'd' || in(IsaSoundRegister.ID_HIGH) != 'k') {
            throw new KernelException(Errno.ENODEV, "no card at port 0x%x", base);
        }
        playChannel = channels.cell(0);
        recordChannel = channels.cell(1);
        take(dev, playChannel, "isa_sound play");
        take(dev, recordChannel, "isa_sound record");
        out(IsaSoundRegister.CTRL, Ctrl.RESET.mask());
        dev.requestIrq(
                kernel.irqs(), platform.irq(0), (_, _) -> handleInterrupt(), 0, name(), this);
        dev.devres().add("quiet", () -> out(IsaSoundRegister.CTRL, Ctrl.RESET.mask()));
    }

    private void take(Device dev, int channel, String owner) {
        dma.request(channel, owner);
        dev.devres()
                .add(
                        owner,
                        () -> {
                            dma.disable(channel);
                            dma.free(channel);
                        });
    }

    private IrqReturn handleInterrupt() {
        int status = in(IsaSoundRegister.STATUS);
        if (!Status.PLAYED.isSet(status) && !Status.RECORDED.isSet(status)) {
            return IrqReturn.NONE;
        }
        interrupts++;
        out(IsaSoundRegister.STATUS, status);
        if (Status.PLAYED.isSet(status)) {
            played.complete();
        }
        if (Status.RECORDED.isSet(status)) {
            recorded.complete();
        }
        return IrqReturn.HANDLED;
    }

    /**
     * Plays bytes, from a buffer that is lent to the card.
     *
     * @param gfp where the buffer comes from; the card reaches {@link Gfp#DMA} only
     * @return bytes that were not played; 0 when all is well
     * @throws dmakit.kernel.DmaException when the buffer cannot be mapped
     */
    public int play(PlatformDevice platform, byte[] bytes, Gfp gfp) {
        long buffer = kernel.mm().slab().kmalloc(bytes.length, gfp);
        try {
            cpu.store(buffer, bytes, 0, bytes.length);
            try (StreamingMapping lent =
                    mapping.map(platform.device(), buffer, bytes.length, DmaDirection.TO_DEVICE)) {
                start(playChannel, IsaDma.MODE_WRITE, lent.dmaAddr().value(), bytes.length);
                return run(Ctrl.PLAY.mask(), playChannel, played);
            }
        } finally {
            kernel.mm().slab().kfree(buffer);
        }
    }

    /**
     * Records bytes.
     *
     * @param control how: bits of {@link Ctrl} beside those that the driver sets
     * @param into filled; an even number of bytes
     * @return bytes that were not recorded; 0 when all is well
     */
    public int record(PlatformDevice platform, int control, byte[] into) {
        long buffer = kernel.mm().slab().kzalloc(into.length, Gfp.KERNEL.with(Gfp.DMA));
        try {
            int left;
            try (StreamingMapping lent =
                    mapping.map(platform.device(), buffer, into.length, DmaDirection.FROM_DEVICE)) {
                start(recordChannel, IsaDma.MODE_READ, lent.dmaAddr().value(), into.length);
                left = run(Ctrl.RECORD.mask() | control, recordChannel, recorded);
            }
            cpu.load(buffer, into, 0, into.length);
            return left;
        } finally {
            kernel.mm().slab().kfree(buffer);
        }
    }

    /** Programs a channel as every driver does. */
    public void start(int channel, int mode, long address, int bytes) {
        boolean flags = dma.claimLock();
        dma.disable(channel);
        dma.clearFlipFlop(channel);
        dma.setMode(channel, mode);
        dma.setAddress(channel, address);
        dma.setCount(channel, bytes);
        dma.enable(channel);
        dma.releaseLock(flags);
    }

    private int run(int control, int channel, Completion done) {
        done.reinit();
        out(IsaSoundRegister.CTRL, control | Ctrl.INTERRUPT.mask());
        done.waitForTimeout(Jiffies.ofMillis(TIMEOUT_MS));
        out(IsaSoundRegister.CTRL, 0);
        boolean flags = dma.claimLock();
        dma.disable(channel);
        dma.clearFlipFlop(channel);
        int residue = dma.residue(channel);
        dma.releaseLock(flags);
        return residue;
    }

    /** Loads one of the card's ports. */
    public int in(IsaSoundRegister register) {
        return ports.inb(base + register.offset());
    }

    /** Stores to one of the card's ports. */
    public void out(IsaSoundRegister register, int value) {
        ports.outb(value, base + register.offset());
    }
}
