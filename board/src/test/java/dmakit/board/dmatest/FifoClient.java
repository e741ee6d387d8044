package dmakit.board.dmatest;

import dmakit.datasheet.fifo.LoopbackFifoRegister;
import dmakit.datasheet.fifo.LoopbackFifoRegister.Ctrl;
import dmakit.datasheet.fifo.LoopbackFifoRegister.Watermark;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.OfMatch;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.device.PlatformDriver;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.BusWidth;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.SlaveConfig;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.machine.random.Rng;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sends lists of pieces, or a ring, through a FIFO that gives back what it gets. It is the FIFO's
 * driver: its channels come and go with the device.
 */
final class FifoClient extends MovingClient implements PlatformDriver {
    private static final int BURST_WORDS = 4;
    private static final int BURST_BYTES = 4 * BURST_WORDS;
    private static final int RATE = 8_000_000;
    private static final int PIECES_MAX = 6;
    private static final int PIECE_BURSTS_MAX = 64;

    /** What the line takes longer for than a driver for the next piece: the line does not wait. */
    private static final int PIECE_BURSTS_MIN = 8;

    private static final int PERIODS = 4;

    /** What the line takes longer for than the CPU for a callback. */
    private static final int PERIOD_BURSTS_MIN = 64;

    private static final int FLAGS = PrepFlags.ACK | PrepFlags.INTERRUPT;

    private final boolean ring;
    private @Nullable PlatformDevice fifo;
    private long registers;
    private List<Channel> channels = List.of();
    private long sent;
    private long received;
    private int length;

    FifoClient(Kernel kernel, boolean ring) {
        super(kernel);
        this.ring = ring;
    }

    @Override
    public String name() {
        return "test-fifo";
    }

    @Override
    public List<OfMatch> ofMatch() {
        return List.of(new OfMatch("dmakit,loopback-fifo"));
    }

    @Override
    public void probe(PlatformDevice platform) {
        fifo = platform;
        var device = platform.device();
        var io = kernel.mm().io();
        registers = io.ioremap(platform.memory(0).start(), LoopbackFifoRegister.SIZE);
        device.devres().add("ioremap", () -> io.iounmap(registers));
        long data = platform.memory(0).start() + LoopbackFifoRegister.DATA.offset();
        Channel tx = kernel.dmaEngine().devmRequestChan(device, "tx");
        Channel rx = kernel.dmaEngine().devmRequestChan(device, "rx");
        tx.slaveConfig(SlaveConfig.toDevice(data, BusWidth.BYTES_4, BURST_WORDS));
        rx.slaveConfig(SlaveConfig.fromDevice(data, BusWidth.BYTES_4, BURST_WORDS));
        channels = List.of(tx, rx);
        writel(LoopbackFifoRegister.RATE, RATE);
        writel(
                LoopbackFifoRegister.WATERMARK,
                Watermark.RX.of(BURST_WORDS)
                        | Watermark.TX.of(LoopbackFifoRegister.DEPTH_WORDS - BURST_WORDS));
    }

    @Override
    public void remove(PlatformDevice platform) {
        quiet();
        channels.forEach(Channel::terminateSync);
        unmap();
        channels = List.of();
        fifo = null;
    }

    /** Its device, which stays when it leaves it. */
    PlatformDevice device() {
        return kernel.platform().devices().stream()
                .filter(each -> each.name().endsWith(".fifo"))
                .findFirst()
                .orElseThrow();
    }

    @Override
    void request() {
        if (kernel.platform().drivers().contains(this)) {
            kernel.platform().attach(device());
        } else {
            kernel.platform().register(this);
        }
    }

    @Override
    List<Channel> channels() {
        return channels;
    }

    @Override
    void start(Rng rng) {
        writel(LoopbackFifoRegister.CTRL, Ctrl.CLEAR.mask());
        sent = buffer();
        received = buffer();
        store(sent, anyBytes(rng, BUFFER_BYTES));
        store(received, new byte[BUFFER_BYTES]);
        Channel tx = channels.getFirst();
        Channel rx = channels.getLast();
        long outDma = map(tx, sent, DmaDirection.TO_DEVICE);
        long inDma = map(rx, received, DmaDirection.BIDIRECTIONAL);
        Descriptor in;
        Descriptor out;
        if (ring) {
            int period = (PERIOD_BURSTS_MIN + rng.nextInt(PIECE_BURSTS_MAX)) * BURST_BYTES;
            length = PERIODS * period;
            out = tx.prepCyclic(outDma, length, period, TransferDirection.MEM_TO_DEV, FLAGS);
            in = rx.prepCyclic(inDma, length, period, TransferDirection.DEV_TO_MEM, FLAGS);
        } else {
            int pieces = 1 + rng.nextInt(PIECES_MAX);
            Scatterlist outList = new Scatterlist(pieces);
            Scatterlist inList = new Scatterlist(pieces);
            length = 0;
            for (int i = 0; i < pieces; i++) {
                int bytes = (PIECE_BURSTS_MIN + rng.nextInt(PIECE_BURSTS_MAX)) * BURST_BYTES;
                outList.setDma(i, outDma + length, bytes);
                inList.setDma(i, inDma + length, bytes);
                length += bytes;
            }
            out = tx.prepSlaveSg(outList, pieces, TransferDirection.MEM_TO_DEV, FLAGS);
            in = rx.prepSlaveSg(inList, pieces, TransferDirection.DEV_TO_MEM, FLAGS);
        }
        submit(in);
        submit(out);
        rx.issuePending();
        tx.issuePending();
        goOn();
    }

    @Override
    void hold() {
        writel(LoopbackFifoRegister.CTRL, 0);
    }

    @Override
    void goOn() {
        writel(
                LoopbackFifoRegister.CTRL,
                Ctrl.ENABLE.mask()
                        | Ctrl.LOOP.mask()
                        | Ctrl.TX_REQ_EN.mask()
                        | Ctrl.RX_REQ_EN.mask());
    }

    /** A ring is done when it has gone around. */
    @Override
    boolean isDone() {
        return ring ? callbacks() > 2 * PERIODS : super.isDone();
    }

    @Override
    boolean isMoved() {
        return Arrays.equals(load(sent, length), load(received, length));
    }

    @Override
    void quiet() {
        if (fifo != null) {
            writel(LoopbackFifoRegister.CTRL, Ctrl.CLEAR.mask());
        }
    }

    @Override
    void release() {
        kernel.platform().unbind(device());
    }

    private void writel(LoopbackFifoRegister register, int value) {
        cpu.barrier();
        cpu.store32(registers + register.offset(), value);
    }
}
