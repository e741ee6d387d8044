package dmakit.bench;

import dmakit.oracle.Emulator;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * {@code ./dev bench [--report text|json] [FILTER]}: measures the rows whose names contain the
 * filter, peers included, all in one run, and prints each as a ratio to its target. A missed target
 * is printed, never an error.
 *
 * <p>JMH samples the time of each invocation, many operations long, so that the median and the best
 * say something even where others use the machine.
 */
public final class Main {
    private static final int FAILED = 1;
    private static final int USAGE = 2;
    private static final int WARMUPS = 5;
    private static final int ITERATIONS = 3;

    private Main() {}

    /**
     * Runs the benchmarks.
     *
     * @param args the format of the report and a part of the names of the rows to run
     */
    public static void main(String[] args) {
        Arguments arguments = Arguments.parse(args);
        for (Emulator emulator : List.of(Emulator.AARCH64, Emulator.ARM)) {
            if (emulator.installed().isEmpty()) {
                System.err.printf(
                        "%s is not installed, so its rows are left out; Debian has it in %s%n",
                        emulator.program(), emulator.debianPackage());
            }
        }
        List<Row> rows = Rows.of(Path.of(System.getProperty("dmakit.root", ".")));
        List<Row> chosen =
                rows.stream().filter(row -> row.name().contains(arguments.filter())).toList();
        if (arguments.error() != null) {
            fail(USAGE, arguments.error());
        } else if (chosen.isEmpty()) {
            fail(
                    USAGE,
                    "no row has '%s' in its name; rows: %s"
                            .formatted(
                                    arguments.filter(),
                                    String.join(", ", rows.stream().map(Row::name).toList())));
        } else {
            run(chosen, arguments.json());
        }
    }

    private static void run(List<Row> rows, boolean json) {
        double loadBefore = Report.load();
        try {
            Results results = measure(rows);
            Report report =
                    json
                            ? Report.json(System.out, loadBefore)
                            : Report.text(System.out, loadBefore);
            rows.forEach(row -> report.row(row, row.measure().of(results)));
            report.end();
        } catch (RunnerException e) {
            fail(FAILED, String.valueOf(e.getMessage()));
        }
    }

    private static Results measure(List<Row> rows) throws RunnerException {
        Results results = new Results();
        TreeSet<String> benchmarks = new TreeSet<>();
        rows.forEach(row -> benchmarks.addAll(row.benchmarks()));
        int done = 0;
        for (String benchmark : benchmarks) {
            System.err.printf("%d/%d %s%n", ++done, benchmarks.size(), benchmark);
            results.add(new Runner(options(benchmark)).run());
        }
        return results;
    }

    private static Options options(String benchmark) {
        ChainedOptionsBuilder options =
                new OptionsBuilder()
                        .include("\\." + Pattern.quote(benchmark) + "$")
                        .forks(1)
                        .mode(Mode.SampleTime)
                        .timeUnit(TimeUnit.NANOSECONDS)
                        .warmupIterations(WARMUPS)
                        .warmupTime(TimeValue.seconds(1))
                        .measurementIterations(ITERATIONS)
                        .measurementTime(TimeValue.seconds(2))
                        .addProfiler(GCProfiler.class)
                        .verbosity(VerboseMode.SILENT)
                        .shouldFailOnError(true);
        return options.build();
    }

    private static void fail(int status, String message) {
        System.err.println("dev bench: " + message);
        System.exit(status);
    }

    /** What was asked for. */
    private record Arguments(boolean json, String filter, @Nullable String error) {
        static Arguments parse(String[] args) {
            boolean json = false;
            List<String> filters = new ArrayList<>();
            for (int i = 0; i < args.length; i++) {
                if (!args[i].equals("--report")) {
                    filters.add(args[i]);
                } else if (++i < args.length
                        && (args[i].equals("text") || args[i].equals("json"))) {
                    json = args[i].equals("json");
                } else {
                    return new Arguments(false, "", "--report is followed by text or json");
                }
            }
            String filter = filters.isEmpty() ? "" : filters.getFirst();
            if (filters.size() > 1 || filter.startsWith("-")) {
                return new Arguments(false, "", "usage: ./dev bench [--report text|json] [FILTER]");
            }
            return new Arguments(json, filter, null);
        }
    }
}
