package dmakit.board.dmatest;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.board.Simulation;
import dmakit.board.dmatest.TestedController.Caches;
import dmakit.board.dmatest.TestedController.Way;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.check.Finding;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.mapping.OwnershipViolation;
import dmakit.kernel.module.BuiltInModule;
import dmakit.machine.random.Rng;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A controller's driver leaves at any moment while dmatest uses its channels. */
class RemovedUnderTestTest {
    private static final long SEED = 1;
    private static final int ROUNDS = 4;

    /** Checks see each access of a chip, which takes long. */
    private static final int CHECKED_ROUNDS = 2;

    private static final long MOMENT_PS_MAX = 200_000_000;
    private static final int LATER_MS = 20;

    record Cell(TestedController controller, Way way, boolean checked) {}

    static List<Cell> cells() {
        List<Cell> cells = new ArrayList<>();
        for (TestedController controller : TestedController.values()) {
            for (Way way : Way.values()) {
                cells.add(new Cell(controller, way, false));
                cells.add(new Cell(controller, way, true));
            }
        }
        return cells;
    }

    /** What dmatest has mapped is still mapped then, which is told of, and nothing else. */
    @ParameterizedTest
    @MethodSource("cells")
    void theTestsEndAndTheControllerWorksAfterwards(Cell cell) {
        List<String> log = new ArrayList<>();
        try (Simulation simulation =
                cell.controller().boot(cell.way(), Caches.SNOOPED, SEED, log)) {
            Kernel kernel = simulation.kernel();
            if (cell.checked()) {
                kernel.findings().enable();
            }
            kernel.run("sh", () -> rounds(kernel, cell, log));
            assertThat(kernel.findings().all())
                    .extracting(Finding::id)
                    .allMatch(id -> id == FindingId.UNMAP_MISSING);
        }
    }

    private static void rounds(Kernel kernel, Cell cell, List<String> log) {
        BuiltInModule module = kernel.dmatest().module();
        Rng rng = Rng.named(SEED, cell.toString());
        module.set("device", cell.controller().device());
        for (int round = 0; round < (cell.checked() ? CHECKED_ROUNDS : ROUNDS); round++) {
            module.set("iterations", "0");
            module.set("channel", "");
            module.set("run", "1");
            kernel.machine().cpu().spend(rng.nextLong(MOMENT_PS_MAX));
            try {
                unbind(kernel, cell.controller().device());
            } catch (OwnershipViolation held) {
                assertThat(held).hasMessageContaining("still holds");
            }
            kernel.sched().msleep(LATER_MS);
            module.set("run", "0");
            assertThat(clients(kernel)).isZero();
            assertThat(kernel.dma().holdsOf(_ -> true)).isFalse();
            attach(kernel, cell.controller().device());
        }
        module.set("iterations", "5");
        module.set("channel", "");
        log.clear();
        module.set("run", "1");
        module.get("wait");
        module.get("run");
        assertThat(log)
                .filteredOn(line -> line.contains("summary"))
                .isNotEmpty()
                .allMatch(line -> line.contains("summary 5 tests, 0 failures"));
    }

    private static int clients(Kernel kernel) {
        return kernel.dmaEngine().devices().stream()
                .flatMap(device -> device.channels().stream())
                .mapToInt(Channel::clientCount)
                .sum();
    }

    private static void unbind(Kernel kernel, String name) {
        kernel.platform().device(name).ifPresent(kernel.platform()::unbind);
        kernel.pci().device(name).ifPresent(kernel.pci()::unbind);
    }

    private static void attach(Kernel kernel, String name) {
        kernel.platform().device(name).ifPresent(kernel.platform()::attach);
        kernel.pci().device(name).ifPresent(kernel.pci()::attach);
    }
}
