package dmakit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.cmodule.CModule;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.ModuleSource;
import dmakit.kernel.boot.Kernel;
import dmakit.machine.random.Rng;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A module in C that copies all the time is unloaded at moments that the seed chooses. */
class UnloadAnyMomentIT {
    private static final Path MODULE =
            Path.of(System.getProperty("dmakit.root"), "cmodule/src/test/c/dma_always.c");

    private static final int ROUND_COUNT = 20;
    private static final long MOMENT_PS_MAX = 100_000_000;
    private static final long QUIET_PS = 100_000_000;

    @ParameterizedTest
    @ValueSource(strings = {"rpi3", "lan9691", "stratix10"})
    void nothingGoesOnAndNothingIsLeft(String board) {
        try (Simulation simulation =
                        Simulation.boot(Board.of(board), Simulation.Options.seeded(1));
                CSystem system = start(simulation.kernel())) {
            Kernel kernel = simulation.kernel();
            Rng rng = Rng.named(1, "moments");
            for (int round = 0; round < ROUND_COUNT; round++) {
                long moment = rng.nextLong(MOMENT_PS_MAX);
                CModule module = system.load(ModuleSource.of(MODULE));
                kernel.run(
                        "modprobe",
                        () -> {
                            assertThat(module.init()).isZero();
                            kernel.machine().cpu().spend(moment);
                            module.exit();
                            module.unload();
                            kernel.machine().cpu().spend(QUIET_PS);
                        });
                assertThat(kernel.findings().all()).as("round %d", round).isEmpty();
                assertThat(kernel.dmaEngine().devices())
                        .flatMap(device -> device.channels())
                        .allMatch(channel -> channel.clientCount() == 0);
            }
        }
    }

    private static CSystem start(Kernel kernel) {
        kernel.findings().enable();
        return CSystem.start(kernel, CSystem.Options.USUAL);
    }
}
