package dmakit.board.pl330;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.datasheet.fifo.LoopbackFifoRegister;
import dmakit.datasheet.fifo.LoopbackFifoRegister.Ctrl;
import dmakit.datasheet.fifo.LoopbackFifoRegister.Watermark;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.BusWidth;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.SlaveConfig;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.PageAllocator;
import dmakit.kernel.sched.Jiffies;
import dmakit.kernel.sync.Completion;
import dmakit.machine.Machine;
import dmakit.machine.bus.Target;
import dmakit.machine.random.Rng;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Board {@code stratix10}, booted, and what tests of its controller do over and over. */
final class Pl330System implements AutoCloseable {
    static final int FLAGS = PrepFlags.INTERRUPT | PrepFlags.ACK;
    static final long FIFO_PHYS = 0xf900_0100L;
    static final long DATA = FIFO_PHYS + LoopbackFifoRegister.DATA.offset();
    static final String CONTROLLER = "ffda0000.dma-controller";
    static final String LOG = "dma-pl330 " + CONTROLLER + ": ";

    private static final int TIMEOUT_MS = 3000;

    final List<String> log = new ArrayList<>();
    final Simulation simulation;
    final Kernel kernel;

    Pl330System() {
        this(Board.of("stratix10"), "");
    }

    Pl330System(Board board, String commandLine) {
        // Caches that write back and refill whenever they like find every sync that is missing.
        var options =
                new Simulation.Options(1, Optional.of(new Machine.Cache.Adversary()), commandLine);
        simulation = Simulation.boot(board, options, List.of(), log::add);
        kernel = simulation.kernel();
    }

    void run(Runnable body) {
        kernel.run("test", body);
    }

    PlatformDevice device(String name) {
        return kernel.platform().device(name).orElseThrow();
    }

    boolean said(String line) {
        return log.stream().anyMatch(each -> each.contains(line));
    }

    // Channels.

    Channel copier() {
        return tryCopier().orElseThrow();
    }

    /** A free channel of the PL330: the board has another controller as well. */
    Optional<Channel> tryCopier() {
        return kernel.dmaEngine()
                .requestChannel(
                        Capabilities.of(TransactionType.MEMCPY),
                        channel -> channel.device().dev().name().equals(CONTROLLER));
    }

    Channel tx(int burstWords) {
        Channel tx = request("tx");
        tx.slaveConfig(SlaveConfig.toDevice(DATA, BusWidth.BYTES_4, burstWords));
        return tx;
    }

    Channel rx(int burstWords) {
        Channel rx = request("rx");
        rx.slaveConfig(SlaveConfig.fromDevice(DATA, BusWidth.BYTES_4, burstWords));
        return rx;
    }

    private Channel request(String name) {
        return kernel.dmaEngine().requestChan(device("f9000100.fifo").device(), name);
    }

    void release(Channel... channels) {
        for (Channel channel : channels) {
            kernel.dmaEngine().release(channel);
        }
    }

    /** Submits, issues and waits for the callback; false when it does not come in time. */
    boolean finishes(Descriptor desc) {
        return finishes(desc, TIMEOUT_MS);
    }

    boolean finishes(Descriptor desc, int timeoutMs) {
        Completion done = new Completion(kernel.sched());
        desc.callback(done::complete).submit();
        desc.channel().issuePending();
        return done.waitForTimeout(Jiffies.ofMillis(timeoutMs)) != 0;
    }

    // Memory.

    long buffer(long bytes) {
        return kernel.mm().pages().getFreePages(Gfp.KERNEL, PageAllocator.orderFor(bytes));
    }

    void free(long va, long bytes) {
        kernel.mm().pages().freePagesAt(va, PageAllocator.orderFor(bytes));
    }

    long map(Channel channel, long va, long bytes, DmaDirection direction) {
        return kernel.dma().mapSingle(dev(channel), va, bytes, direction);
    }

    void unmap(Channel channel, long dma, long bytes, DmaDirection direction) {
        kernel.dma().unmapSingle(dev(channel), dma, bytes, direction);
    }

    static Device dev(Channel channel) {
        return Objects.requireNonNull(channel.device().dev());
    }

    void store(long va, byte[] bytes) {
        kernel.machine().cpu().store(va, bytes, 0, bytes.length);
    }

    byte[] load(long va, int bytes) {
        byte[] into = new byte[bytes];
        kernel.machine().cpu().load(va, into, 0, bytes);
        return into;
    }

    static byte[] bytes(int count, long seed) {
        Rng rng = Rng.named(seed, "bytes");
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) rng.nextInt(256);
        }
        return bytes;
    }

    // The FIFO.

    /** Starts the FIFO's line. */
    void loop(int bytesPerSecond, int burstWords) {
        fifo(LoopbackFifoRegister.RATE, bytesPerSecond);
        fifo(
                LoopbackFifoRegister.WATERMARK,
                Watermark.RX.of(burstWords)
                        | Watermark.TX.of(LoopbackFifoRegister.DEPTH_WORDS - burstWords));
        fifo(
                LoopbackFifoRegister.CTRL,
                Ctrl.ENABLE.mask()
                        | Ctrl.TX_REQ_EN.mask()
                        | Ctrl.RX_REQ_EN.mask()
                        | Ctrl.LOOP.mask());
    }

    /** Lets the FIFO's line bring 0, 1, 2 and so on by itself. */
    void source(int bytesPerSecond, int burstWords) {
        fifo(LoopbackFifoRegister.RATE, bytesPerSecond);
        fifo(LoopbackFifoRegister.WATERMARK, Watermark.RX.of(burstWords));
        fifo(
                LoopbackFifoRegister.CTRL,
                Ctrl.ENABLE.mask() | Ctrl.RX_REQ_EN.mask() | Ctrl.SOURCE.mask());
    }

    void fifo(LoopbackFifoRegister register, int value) {
        target().write(register.offset(), 4, value & 0xffff_ffffL);
    }

    int fifo(LoopbackFifoRegister register) {
        return (int) target().read(register.offset(), 4);
    }

    private Target target() {
        return simulation.machine().bus().rangeAt(FIFO_PHYS).target();
    }

    @Override
    public void close() {
        simulation.close();
    }
}
