package dmakit.cli;

import dmakit.board.Board;
import dmakit.cli.report.RunReport;
import dmakit.cli.report.Sources;
import dmakit.cmodule.user.UserSession;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code dmakit shell [FILE.c...]}: the host's shell inside of the simulated system. */
@Command(
        name = "shell",
        description = {
            "Opens a shell inside of the simulated system.",
            "It is your own shell, with the /dev, /sys and /proc of the simulated kernel, and with"
                + " insmod FILE.c, rmmod, lsmod and dmesg. A module that is named here is loaded"
                + " before; 'exit' unloads what is loaded and reports what was found."
        },
        footer = {"", "Exit status: 0 clean, 1 findings or a failed run, 2 could not run."})
final class ShellCommand implements Callable<Integer> {
    private static final String USUAL_SHELL = "/bin/sh";

    @Mixin private ModuleOptions module = new ModuleOptions();
    @Mixin private MachineOptions machine = new MachineOptions();
    @Mixin private SystemOptions system = new SystemOptions();
    @Mixin private ReportFormOption report = new ReportFormOption();

    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        Board board = machine.board();
        UserSession.Command shell = shell(board);
        var plan =
                new ModuleRun.Plan(
                        module.isPresent() ? module.source() : null,
                        board,
                        machine.machine(board),
                        system.system(),
                        List.of(
                                new ModuleRun.Command(
                                        "shell",
                                        report.isText() ? shell : shell.withOutputToErrors(),
                                        false)),
                        system.timeLimit());
        Sources sources = new Sources();
        RunConsole console = new RunConsole(report.isText() ? out : spec.commandLine().getErr());
        try (ReportFormOption.Destination destination = report.open(out)) {
            RunReport result =
                    new ModuleRun(plan, console, system.suppressions(sources)).run(List.of());
            destination.write(result, sources);
            return result.exit();
        }
    }

    /** What the user types at, or a plain one that reads commands from a pipe or a file. */
    private static UserSession.Command shell(Board board) {
        String chosen = System.getenv("SHELL");
        boolean typed = isTerminal();
        UserSession.Command command =
                UserSession.Command.interactive(
                        List.of(
                                typed && chosen != null && !chosen.isEmpty()
                                        ? chosen
                                        : USUAL_SHELL));
        return new UserSession.Command(
                command.words(),
                command.input(),
                command.output(),
                command.errors(),
                false,
                typed,
                // Distributions show this in the prompt.
                Map.of("debian_chroot", "dmakit " + board.name()),
                Duration.ZERO);
    }

    // It is null again, since JDK 25, where standard input or output is no terminal.
    @SuppressWarnings("SystemConsoleNull")
    private static boolean isTerminal() {
        return System.console() != null && System.console().isTerminal();
    }
}
