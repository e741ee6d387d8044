package dmakit.cli;

import dmakit.board.Board;
import dmakit.cli.report.RunReport;
import dmakit.cli.report.Sources;
import dmakit.machine.trace.TraceSink;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code dmakit test --board B}: dmatest, on the DMA controllers of a board. */
@Command(
        name = "test",
        description = {
            "Tests the DMA channels of a board with the kernel's dmatest.",
            "Each channel copies, fills, or combines random parts of buffers whose every byte is"
                + " known; bytes that are not where they belong are failures. The options are the"
                + " parameters of the kernel's module, which /sys/module/dmatest has too."
        },
        footer = {
            "",
            "Exit status: 0 clean, 1 failures or findings, 2 could not run.",
            "docs/dmatest.md describes tests and messages."
        })
final class TestCommand implements Callable<Integer> {
    @Mixin private DmatestOptions dmatest = new DmatestOptions();
    @Mixin private MachineOptions machine = new MachineOptions();
    @Mixin private LimitOptions limits = new LimitOptions();
    @Mixin private ReportFormOption report = new ReportFormOption();
    @Mixin private TraceOption trace = new TraceOption();

    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Board board = machine.board();
        var plan = new DmatestRun.Plan(board, machine.machine(board), dmatest, limits.timeLimit());
        Sources sources = new Sources();
        RunConsole console = new RunConsole(report.isText() ? out : err);
        Progress progress = Progress.on(err);
        var run = new DmatestRun(plan, console, progress, limits.suppressions(sources));
        List<TraceSink> sinks = new ArrayList<>();
        try (ReportFormOption.Destination destination = report.open(out);
                TraceFile file = TraceFile.open(trace)) {
            file.sink().ifPresent(sinks::add);
            RunReport result = run.run(sinks);
            file.complete();
            destination.write(result, sources);
            return result.exit();
        }
    }
}
