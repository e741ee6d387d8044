package dmakit.cli;

import dmakit.board.BoardException;
import dmakit.cmodule.CModuleException;
import dmakit.devicetree.DeviceTreeException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The {@code dmakit} command: parses, dispatches, and turns outcomes into exit statuses.
 *
 * <p>A command is a class of this package annotated with {@link Command}, listed in {@code
 * subcommands} below. It returns an {@link ExitStatus} from {@code call()}, prints through {@code
 * spec.commandLine().getOut()}, and throws {@link CouldNotRun} for wrong input.
 */
@Command(
        name = "dmakit",
        description = "Runs Linux DMA drivers on a machine you can see into.",
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        exitCodeOnInvalidInput = ExitStatus.COULD_NOT_RUN,
        exitCodeOnExecutionException = ExitStatus.FAILED,
        footer = {
            "",
            "Exit status: 0 clean, 1 findings or a failed run, 2 could not run.",
            "Start with: ./dmakit lab m2m"
        },
        subcommands = {
            RunCommand.class,
            ShellCommand.class,
            CheckCommand.class,
            TestCommand.class,
            LabCommand.class,
            BoardsCommand.class,
            TopoCommand.class
        })
public final class Main implements Runnable {

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Says how to use this command.")
    @SuppressWarnings("unused") // picocli reads it
    private boolean help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Prints the version of dmakit and of the JDK it runs on.")
    @SuppressWarnings("unused") // picocli reads it
    private boolean version;

    @Spec private CommandSpec spec;

    private Main() {}

    /**
     * Runs one command and ends the process with its status.
     *
     * @param args the command line, without the program's name
     */
    public static void main(String[] args) {
        // A run prints the same on every host, whatever its language.
        Locale.setDefault(Locale.ROOT);
        // Buffered: the JVM's own streams write through at every print.
        var stdout = new StandardOutput();
        var out = new PrintWriter(stdout, false, charset("stdout.encoding"));
        var err = new PrintWriter(System.err, true, charset("stderr.encoding"));
        int status = run(out, err, args);
        out.flush();
        Optional<String> loss = stdout.loss();
        if (loss.isPresent()) {
            err.println("dmakit: standard output: " + loss.get());
            status = ExitStatus.COULD_NOT_RUN;
        }
        err.flush();
        System.exit(status);
    }

    /**
     * Runs one command.
     *
     * @param out where results go
     * @param err where complaints go
     * @param args the command line, without the program's name
     * @return an {@link ExitStatus}
     */
    static int run(PrintWriter out, PrintWriter err, String... args) {
        return commandLine().setOut(out).setErr(err).execute(helpAsOption(args));
    }

    /** {@code help lab m2m} is what many type for {@code lab m2m --help}. */
    private static String[] helpAsOption(String... args) {
        if (args.length == 0 || !args[0].equals("help")) {
            return args;
        }
        String[] asked = Arrays.copyOfRange(args, 1, args.length + 1);
        asked[asked.length - 1] = "--help";
        return asked;
    }

    static CommandLine commandLine() {
        return new CommandLine(new Main())
                .setUsageHelpAutoWidth(true)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(Main::onWrongUsage)
                .setExecutionExceptionHandler(Main::onFailure);
    }

    /** Reached without a subcommand: that is not a wish we can fulfil. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "missing command");
    }

    private static int onWrongUsage(ParameterException wrong, String[] args) {
        CommandLine command = wrong.getCommandLine();
        command.getErr()
                .printf(
                        "dmakit: %s; try '%s --help'%n",
                        complaint(wrong), command.getCommandSpec().qualifiedName());
        return ExitStatus.COULD_NOT_RUN;
    }

    private static String complaint(ParameterException wrong) {
        if (wrong instanceof UnmatchedArgumentException unmatched) {
            String first = unmatched.getUnmatched().getFirst();
            if (unmatched.isUnknownOption()) {
                return "unknown option '" + first + "'";
            }
            String what =
                    switch (unmatched.getCommandLine().getCommand()) {
                        case Main _ -> "unknown command";
                        case LabCommand _ -> "unknown lab";
                        default -> "unexpected argument";
                    };
            return what + " '" + first + "'";
        }
        // Whoever types a number need not know Java's names for them.
        String message =
                oneLine(wrong).replaceFirst("is not an? (int|long|double)$", "is no number");
        return message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1);
    }

    private static int onFailure(Exception failure, CommandLine command, ParseResult parsed) {
        if (failure instanceof CouldNotRun
                || failure instanceof BoardException
                || failure instanceof DeviceTreeException) {
            command.getErr().printf("dmakit: %s%n", oneLine(failure));
            return ExitStatus.COULD_NOT_RUN;
        }
        if (failure instanceof CModuleException) {
            // The compiler's words are many lines, and wanted.
            command.getErr().printf("dmakit: %s%n", failure.getMessage());
            return ExitStatus.COULD_NOT_RUN;
        }
        if (failure instanceof UncheckedIOException refused) {
            String why = WholeFile.reason(refused.getCause());
            command.getErr().printf("dmakit: %s: %s%n", oneLine(failure), why);
            return ExitStatus.COULD_NOT_RUN;
        }
        command.getErr().println("dmakit: this is a mistake in dmakit itself; please report it");
        failure.printStackTrace(command.getErr());
        return ExitStatus.FAILED;
    }

    private static String oneLine(Exception e) {
        String message = e.getMessage();
        return message == null ? e.toString() : message.strip().replaceAll("\\s*\\R\\s*", " ");
    }

    private static Charset charset(String property) {
        return Charset.forName(System.getProperty(property, "UTF-8"), Charset.defaultCharset());
    }
}
