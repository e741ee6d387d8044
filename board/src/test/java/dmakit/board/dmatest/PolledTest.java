package dmakit.board.dmatest;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.board.Simulation;
import dmakit.board.dmatest.TestedController.Caches;
import dmakit.board.dmatest.TestedController.Way;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.DmaStatus;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.module.BuiltInModule;
import dmakit.machine.random.Rng;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whoever asks whether a transfer is complete, and waits for no callback, is told of each. */
class PolledTest {
    private static final long SEED = 1;
    private static final int COPIES = 20;
    private static final int BYTES_MAX = 16384;

    record Cell(TestedController controller, Way way) {}

    static List<Cell> cells() {
        List<Cell> cells = new ArrayList<>();
        for (TestedController controller : TestedController.values()) {
            for (Way way : Way.values()) {
                cells.add(new Cell(controller, way));
            }
        }
        return cells;
    }

    /** {@code dma_sync_wait}, with and without the wish for an interrupt. */
    @ParameterizedTest
    @MethodSource("cells")
    void aWaitEndsWithItsTransfer(Cell cell) {
        try (Simulation simulation = boot(cell, new ArrayList<>())) {
            Kernel kernel = simulation.kernel();
            kernel.run("client", () -> copies(kernel, cell));
            assertThat(kernel.findings().all()).isEmpty();
        }
    }

    /** dmatest with {@code polled=1}. */
    @ParameterizedTest
    @MethodSource("cells")
    void everyTestPasses(Cell cell) {
        List<String> log = new ArrayList<>();
        try (Simulation simulation = boot(cell, log)) {
            Kernel kernel = simulation.kernel();
            BuiltInModule module = kernel.dmatest().module();
            kernel.run(
                    "sh",
                    () -> {
                        module.set("device", cell.controller().device());
                        module.set("polled", "1");
                        module.set("iterations", "4");
                        module.set("channel", "");
                        module.set("run", "1");
                        module.get("wait");
                        module.get("run");
                    });
            assertThat(log)
                    .filteredOn(line -> line.contains("summary"))
                    .isNotEmpty()
                    .allMatch(line -> line.contains("summary 4 tests, 0 failures"));
            assertThat(kernel.findings().all()).isEmpty();
        }
    }

    private static Simulation boot(Cell cell, List<String> log) {
        Simulation simulation = cell.controller().boot(cell.way(), Caches.SNOOPED, SEED, log);
        simulation.kernel().findings().enable();
        return simulation;
    }

    private static void copies(Kernel kernel, Cell cell) {
        var cpu = kernel.machine().cpu();
        Rng rng = Rng.named(SEED, cell.toString());
        Channel channel =
                kernel.dmaEngine()
                        .requestChannel(
                                Capabilities.of(TransactionType.MEMCPY),
                                each ->
                                        each.device()
                                                .dev()
                                                .name()
                                                .equals(cell.controller().device()))
                        .orElseThrow();
        var device = channel.device().dev();
        long source = kernel.mm().slab().kmalloc(BYTES_MAX, Gfp.KERNEL);
        long destination = kernel.mm().slab().kmalloc(BYTES_MAX, Gfp.KERNEL);
        for (int i = 0; i < COPIES; i++) {
            int lg2 = channel.device().lg2CopyAlign();
            int bytes = Math.max(rng.nextInt(BYTES_MAX) >> lg2 << lg2, 1 << lg2);
            cpu.fill(source, bytes, (byte) i);
            cpu.fill(destination, bytes, (byte) ~i);
            long from = kernel.dma().mapSingle(device, source, bytes, DmaDirection.TO_DEVICE);
            long to = kernel.dma().mapSingle(device, destination, bytes, DmaDirection.FROM_DEVICE);
            assertThat(kernel.dma().mappingError(device, from)).isFalse();
            assertThat(kernel.dma().mappingError(device, to)).isFalse();
            int flags = rng.oneIn(2) ? PrepFlags.ACK : PrepFlags.ACK | PrepFlags.INTERRUPT;
            int cookie = channel.prepMemcpy(to, from, bytes, flags).submit();
            assertThat(channel.syncWait(cookie)).as("copy %d", i).isEqualTo(DmaStatus.COMPLETE);
            kernel.dma().unmapSingle(device, to, bytes, DmaDirection.FROM_DEVICE);
            kernel.dma().unmapSingle(device, from, bytes, DmaDirection.TO_DEVICE);
            byte[] copied = new byte[bytes];
            cpu.load(destination, copied, 0, bytes);
            assertThat(copied).as("copy %d", i).containsOnly((byte) i);
        }
        kernel.dmaEngine().release(channel);
        kernel.mm().slab().kfree(source);
        kernel.mm().slab().kfree(destination);
    }
}
