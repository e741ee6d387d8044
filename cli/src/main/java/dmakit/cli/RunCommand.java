package dmakit.cli;

import dmakit.board.Board;
import dmakit.cli.report.RunReport;
import dmakit.cli.report.Sources;
import dmakit.cmodule.user.UserSession;
import dmakit.machine.trace.TraceEvent;
import dmakit.machine.trace.TraceSink;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code dmakit run FILE.c...}: a C module, from its source to its end. */
@Command(
        name = "run",
        description = {
            "Runs a C module: compiles, loads, uses and unloads it, and says what is wrong in it.",
            "The sources are those of a Linux module, as they are."
        },
        footer = {
            "",
            "Exit status: 0 clean, 1 findings or a failed run, 2 could not run.",
            "docs/report.md describes the forms of the report, and how findings are allowed."
        })
final class RunCommand implements Callable<Integer> {
    @Mixin private ModuleOptions module = new ModuleOptions();
    @Mixin private MachineOptions machine = new MachineOptions();
    @Mixin private SystemOptions system = new SystemOptions();
    @Mixin private ReportFormOption report = new ReportFormOption();
    @Mixin private TraceOption trace = new TraceOption();

    @Option(
            names = "--do",
            paramLabel = "COMMAND",
            description =
                    "A line for the shell, run while the module is loaded, with the /dev, /sys and"
                            + " /proc of the simulated system; several run one after the other.")
    private List<String> commands = List.of();

    @Option(names = "--calls", description = "Shows every kernel function the module calls.")
    private boolean calls;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        RunConsole console = new RunConsole(report.isText() ? out : spec.commandLine().getErr());
        Board board = machine.board();
        var plan =
                new ModuleRun.Plan(
                        module.source(),
                        board,
                        machine.machine(board),
                        system.system(),
                        commands.stream().map(this::command).toList(),
                        system.timeLimit());
        Sources sources = new Sources();
        var run = new ModuleRun(plan, console, system.suppressions(sources));
        List<TraceSink> sinks = new ArrayList<>();
        if (calls) {
            sinks.add(event -> show(event, console));
        }
        try (ReportFormOption.Destination destination = report.open(out);
                TraceFile file = TraceFile.open(trace)) {
            file.sink().ifPresent(sinks::add);
            RunReport result = run.run(sinks);
            file.complete();
            destination.write(result, sources);
            return result.exit();
        }
    }

    private ModuleRun.Command command(String line) {
        UserSession.Command command = UserSession.Command.shell(line).within(system.timeout());
        return new ModuleRun.Command(
                line, report.isText() ? command : command.withOutputToErrors(), true);
    }

    private static void show(TraceEvent event, RunConsole console) {
        if (event instanceof TraceEvent.Call call && !call.internal()) {
            console.say("  " + call.function() + "(" + call.arguments() + ")");
        }
    }
}
