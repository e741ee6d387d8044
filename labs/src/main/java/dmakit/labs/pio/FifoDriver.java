package dmakit.labs.pio;

import dmakit.datasheet.fifo.LoopbackFifoRegister;
import dmakit.datasheet.fifo.LoopbackFifoRegister.Ctrl;
import dmakit.datasheet.fifo.LoopbackFifoRegister.Status;
import dmakit.datasheet.fifo.LoopbackFifoRegister.Watermark;
import dmakit.devicetree.address.AddressRange;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.OfMatch;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.device.PlatformDriver;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.BusWidth;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.DmaStatus;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.SlaveConfig;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.mapping.StreamingMapping;
import dmakit.kernel.sched.Jiffies;
import dmakit.kernel.sync.Completion;
import dmakit.labs.measure.Sizes;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.cpu.Purpose;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The driver of a FIFO that sends back what it is sent, as a bus like SPI does: every word that
 * goes out brings one in. It knows three ways to move the words.
 */
final class FifoDriver implements PlatformDriver {
    static final String COMPATIBLE = "dmakit,loopback-fifo";

    /** A request of the device asks for so many words, and transfers are multiples of it. */
    static final int BURST_WORDS = 4;

    static final int WORD_BYTES = 4;

    private static final int DEPTH = LoopbackFifoRegister.DEPTH_WORDS;
    private static final int RUN = Ctrl.ENABLE.mask() | Ctrl.LOOP.mask();
    private static final int REQUESTS = Ctrl.TX_REQ_EN.mask() | Ctrl.RX_REQ_EN.mask();

    /** Looks in a row at a device that does nothing; at the least rate it takes 4 us a word. */
    private static final int LOOKS_IN_VAIN_MAX = 1_000;

    private static final int TIMEOUT_MS = 10_000;

    private final Kernel kernel;
    private final Cpu cpu;
    private final int lineRate;
    private final Completion received;
    private @Nullable Fifo fifo;

    /**
     * Creates the driver of one kernel.
     *
     * @param lineRate what the device moves, in bytes per second
     */
    FifoDriver(Kernel kernel, int lineRate) {
        this.kernel = kernel;
        this.lineRate = lineRate;
        cpu = kernel.machine().cpu();
        received = new Completion(kernel.sched());
    }

    @Override
    public String name() {
        return "loopback-fifo";
    }

    @Override
    public List<OfMatch> ofMatch() {
        return List.of(new OfMatch(COMPATIBLE));
    }

    @Override
    public void probe(PlatformDevice platform) {
        fifo = new Fifo(platform);
    }

    /**
     * Sends bytes, and receives as many.
     *
     * @param bytes whole bursts of {@link #BURST_WORDS} words
     * @throws KernelException ENODEV without a device; ETIMEDOUT when it does not send them back
     */
    void exchange(Method method, long outVa, long inVa, int bytes) {
        Fifo device = device();
        if (method == Method.PIO) {
            device.byLoadsAndStores(outVa, inVa, bytes / WORD_BYTES);
        } else {
            device.byDma(outVa, inVa, bytes, method == Method.DMA_POLLING);
        }
    }

    /**
     * Checks that the device lost nothing so far.
     *
     * @throws KernelException EIO when it did
     */
    void checkLosses() {
        device().checkLosses();
    }

    /** In how many pieces so many bytes go. */
    int pieces(Method method, int bytes) {
        return method == Method.PIO ? 1 : Math.ceilDiv(bytes, device().pieceMax);
    }

    private Fifo device() {
        Fifo device = fifo;
        if (device == null) {
            throw new KernelException(Errno.ENODEV, "no loopback FIFO has a driver");
        }
        return device;
    }

    private final class Fifo {
        private final long registers;
        private final Channel tx;
        private final Channel rx;
        private final int pieceMax;

        Fifo(PlatformDevice platform) {
            Device device = platform.device();
            AddressRange range = platform.memory(0);
            registers = kernel.mm().io().ioremap(range.start(), range.size());
            device.devres().add("ioremap", () -> kernel.mm().io().iounmap(registers));
            long data = range.start() + LoopbackFifoRegister.DATA.offset();
            tx = kernel.dmaEngine().devmRequestChan(device, "tx");
            tx.slaveConfig(SlaveConfig.toDevice(data, BusWidth.BYTES_4, BURST_WORDS));
            rx = kernel.dmaEngine().devmRequestChan(device, "rx");
            rx.slaveConfig(SlaveConfig.fromDevice(data, BusWidth.BYTES_4, BURST_WORDS));
            pieceMax = Math.min(mappingMax(tx), mappingMax(rx));
            writel(LoopbackFifoRegister.RATE, lineRate);
            writel(
                    LoopbackFifoRegister.WATERMARK,
                    Watermark.RX.of(BURST_WORDS) | Watermark.TX.of(DEPTH - BURST_WORDS));
            writel(LoopbackFifoRegister.CTRL, RUN);
        }

