package dmakit.board.axidmac;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.sched.Jiffies;
import dmakit.kernel.sync.Completion;
import dmakit.machine.Machine;
import dmakit.machine.random.Rng;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A booted board with three AXI-DMACs, two of them joined by a stream, and their client. */
final class AxiDmacRig implements AutoCloseable {
    static final String CLIENT = "adi-dmac-test";
    static final String TX = "a0040000.dma-controller";
    static final String RX = "a0050000.dma-controller";

    /** Has the pair read descriptors for itself. */
    static final String SCATTER_GATHER =
            "&adi_dmac_tx { dmakit,scatter-gather; }; &adi_dmac_rx { dmakit,scatter-gather; };";

    private static final long WAIT_MS = 20;

    final List<String> log = new ArrayList<>();
    final Simulation simulation;
    final Kernel kernel;

    AxiDmacRig() {
        this("zynqmp", "", "");
    }

    /**
     * Boots.
     *
     * @param overlay what differs on the board; empty for nothing
     */
    AxiDmacRig(String board, String overlay, String commandLine) {
        Board plain = Board.of(board);
        Board wanted =
                overlay.isEmpty()
                        ? plain
                        : plain.withOverlay("/dts-v1/; /plugin/; " + overlay, "test.dtso");
        // Caches that write back and refill whenever they like find every sync that is missing.
        var options =
                new Simulation.Options(1, Optional.of(new Machine.Cache.Adversary()), commandLine);
        simulation = Simulation.boot(wanted, options, List.of(), log::add);
        kernel = simulation.kernel();
        kernel.findings().enable();
    }

    void run(Runnable body) {
        kernel.run("test", body);
    }

    PlatformDevice device(String name) {
        return kernel.platform().device(name).orElseThrow();
    }

    /** One of {@code tx}, {@code rx} and {@code copy}. */
    Channel channel(String name) {
        return kernel.dmaEngine().requestChan(device(CLIENT).device(), name);
    }

    void release(Channel... channels) {
        for (Channel channel : channels) {
            kernel.dmaEngine().release(channel);
        }
    }

    boolean said(String line) {
        return log.stream().anyMatch(each -> each.contains(line));
    }

    // Memory.

    long buffer(int bytes) {
        return kernel.mm().slab().kmalloc(bytes, Gfp.KERNEL);
    }

    long buffer(byte[] content) {
        long va = buffer(content.length);
        kernel.machine().cpu().store(va, content, 0, content.length);
        return va;
    }

    byte[] load(long va, int bytes) {
        byte[] content = new byte[bytes];
        kernel.machine().cpu().load(va, content, 0, bytes);
        return content;
    }

    void free(long va) {
        kernel.mm().slab().kfree(va);
    }

    long map(Channel channel, long va, long bytes, DmaDirection direction) {
        return kernel.dma().mapSingle(channel.device().dev(), va, bytes, direction);
    }

    void unmap(Channel channel, long dma, long bytes, DmaDirection direction) {
        kernel.dma().unmapSingle(channel.device().dev(), dma, bytes, direction);
    }

    static byte[] bytes(int count, long seed) {
        Rng rng = Rng.named(seed, "bytes");
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) rng.nextInt(256);
        }
        return bytes;
    }

    // Transfers.

    Completion completion() {
        return new Completion(kernel.sched());
    }

    boolean comes(Completion completion) {
        return completion.waitForTimeout(Jiffies.ofMillis(WAIT_MS)) != 0;
    }

    /** Submits, issues and says what will tell of the end. */
    Completion start(Descriptor desc) {
        Completion done = completion();
        desc.callback(done::complete).submit();
        desc.channel().issuePending();
        return done;
    }

    void pause(int micros) {
        kernel.sched().usleepRange(micros, micros);
    }

    @Override
    public void close() {
        simulation.close();
    }
}
