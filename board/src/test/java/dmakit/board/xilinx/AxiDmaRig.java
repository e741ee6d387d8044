package dmakit.board.xilinx;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.sync.Completion;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** A booted board with an AXI DMA whose stream comes back to it, and the client that uses it. */
final class AxiDmaRig implements AutoCloseable {
    static final String CLIENT = "axidmatest";
    static final String CONTROLLER = "a0020000.dma";
    static final long WAIT_MS = 20;

    final Simulation simulation;
    final Kernel kernel;

    AxiDmaRig(String board, String commandLine) {
        this(Board.of(board), commandLine);
    }

    AxiDmaRig(Board board, String commandLine) {
        simulation =
                Simulation.boot(board, new Simulation.Options(1, Optional.empty(), commandLine));
        kernel = simulation.kernel();
        kernel.findings().enable();
    }

    void run(Runnable body) {
        kernel.run("test", body);
    }

    PlatformDevice device(String name) {
        return kernel.platform().device(name).orElseThrow();
    }

    Channel tx() {
        return kernel.dmaEngine().requestChan(device(CLIENT).device(), "axidma0");
    }

    Channel rx() {
        return kernel.dmaEngine().requestChan(device(CLIENT).device(), "axidma1");
    }

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

    void release(Channel channel) {
        kernel.dmaEngine().release(channel);
    }

    Completion completion() {
        return new Completion(kernel.sched());
    }

    List<String> log() {
        return kernel.log().buffer().records().stream().map(record -> record.text()).toList();
    }

    static byte[] bytes(int count, long seed) {
        byte[] bytes = new byte[count];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    @Override
    public void close() {
        simulation.close();
    }
}
