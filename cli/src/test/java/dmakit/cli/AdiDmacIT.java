package dmakit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.cmodule.CModule;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.ModuleSource;
import dmakit.kernel.boot.Kernel;
import dmakit.machine.Machine;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client in C of the AXI-DMACs: vectors, repeats, and their replacement. */
class AdiDmacIT {
    private static final Path SOURCE =
            Path.of(System.getProperty("dmakit.root"), "cmodule/src/test/c/adi_dmac_client.c");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "&{/} { };",
                "&adi_dmac_tx { dmakit,scatter-gather; }; &adi_dmac_rx { dmakit,scatter-gather; };"
            })
    void vectorsArriveAndRepeatUntilTheyAreReplaced(String overlay) {
        Board board = Board.of("zynqmp").withOverlay("/dts-v1/; /plugin/; " + overlay, "test.dtso");
        try (Simulation simulation =
                Simulation.boot(
                        board, new Simulation.Options(1, Optional.<Machine.Cache>empty(), ""))) {
            Kernel kernel = simulation.kernel();
            kernel.findings().enable();
            try (CSystem system = CSystem.start(kernel, CSystem.Options.USUAL)) {
                CModule module = system.load(ModuleSource.of(SOURCE));
                assertThat(kernel.call("insmod", module::init)).isZero();
                kernel.run(
                        "rmmod",
                        () -> {
                            module.exit();
                            module.unload();
                        });
            }
            List<String> said =
                    kernel.log().buffer().texts().stream()
                            .filter(text -> text.startsWith("adi-client"))
                            .toList();
            assertThat(said)
                    .containsExactly(
                            "adi-client adi-dmac-test: vectors: agree",
                            "adi-client adi-dmac-test: repeats: 1",
                            "adi-client adi-dmac-test: replaced: 0");
            assertThat(kernel.findings().all()).isEmpty();
        }
    }
}
