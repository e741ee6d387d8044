package dmakit.cli;

import dmakit.board.Board;
import dmakit.labs.LabOptions;
import dmakit.labs.measure.Sizes;
import dmakit.labs.pio.PioLab;
import dmakit.labs.pio.PioOutcome;
import dmakit.labs.pio.PioText;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code dmakit lab pio-vs-dma}: the same bytes by loads and stores, and by DMA. */
@Command(
        name = "pio-vs-dma",
        description = {
            "The same bytes by PIO, by DMA with interrupts, and by DMA with polling.",
            "A FIFO sends back what it is sent. For each size: how long it takes, how busy CPU and"
                    + " bus are, and from which size on DMA is the better choice."
        },
        footer = {"", ExitStatus.OF_LABS})
final class PioVsDmaCommand implements Callable<Integer> {
    private static final int BYTES_PER_MB = 1_000_000;

    @Mixin private MachineOptions machine = new MachineOptions();
    @Mixin private SizesOption sizes = new SizesOption();
    @Mixin private TraceOption trace = new TraceOption();
    @Mixin private ReportOption report = new ReportOption();
    @Mixin private PlotOption plot = new PlotOption();

    @Option(
            names = "--line",
            paramLabel = "MB/S",
            defaultValue = "50",
            description =
                    "What the device's line moves, in 10^6 bytes per second, 1 to 100 (default:"
                            + " ${DEFAULT-VALUE}).")
    private int lineRate = 50;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
        List<Integer> compared = sizes.sizes(Sizes.usual());
        int rate = lineRate();
        Board board = machine.board();
        List<String> log = new ArrayList<>();
        PioOutcome outcome;
        try (PlotOption.Picture picture = plot.open();
                TraceFile file = TraceFile.open(trace)) {
            outcome =
                    PioLab.run(
                            new LabOptions(
                                    board,
                                    machine.machine(board),
                                    file.sink().stream().toList(),
                                    log::add),
                            compared,
                            rate);
            file.complete();
            if (outcome.success()) {
                picture.draw(() -> PioPlot.svg(outcome, board.name(), machine.seed()));
            }
        }
        print(spec.commandLine().getOut(), board, outcome, log);
        return outcome.success() ? ExitStatus.CLEAN : ExitStatus.FAILED;
    }

    private void print(PrintWriter out, Board board, PioOutcome outcome, List<String> log) {
        if (report.isJson()) {
            LabJson.write(
                    out,
                    "pio-vs-dma",
                    board,
                    machine.seed(),
                    json -> RecordJson.writeComponents(json, outcome));
        } else {
            if (!outcome.success()) {
                log.forEach(out::println);
            }
            outcome.findings().forEach(out::println);
            out.print(PioText.of(outcome, board.name(), machine.seed()));
        }
    }

    private int lineRate() {
        long rate = (long) lineRate * BYTES_PER_MB;
        if (rate < PioLab.LINE_RATE_MIN || rate > PioLab.LINE_RATE_MAX) {
            throw new CouldNotRun(
                    "--line %d: wanted %d to %d"
                            .formatted(
                                    lineRate,
                                    PioLab.LINE_RATE_MIN / BYTES_PER_MB,
                                    PioLab.LINE_RATE_MAX / BYTES_PER_MB));
        }
        return (int) rate;
    }
}
