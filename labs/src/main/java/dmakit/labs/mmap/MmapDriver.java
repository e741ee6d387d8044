package dmakit.labs.mmap;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.chardev.File;
import dmakit.kernel.chardev.FileOperations;
import dmakit.kernel.chardev.Ioctl;
import dmakit.kernel.chardev.MiscDevices;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.OfMatch;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.device.PlatformDriver;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.ChannelFilter;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.Vma;
import dmakit.kernel.sched.Jiffies;
import dmakit.kernel.sync.Completion;
import dmakit.kernel.sync.Mutex;
import dmakit.labs.Account;
import dmakit.labs.Transfers;
import java.util.List;

/**
 * A misc device with two coherent buffers that a process maps: {@code dma_src} at offset 0, {@code
 * dma_dst} one page on. An ioctl copies the first to the second by DMA.
 */
public final class MmapDriver implements PlatformDriver {
    /** What the driver binds to. */
    public static final String COMPATIBLE = "dmakit,lab-mmap";

    /** Name of the device under {@code /dev}. */
    public static final String DEVICE_NAME = "dma_mmap";

    /** Bytes of each buffer: one page. */
    public static final int BUFFER_BYTES = 4096;

    /** The command that copies {@code dma_src} to {@code dma_dst}. */
    public static final int COPY = Ioctl.io('d', 1);

    private static final int TIMEOUT_MS = 3000;

    private final Kernel kernel;
    private List<Account.Buffer> buffers = List.of();
    private String channelName = "";
    private String controllerName = "";

    /** Creates the driver of one kernel. */
    public MmapDriver(Kernel kernel) {
        this.kernel = kernel;
    }

    @Override
    public String name() {
        return "dma_mmap";
    }

    @Override
    public List<OfMatch> ofMatch() {
        return List.of(new OfMatch(COMPATIBLE));
    }

    /** The buffers, in all three address spaces. */
    public List<Account.Buffer> buffers() {
        return buffers;
    }

    /** The channel the driver took, {@code dma0chan0}. */
    public String channelName() {
        return channelName;
    }

    /** The device the channel belongs to. */
    public String controllerName() {
        return controllerName;
    }

    @Override
    public void probe(PlatformDevice platform) {
        Device device = platform.device();
        Channel channel =
                kernel.dmaEngine()
                        .requestChannel(Capabilities.of(TransactionType.MEMCPY), ChannelFilter.ANY)
                        .orElseThrow(() -> new DmaException(Errno.ENODEV, "no channel for memcpy"));
        device.devres().add("dma channel", () -> kernel.dmaEngine().release(channel));
        Device controller = channel.device().dev();
        CoherentBuffer memory =
                kernel.dma().allocCoherent(controller, 2 * BUFFER_BYTES, Gfp.KERNEL);
        device.devres().add("coherent memory", () -> kernel.dma().freeCoherent(controller, memory));
        device.devres().add("dma transfers", () -> Transfers.end(channel));
        MiscDevices.MiscDevice misc =
                kernel.misc()
                        .register(
                                MiscDevices.DYNAMIC_MINOR,
                                DEVICE_NAME,
                                new MmapFile(channel, memory));
        device.devres().add("misc device", misc::deregister);
        buffers = List.of(buffer("dma_src", memory, 0), buffer("dma_dst", memory, BUFFER_BYTES));
        channelName = channel.name();
        controllerName = controller.name();
        kernel.log()
                .devInfo(device, "%s ready, %s of %s", misc.path(), channelName, controllerName);
    }

    private Account.Buffer buffer(String name, CoherentBuffer memory, long offset) {
        long va = memory.va() + offset;
        long phys = kernel.machine().cpu().physOf(va);
        return new Account.Buffer(name, va, phys, memory.dma() + offset, BUFFER_BYTES);
    }

    /** What the device's file does. */
    private final class MmapFile implements FileOperations {
        private final Channel channel;
        private final CoherentBuffer memory;
        private final Completion done = new Completion(kernel.sched());
        private final Mutex mutex = new Mutex(kernel.sched(), "dma_mmap");

        private MmapFile(Channel channel, CoherentBuffer memory) {
            this.channel = channel;
            this.memory = memory;
        }

        @Override
        public void mmap(File file, Vma vma) {
            Device controller = channel.device().dev();
            kernel.dma().mmapCoherent(controller, vma, memory.va(), memory.dma(), memory.size());
        }

        @Override
        public long ioctl(File file, int command, long argument) {
            if (command != COPY) {
                return FileOperations.super.ioctl(file, command, argument);
            }
            mutex.lock();
            try {
                copy();
                return 0;
            } finally {
                mutex.unlock();
            }
        }

        private void copy() {
            Descriptor descriptor =
                    channel.prepMemcpy(
                            memory.dma() + BUFFER_BYTES,
                            memory.dma(),
                            BUFFER_BYTES,
                            PrepFlags.ACK | PrepFlags.INTERRUPT);
            done.reinit();
            descriptor.callback(done::complete);
            descriptor.submit();
            channel.issuePending();
            if (done.waitForTimeout(Jiffies.ofMillis(TIMEOUT_MS)) == 0) {
                Transfers.end(channel);
                throw new KernelException(Errno.ETIMEDOUT, "no completion in %d ms", TIMEOUT_MS);
            }
            kernel.log().info("dma_mmap: dma_src copied to dma_dst");
        }
    }
}
