package dmakit.cli;

import dmakit.board.Board;
import dmakit.board.Simulation;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which machine, and how it is run. Use as {@code @Mixin}. */
final class MachineOptions {
    @Mixin private BoardOption board = new BoardOption();
    @Mixin private SeedOption seed = new SeedOption();
    @Mixin private CacheOption cache = new CacheOption();

    @Option(
            names = "--overlay",
            paramLabel = "FILE",
            description = "A device tree overlay, .dtbo or .dtso, applied to the board.")
    private List<Path> overlays = List.of();

    @Option(
            names = "--cmdline",
            paramLabel = "TEXT",
            defaultValue = "",
            description = "The kernel's command line, as 'cma=64M swiotlb=force'.")
    private String commandLine = "";

    /**
     * The board with its overlays.
     *
     * @throws dmakit.board.BoardException when there is none, or an overlay does not fit
     */
    Board board() {
        Board chosen = Board.of(board.board());
        for (Path overlay : overlays) {
            chosen = chosen.withOverlay(overlay);
        }
        return chosen;
    }

    /**
     * How the machine is run.
     *
     * @throws CouldNotRun when the board cannot have the cache that is wanted
     */
    Simulation.Options machine(Board chosen) {
        return new Simulation.Options(seed.seed(), cache.cache(chosen.cache()), commandLine);
    }

    long seed() {
        return seed.seed();
    }
}
