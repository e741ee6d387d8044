package dmakit.cli;

import dmakit.labs.burst.BurstLab;
import dmakit.labs.burst.BurstOutcome;
import dmakit.labs.burst.BurstText;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code dmakit lab burst}: what width, burst and arbitration do. */
@Command(
        name = "burst",
        description = {
            "What width, burst and arbitration do to time and bus use.",
            "An AXI copy engine moves the same bytes in bursts of every shape; then several of its"
                    + " channels want the bus at once, and a short copy comes last. It brings its"
                    + " own board."
        },
        footer = {"", ExitStatus.OF_LABS})
final class BurstCommand implements Callable<Integer> {
    @Mixin private SeedOption seed = new SeedOption();
    @Mixin private ReportOption report = new ReportOption();
    @Mixin private PlotOption plot = new PlotOption();

    @Option(
            names = "--size",
            paramLabel = "SIZE",
            defaultValue = "64K",
            description =
                    "Bytes of a long copy, 16 to 4M in multiples of 16, as 4K"
                            + " (default: ${DEFAULT-VALUE}).")
    private String size = "64K";

    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
        int bytes = SizesOption.size("--size", size);
        List<String> log = new ArrayList<>();
        BurstOutcome outcome;
        try (PlotOption.Picture picture = plot.open()) {
            outcome = BurstLab.run(seed.seed(), bytes, log::add);
            if (outcome.success()) {
                picture.draw(() -> BurstPlot.svg(outcome, seed.seed()));
            }
        }
        print(spec.commandLine().getOut(), outcome, log);
        return outcome.success() ? ExitStatus.CLEAN : ExitStatus.FAILED;
    }

    private void print(PrintWriter out, BurstOutcome outcome, List<String> log) {
        if (report.isJson()) {
            LabJson.write(
                    out,
                    "burst",
                    null,
                    seed.seed(),
                    json -> RecordJson.writeComponents(json, outcome));
        } else {
            if (!outcome.success()) {
                log.forEach(out::println);
            }
            outcome.findings().forEach(out::println);
            out.print(BurstText.of(outcome, seed.seed()));
        }
    }
}
