package dmakit.cli;

import dmakit.board.Board;
import dmakit.cli.report.RunReport;
import dmakit.cli.report.Sources;
import dmakit.cli.report.Suppressions;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.ModuleSource;
import dmakit.machine.trace.TraceEvent;
import dmakit.machine.trace.TraceSink;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
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
    private static final int SECONDS_MAX = 86_400;

    /** C code that goes on for longer than this without a call will go on for ever. */
    private static final int PATIENCE_SECONDS_MAX = 10;

    @Mixin private ModuleOptions module = new ModuleOptions();
    @Mixin private MachineOptions machine = new MachineOptions();
    @Mixin private ReportFormOption report = new ReportFormOption();
    @Mixin private TraceOption trace = new TraceOption();

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description =
                    "How long a command may take on this computer, and C code go on without calling"
                            + " the kernel, but that at most 10 (default: ${DEFAULT-VALUE}).")
    private int timeoutSeconds = 30;

    @Option(
            names = "--time-limit",
            paramLabel = "SECONDS",
            description = "How much simulated time may pass (default: any).")
    private @Nullable Double timeLimitSeconds;

    @Option(
            names = "--allow-host",
            description = "Lets the module use files and sockets of this computer.")
    private boolean allowHost;

    @Option(
            names = "--suppress",
            paramLabel = "FILE",
            description = "Allows findings: lines of 'id path[:line] reason'.")
    private List<Path> suppress = List.of();

    @Option(names = "--calls", description = "Shows every kernel function the module calls.")
    private boolean calls;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        RunConsole console = new RunConsole(report.isText() ? out : spec.commandLine().getErr());
        ModuleSource source = module.source();
        Board board = machine.board();
        var plan =
                new ModuleRun.Plan(
                        source,
                        board,
                        machine.machine(board),
                        new CSystem.Options(patience(), allowHost),
                        timeLimit());
        Sources sources = new Sources();
        Suppressions suppressions = suppressions(sources);
        List<TraceSink> sinks = new ArrayList<>();
        if (calls) {
            sinks.add(event -> show(event, console));
        }
        try (ReportFormOption.Destination destination = report.open(out);
                TraceFile file = TraceFile.open(trace)) {
            file.sink().ifPresent(sinks::add);
            RunReport result = new ModuleRun(plan, console).run(sinks, suppressions);
            file.complete();
            destination.write(result, sources);
            return result.exit();
        }
    }

    private Duration patience() {
        if (timeoutSeconds < 1 || timeoutSeconds > SECONDS_MAX) {
            throw new CouldNotRun(
                    "--timeout %d: wanted 1 to %d".formatted(timeoutSeconds, SECONDS_MAX));
        }
        return Duration.ofSeconds(Math.min(timeoutSeconds, PATIENCE_SECONDS_MAX));
    }

    private Optional<Duration> timeLimit() {
        Double seconds = timeLimitSeconds;
        if (seconds == null) {
            return Optional.empty();
        }
        if (!(seconds > 0 && seconds <= SECONDS_MAX)) {
            throw new CouldNotRun(
                    "--time-limit %s: wanted more than 0, at most %d"
                            .formatted(seconds, SECONDS_MAX));
        }
        return Optional.of(Duration.ofNanos((long) (seconds * 1e9)));
    }

    private Suppressions suppressions(Sources sources) {
        var suppressions = new Suppressions(sources);
        for (Path file : suppress) {
            try {
                suppressions.add(file.toString(), Files.readAllLines(file));
            } catch (NoSuchFileException e) {
                throw new CouldNotRun("--suppress " + file + ": no such file", e);
            } catch (IOException e) {
                throw new CouldNotRun("--suppress " + file + ": cannot be read", e);
            } catch (IllegalArgumentException e) {
                throw new CouldNotRun("--suppress " + e.getMessage(), e);
            }
        }
        return suppressions;
    }

    private static void show(TraceEvent event, RunConsole console) {
        if (event instanceof TraceEvent.Call call && !call.internal()) {
            console.say("  " + call.function() + "(" + call.arguments() + ")");
        }
    }
}
