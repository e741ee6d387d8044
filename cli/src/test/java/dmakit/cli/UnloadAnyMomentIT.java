package dmakit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.cmodule.CModule;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.ModuleSource;
import dmakit.kernel.boot.Kernel;
import dmakit.machine.Machine;
import dmakit.machine.random.Rng;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A module in C that copies all the time is unloaded at moments that the seed chooses. */
class UnloadAnyMomentIT {
    private static final Path SOURCES =
            Path.of(System.getProperty("dmakit.root"), "cmodule/src/test/c");

    private static final int ROUND_COUNT = 20;
    private static final long MOMENT_PS_MAX = 100_000_000;
    private static final long QUIET_PS = 100_000_000;

    @BeforeAll
    static void needsACompiler() {
        Corpus.needsACompiler();
    }

    @ParameterizedTest
    @CsvSource({
        "rpi3, ''",
        "rpi3, swiotlb=force",
        "rpi3-smmu, iommu.strict=1",
        "rpi3-smmu, iommu.strict=0",
        "lan9691, ''",
        "zynqmp-smmu, iommu.strict=1",
        "stratix10, ''",
        "stratix10-smmu, iommu.strict=0",
    })
    void nothingGoesOnAndNothingIsLeft(String board, String words) {
        nothingIsLeft(board, words, "");
    }

    @ParameterizedTest
    @CsvSource({
        "rpi3, ''",
        "rpi3, swiotlb=force",
        "rpi3-smmu, iommu.strict=1",
        "rpi3-smmu, iommu.strict=0",
    })
    void norDoesItByAProviderInC(String board, String words) {
        nothingIsLeft(
                board, "initcall_blacklist=bcm2835_dma_driver_init " + words, "dma_bcm2835.c");
    }

    /**
     * A module's life, over and over.
     *
     * @param provider the source of one in C, that is loaded first; empty for none
     */
    private static void nothingIsLeft(String board, String words, String provider) {
        var options = new Simulation.Options(1, Optional.<Machine.Cache>empty(), words);
        try (Simulation simulation = Simulation.boot(Board.of(board), options);
                CSystem system = start(simulation.kernel())) {
            Kernel kernel = simulation.kernel();
            Rng rng = Rng.named(1, "moments");
            if (!provider.isEmpty()) {
                CModule module = system.load(ModuleSource.of(SOURCES.resolve(provider)));
                assertThat(kernel.call("insmod", module::init)).isZero();
            }
            for (int round = 0; round < ROUND_COUNT; round++) {
                long moment = rng.nextLong(MOMENT_PS_MAX);
                CModule module = system.load(ModuleSource.of(SOURCES.resolve("dma_always.c")));
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
            assertThat(kernel.log().buffer().texts())
                    .noneMatch(line -> line.contains("Unhandled context fault"));
        }
    }

    private static CSystem start(Kernel kernel) {
        kernel.findings().enable();
        return CSystem.start(kernel, CSystem.Options.USUAL);
    }
}
