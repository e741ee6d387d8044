package dmakit.board.xdmac;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.datasheet.fifo.LoopbackFifoRegister;
import dmakit.datasheet.fifo.LoopbackFifoRegister.Ctrl;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.BusWidth;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.SlaveConfig;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.PageAllocator;
import dmakit.kernel.sched.Jiffies;
import dmakit.kernel.sync.Completion;
import dmakit.machine.Machine;
import dmakit.machine.bus.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Board {@code lan9691}, booted, and what tests of its controller do over and over. */
final class XdmacSystem implements AutoCloseable {
    static final long FIFO_PHYS = 0xe007_8000L;
    static final int BURST_WORDS = 8;

    private static final long DATA = FIFO_PHYS + LoopbackFifoRegister.DATA.offset();
    private static final int TIMEOUT_MS = 3000;

    final List<String> log = new ArrayList<>();
    final Simulation simulation;
    final Kernel kernel;

    XdmacSystem() {
        this("");
    }

    XdmacSystem(String commandLine) {
        this(Board.of("lan9691"), commandLine);
    }

    XdmacSystem(Board board, String commandLine) {
        // Caches that write back and refill whenever they like find every sync that is missing.
        var options =
                new Simulation.Options(1, Optional.of(new Machine.Cache.Adversary()), commandLine);
        simulation = Simulation.boot(board, options, List.of(), log::add);
        kernel = simulation.kernel();
    }

    void run(Runnable body) {
        kernel.run("test", body);
    }

    Device controller() {
        return device("e0068000.dma-controller").device();
    }

    PlatformDevice device(String name) {
        return kernel.platform().device(name).orElseThrow();
    }

    Channel channel(TransactionType type) {
        return kernel.dmaEngine().requestChanByMask(Capabilities.of(type));
    }

    Channel tx() {
        Channel tx = kernel.dmaEngine().requestChan(device("e0078000.fifo").device(), "tx");
        tx.slaveConfig(SlaveConfig.toDevice(DATA, BusWidth.BYTES_4, BURST_WORDS));
        return tx;
    }

    Channel rx() {
        Channel rx = kernel.dmaEngine().requestChan(device("e0078000.fifo").device(), "rx");
        rx.slaveConfig(SlaveConfig.fromDevice(DATA, BusWidth.BYTES_4, BURST_WORDS));
        return rx;
    }

    void runLine(int rate, Ctrl... more) {
        int control = Ctrl.ENABLE.mask() | Ctrl.TX_REQ_EN.mask() | Ctrl.RX_REQ_EN.mask();
        for (Ctrl bit : more) {
            control |= bit.mask();
        }
        fifo(LoopbackFifoRegister.RATE, rate);
        fifo(LoopbackFifoRegister.WATERMARK, BURST_WORDS << 16 | 64 - BURST_WORDS);
        fifo(LoopbackFifoRegister.CTRL, control);
    }

    void fifo(LoopbackFifoRegister register, int value) {
        fifo().write(register.offset(), 4, value);
    }

    int fifo(LoopbackFifoRegister register) {
        return (int) fifo().read(register.offset(), 4);
    }

    private Target fifo() {
        return Objects.requireNonNull(simulation.machine().bus().rangeAt(FIFO_PHYS)).target();
    }

    /** Submits, issues and waits for the callback. */
    void complete(Channel channel, Descriptor desc) {
        Completion done = new Completion(kernel.sched());
        desc.callback(done::complete).submit();
        channel.issuePending();
        if (done.waitForTimeout(Jiffies.ofMillis(TIMEOUT_MS)) == 0) {
            throw new AssertionError("no completion in " + TIMEOUT_MS + " ms: " + log);
        }
    }

    void await(BooleanSupplier condition) {
        for (int i = 0; !condition.getAsBoolean(); i++) {
            if (i == 100_000) {
                throw new AssertionError("nothing came of it: " + log);
            }
            kernel.sched().usleepRange(5, 5);
        }
    }

    long buffer(long bytes) {
        return kernel.mm().pages().getFreePages(Gfp.KERNEL, PageAllocator.orderFor(bytes));
    }

    void store(long va, byte[] bytes) {
        kernel.machine().cpu().store(va, bytes, 0, bytes.length);
    }

    byte[] load(long va, int bytes) {
        byte[] into = new byte[bytes];
        kernel.machine().cpu().load(va, into, 0, bytes);
        return into;
    }

    long map(Channel channel, long va, long bytes, DmaDirection direction) {
        return kernel.dma().mapSingle(channel.device().dev(), va, bytes, direction);
    }

    void unmap(Channel channel, long dma, long bytes, DmaDirection direction) {
        kernel.dma().unmapSingle(channel.device().dev(), dma, bytes, direction);
    }

    void unbind() {
        kernel.platform().unbind(device("e0068000.dma-controller"));
    }

    static byte[] bytes(int length, int seed) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) ((i * 31 + seed) ^ (i >>> 8));
        }
        return bytes;
    }

    @Override
    public void close() {
        simulation.close();
    }
}
