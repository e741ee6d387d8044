package dmakit.labs.m2m;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.chardev.File;
import dmakit.kernel.chardev.FileOperations;
import dmakit.kernel.chardev.MiscDevices;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.OfMatch;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.device.PlatformDriver;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.ChannelFilter;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.mapping.StreamingMapping;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.sched.Jiffies;
import dmakit.kernel.sync.Completion;
import dmakit.kernel.sync.Mutex;
import dmakit.labs.Account;
import dmakit.labs.AccountText;
import dmakit.labs.Transfers;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A misc device with two buffers. What a process writes goes to {@code write_buf}; a DMA channel
 * copies it to {@code read_buf}; the two are compared; a read gives {@code read_buf} back.
 */
public final class M2mDriver implements PlatformDriver {
    /** What the driver binds to. */
    public static final String COMPATIBLE = "dmakit,lab-m2m";

    /** Name of the device under {@code /dev}. */
    public static final String DEVICE_NAME = "dma_m2m_misc_dev";

    /** Bytes of each buffer, and the most one write takes. */
    public static final int BUFFER_BYTES = 4096;

    private static final int TIMEOUT_MS = 3000;

    private final Kernel kernel;
    private List<Account.Buffer> lastBuffers = List.of();
    private String channelName = "";
    private String controllerName = "";

    /** Creates the driver of one kernel. */
    public M2mDriver(Kernel kernel) {
        this.kernel = kernel;
    }

    @Override
    public String name() {
        return "dma_m2m";
    }

    @Override
    public List<OfMatch> ofMatch() {
        return List.of(new OfMatch(COMPATIBLE));
    }

    /** The buffers of the last transfer, in all three address spaces. */
    public List<Account.Buffer> lastBuffers() {
        return lastBuffers;
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
        M2m m2m = new M2m(device, channel);
        device.devres().add("dma transfers", () -> Transfers.end(channel));
        MiscDevices.MiscDevice misc =
                kernel.misc().register(MiscDevices.DYNAMIC_MINOR, DEVICE_NAME, m2m);
        device.devres().add("misc device", misc::deregister);
        channelName = channel.name();
        controllerName = channel.device().dev().name();
        kernel.log()
                .devInfo(device, "%s ready, %s of %s", misc.path(), channelName, controllerName);
    }

    /** One device: its buffers, its channel, and what its file does. */
    private final class M2m implements FileOperations {
        private final Device device;
        private final Channel channel;
        private final DmaMapping dma = kernel.dma();
        private final Completion done = new Completion(kernel.sched());
        private final Mutex mutex = new Mutex(kernel.sched(), "dma_m2m");
        private final long writeBuf;
        private final long readBuf;
        private long length;

        private M2m(Device device, Channel channel) {
            this.device = device;
            this.channel = channel;
            writeBuf = allocate();
            readBuf = allocate();
        }

        private long allocate() {
            long va = kernel.mm().slab().kzalloc(BUFFER_BYTES, Gfp.KERNEL);
            device.devres().add("kzalloc", () -> kernel.mm().slab().kfree(va));
            return va;
        }

        @Override
        public long write(File file, long userVa, long bytes) {
            if (bytes == 0) {
                return 0;
            }
            if (bytes > BUFFER_BYTES) {
                kernel.log().devErr(device, "%d bytes do not fit in %d", bytes, BUFFER_BYTES);
                throw new KernelException(
                        Errno.EINVAL, "%d bytes, the buffer takes %d", bytes, BUFFER_BYTES);
            }
            mutex.lock();
            try {
                if (kernel.userAccess().copyFromUser(writeBuf, userVa, bytes) != 0) {
                    throw new KernelException(Errno.EFAULT, "bad address 0x%x", userVa);
                }
                copy(bytes);
                compare(bytes);
                length = bytes;
                return bytes;
            } finally {
                mutex.unlock();
            }
        }

        private void copy(long bytes) {
            Device controller = channel.device().dev();
            try (StreamingMapping source =
                            dma.map(controller, writeBuf, bytes, DmaDirection.TO_DEVICE);
                    StreamingMapping target =
                            dma.map(controller, readBuf, bytes, DmaDirection.FROM_DEVICE)) {
                lastBuffers =
                        List.of(
                                buffer("write_buf", writeBuf, source),
                                buffer("read_buf", readBuf, target));
                Descriptor descriptor =
                        channel.prepMemcpy(
                                target.dma(),
                                source.dma(),
                                bytes,
                                PrepFlags.ACK | PrepFlags.INTERRUPT);
                done.reinit();
                descriptor.callback(done::complete);
                descriptor.submit();
                channel.issuePending();
                if (done.waitForTimeout(Jiffies.ofMillis(TIMEOUT_MS)) == 0) {
                    Transfers.end(channel);
                    throw new KernelException(
                            Errno.ETIMEDOUT, "no completion in %d ms", TIMEOUT_MS);
                }
            }
        }

        private void compare(long bytes) {
            byte[] written = bytes(writeBuf, bytes);
            byte[] read = bytes(readBuf, bytes);
            for (int i = 0; i < bytes; i++) {
                if (written[i] != read[i]) {
                    kernel.log()
                            .devErr(
                                    device,
                                    "buffers differ at byte %d: wrote 0x%02x, read 0x%02x",
                                    i,
                                    written[i],
                                    read[i]);
                    throw new KernelException(Errno.EIO, "buffers differ at byte %d", i);
                }
            }
            kernel.log().devInfo(device, "%s copied: %s", AccountText.bytes(bytes), text(read));
        }

        @Override
        public long read(File file, long userVa, long bytes) {
            mutex.lock();
            try {
                long count = Math.min(bytes, length - file.position());
                if (count <= 0) {
                    return 0;
                }
                long from = readBuf + file.position();
                if (kernel.userAccess().copyToUser(userVa, from, count) != 0) {
                    throw new KernelException(Errno.EFAULT, "bad address 0x%x", userVa);
                }
                file.position(file.position() + count);
                return count;
            } finally {
                mutex.unlock();
            }
        }

        private byte[] bytes(long va, long count) {
            byte[] bytes = new byte[(int) count];
            kernel.machine().cpu().load(va, bytes, 0, bytes.length);
            return bytes;
        }

        private Account.Buffer buffer(String name, long va, StreamingMapping mapping) {
            long phys = kernel.machine().cpu().physOf(va);
            return new Account.Buffer(name, va, phys, mapping.dma(), mapping.size());
        }

        private static String text(byte[] bytes) {
            return new String(bytes, StandardCharsets.UTF_8).stripTrailing();
        }
    }
}
