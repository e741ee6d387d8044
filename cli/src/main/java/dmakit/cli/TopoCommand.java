package dmakit.cli;

import dmakit.board.Board;
import dmakit.cli.report.JsonOutput;
import dmakit.devicetree.topology.DmaTopology;
import dmakit.devicetree.topology.TopologyText;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code dmakit topo}: what a device tree says of DMA, and what is wrong in it. */
@Command(
        name = "topo",
        description = {
            "Shows the DMA topology of a device tree, and mistakes in it.",
            "Memory and reserved regions, controllers, who uses them, and what each device"
                    + " reaches at which bus addresses."
        },
        footer = {"", "Exit status 1 when the tree has mistakes."})
final class TopoCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "FILE|BOARD",
            description = "A .dtb or .dts file, or a built-in board (see 'dmakit boards').")
    private String board = "";

    @Option(
            names = "--overlay",
            paramLabel = "FILE",
            description = "A device tree overlay, .dtbo or .dtso, applied to it.")
    private List<Path> overlays = List.of();

    @Mixin private ReportOption report = new ReportOption();

    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
        Board shown = Board.of(board);
        for (Path overlay : overlays) {
            shown = shown.withOverlay(overlay);
        }
        DmaTopology topology = DmaTopology.of(shown.tree());
        PrintWriter out = spec.commandLine().getOut();
        if (report.isJson()) {
            JsonOutput.write(out, json -> RecordJson.write(json, topology));
        } else {
            out.print(TopologyText.of(topology));
        }
        return topology.mistakes().isEmpty() ? ExitStatus.CLEAN : ExitStatus.FAILED;
    }
}