        private int mappingMax(Channel channel) {
            long most = kernel.dma().maxMappingSize(channel.device().dev());
            return (int) Math.min(most, Sizes.MAX) / Sizes.STEP * Sizes.STEP;
        }

        /** No more words are under way than the receive FIFO holds: the line does not wait. */
        private void byLoadsAndStores(long outVa, long inVa, int words) {
            Purpose before = cpu.begin(Purpose.WORDS);
            try {
                int sent = 0;
                int arrived = 0;
                for (int looks = 0; arrived < words; looks++) {
                    int status = read(LoopbackFifoRegister.STATUS);
                    int ready = Status.RX_LEVEL.get(status);
                    int room = DEPTH - Status.TX_LEVEL.get(status);
                    for (int i = 0; i < ready; i++, arrived++) {
                        cpu.store32(inVa + (long) arrived * WORD_BYTES, readData());
                    }
                    int more = Math.min(Math.min(room, DEPTH - (sent - arrived)), words - sent);
                    for (int i = 0; i < more; i++, sent++) {
                        writeData(cpu.load32(outVa + (long) sent * WORD_BYTES));
                    }
                    looks = ready + more > 0 ? 0 : looks;
                    if (looks == LOOKS_IN_VAIN_MAX) {
                        throw new KernelException(
                                Errno.ETIMEDOUT, "%d of %d words came back", arrived, words);
                    }
                }
            } finally {
                cpu.end(before);
            }
        }

        /** In pieces where bounce buffers limit what can be mapped at once. */
        private void byDma(long outVa, long inVa, int bytes, boolean polls) {
            for (int at = 0; at < bytes; at += pieceMax) {
                pieceByDma(outVa + at, inVa + at, Math.min(pieceMax, bytes - at), polls);
            }
        }

        private void pieceByDma(long outVa, long inVa, int bytes, boolean polls) {
            try (StreamingMapping out =
                            kernel.dma()
                                    .map(tx.device().dev(), outVa, bytes, DmaDirection.TO_DEVICE);
                    StreamingMapping in =
                            kernel.dma()
                                    .map(
                                            rx.device().dev(),
                                            inVa,
                                            bytes,
                                            DmaDirection.FROM_DEVICE)) {
                int flags = polls ? PrepFlags.ACK : PrepFlags.ACK | PrepFlags.INTERRUPT;
                Descriptor receive =
                        rx.prepSlaveSingle(in.dma(), bytes, TransferDirection.DEV_TO_MEM, flags);
                if (!polls) {
                    received.reinit();
                    receive.callback(received::complete);
                }
                int cookie = receive.submit();
                tx.prepSlaveSingle(out.dma(), bytes, TransferDirection.MEM_TO_DEV, PrepFlags.ACK)
                        .submit();
                rx.issuePending();
                tx.issuePending();
                writel(LoopbackFifoRegister.CTRL, RUN | REQUESTS);
                boolean arrived = polls ? poll(cookie) : sleep();
                writel(LoopbackFifoRegister.CTRL, RUN);
                if (!arrived) {
                    tx.terminateSync();
                    rx.terminateSync();
                    throw new KernelException(Errno.ETIMEDOUT, "%d bytes did not arrive", bytes);
                }
            }
        }

        private boolean poll(int cookie) {
            return rx.syncWait(cookie) == DmaStatus.COMPLETE;
        }

        private boolean sleep() {
            return received.waitForTimeout(Jiffies.ofMillis(TIMEOUT_MS)) != 0;
        }

        private void checkLosses() {
            int txLost = read(LoopbackFifoRegister.TX_OVERRUNS);
            int rxLost = read(LoopbackFifoRegister.RX_OVERRUNS);
            int rxMissed = read(LoopbackFifoRegister.RX_UNDERRUNS);
            if ((txLost | rxLost | rxMissed) != 0) {
                throw new KernelException(
                        Errno.EIO,
                        "the FIFO lost %d words sent and %d received; %d loads found none",
                        txLost,
                        rxLost,
                        rxMissed);
            }
        }

        // As readsl() and writesl(), no barriers: nothing but the FIFO is looked at in between.

        private int readData() {
            return read(LoopbackFifoRegister.DATA);
        }

        private void writeData(int word) {
            cpu.store32(registers + LoopbackFifoRegister.DATA.offset(), word);
        }

        private int read(LoopbackFifoRegister register) {
            return cpu.load32(registers + register.offset());
        }

        /** What was stored to memory before is there when the device sees this. */
        private void writel(LoopbackFifoRegister register, int value) {
            cpu.barrier();
            cpu.store32(registers + register.offset(), value);
        }
    }
}
