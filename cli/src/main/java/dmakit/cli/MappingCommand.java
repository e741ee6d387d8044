package dmakit.cli;

import dmakit.labs.mapping.MappingLab;
import dmakit.labs.mapping.MappingOutcome;
import dmakit.labs.mapping.MappingText;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code dmakit lab mapping}: the same bytes through every back end of the mapping API. */
@Command(
        name = "mapping",
        description = {
            "The same bytes through every back end of the DMA mapping API.",
            "Memory is copied by DMA with direct mappings, bounce buffers and an IOMMU, on boards"
                    + " whose DMA is coherent and not; for each, where the time went. It brings its"
                    + " own boards."
        },
        footer = {"", ExitStatus.OF_LABS})
final class MappingCommand implements Callable<Integer> {
    @Mixin private SeedOption seed = new SeedOption();
    @Mixin private CacheOption cache = new CacheOption();
    @Mixin private SizesOption sizes = new SizesOption();
    @Mixin private ReportOption report = new ReportOption();
    @Mixin private PlotOption plot = new PlotOption();

    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
        List<Integer> compared = sizes.sizes(MappingLab.usualSizes());
        List<String> log = new ArrayList<>();
        MappingOutcome outcome;
        try (PlotOption.Picture picture = plot.open()) {
            outcome =
                    MappingLab.run(
                            seed.seed(), board -> cache.cache(board.cache()), compared, log::add);
            if (outcome.success()) {
                picture.draw(() -> MappingPlot.svg(outcome, seed.seed()));
            }
        }
        print(spec.commandLine().getOut(), outcome, log);
        return outcome.success() ? ExitStatus.CLEAN : ExitStatus.FAILED;
    }

    private void print(PrintWriter out, MappingOutcome outcome, List<String> log) {
        if (report.isJson()) {
            LabJson.write(
                    out,
                    "mapping",
                    null,
                    seed.seed(),
                    json -> RecordJson.writeComponents(json, outcome));
        } else {
            if (!outcome.success()) {
                log.forEach(out::println);
            }
            outcome.findings().forEach(out::println);
            out.print(MappingText.of(outcome, seed.seed()));
        }
    }
}
