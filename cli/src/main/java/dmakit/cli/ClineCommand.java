package dmakit.cli;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.cmodule.CModule;
import dmakit.cmodule.CModuleException;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.HostEnded;
import dmakit.cmodule.ModuleSource;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.boot.KernelOops;
import dmakit.kernel.sched.KernelBug;
import dmakit.kernel.sched.KernelPanic;
import dmakit.machine.task.Deadlock;
import dmakit.machine.trace.TraceEvent;
import dmakit.machine.trace.TraceSink;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code dmakit cline FILE.c}: one C module, from its source to its end. Not for users yet. */
@Command(
        name = "cline",
        hidden = true,
        description = "Compiles a C module, loads it on a board, runs its init and exit.")
final class ClineCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE.c", description = "The module.")
    private Path source = Path.of("");

    @Option(names = "--calls", description = "Shows every kernel function the module calls.")
    private boolean calls;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "10",
            description = "How long C code may go on without a call (default: ${DEFAULT-VALUE}).")
    private int timeoutSeconds = 10;

    @Mixin private BoardOption board = new BoardOption();
    @Mixin private SeedOption seed = new SeedOption();

    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        if (timeoutSeconds <= 0) {
            throw new CouldNotRun("--timeout " + timeoutSeconds + ": wanted at least 1");
        }
        try {
            return run(readable(source), out, err);
        } catch (CModuleException e) {
            err.println("dmakit: " + e.getMessage());
            return ExitStatus.COULD_NOT_RUN;
        }
    }

    private static Path readable(Path file) {
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw new CouldNotRun(file + ": no such file, or it cannot be read");
        }
        return file;
    }

    private int run(Path source, PrintWriter out, PrintWriter err) {
        List<TraceSink> sinks = calls ? List.of(event -> show(event, out)) : List.of();
        try (Simulation simulation =
                        Simulation.boot(
                                Board.of(board.board()),
                                Simulation.Options.seeded(seed.seed()),
                                sinks,
                                out::println);
                CSystem system =
                        CSystem.start(
                                simulation.kernel(),
                                new CSystem.Options(Duration.ofSeconds(timeoutSeconds), false))) {
            CModule module = system.load(ModuleSource.of(source));
            return initAndExit(simulation.kernel(), module, out, err);
        }
    }

    private static int initAndExit(
            Kernel kernel, CModule module, PrintWriter out, PrintWriter err) {
        try {
            int result = kernel.call("insmod", module::init);
            out.printf("%n%s: init answered %d%n", module.name(), result);
            if (result != 0) {
                return ExitStatus.FAILED;
            }
            kernel.run("rmmod", module::exit);
            return ExitStatus.CLEAN;
        } catch (HostEnded e) {
            err.println("dmakit: " + e.getMessage());
            e.trace().forEach(frame -> err.println("    at " + frame));
            return ExitStatus.FAILED;
        } catch (KernelPanic | KernelBug | KernelOops | Deadlock e) {
            err.println("dmakit: " + e.getMessage());
            return ExitStatus.FAILED;
        }
    }

    private static void show(TraceEvent event, PrintWriter out) {
        if (event instanceof TraceEvent.Call call && !call.internal()) {
            out.println("  " + call.function() + "(" + call.arguments() + ")");
        }
    }
}
