package dmakit.cli;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.cli.report.ReportedFinding;
import dmakit.cli.report.RunReport;
import dmakit.cli.report.Suppressions;
import dmakit.cmodule.ModuleSource;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.KernelParameters;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.boot.KernelOops;
import dmakit.kernel.check.Finding;
import dmakit.kernel.check.Findings;
import dmakit.kernel.dmaengine.DmaEngine;
import dmakit.kernel.dmatest.Dmatest;
import dmakit.kernel.dmatest.TestObserver;
import dmakit.kernel.module.BuiltInModule;
import dmakit.kernel.sched.KernelBug;
import dmakit.kernel.sched.KernelPanic;
import dmakit.labs.Count;
import dmakit.machine.task.Deadlock;
import dmakit.machine.trace.TraceSink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** A machine on which dmatest runs, from its boot to the last thread's end. */
final class DmatestRun {
    private static final String NAME = "dmatest";
    private static final String INITCALL = "dmatest_init";

    private final Plan plan;
    private final RunConsole console;
    private final Progress progress;
    private final Suppressions suppressions;
    private final List<RunReport.Step> steps = new ArrayList<>();

    /**
     * What is to be done.
     *
     * @param board to test
     * @param machine seed and cache of the machine
     * @param options of dmatest
     * @param timeLimit of simulated time
     */
    record Plan(
            Board board,
            Simulation.Options machine,
            DmatestOptions options,
            Optional<Duration> timeLimit) {}

    DmatestRun(Plan plan, RunConsole console, Progress progress, Suppressions suppressions) {
        this.plan = plan;
        this.console = console;
        this.progress = progress;
        this.suppressions = suppressions;
    }

    /**
     * Does it.
     *
     * @param sinks that listen to every event from power-on
     * @throws CouldNotRun when an option makes no sense, or there is nothing to test
     * @throws dmakit.board.BoardException when the machine cannot be built
     */
    RunReport run(List<TraceSink> sinks) {
        requireOwnCommandLine(plan.machine().commandLine());
        try (Simulation simulation =
                Simulation.boot(plan.board(), plan.machine().withFindings(), sinks, this::log)) {
            Kernel kernel = simulation.kernel();
            Watch watch = new Watch();
            kernel.dmatest().observe(watch);
            console.drop();
            begin(kernel);
            console.release();
            finish(kernel);
            progress.clear();
            if (watch.started() == 0 && steps.isEmpty()) {
                throw new CouldNotRun(nothingToTest());
            }
            steps.addAll(watch.steps());
            console.say(watch.summary(simulation.machine().clock().now()));
            console.end();
            return report(kernel.findings());
        }
    }

    /** What is set there would be tested as well, or in place of what the options say. */
    private static void requireOwnCommandLine(String commandLine) {
        if (commandLine.length() > KernelParameters.LENGTH_MAX) {
            return; // the kernel says so when it boots
        }
        var parameters = new KernelParameters(commandLine);
        List<KernelParameters.Setting> settings = parameters.ofModule(NAME);
        if (!settings.isEmpty()) {
            throw new CouldNotRun(
                    "--cmdline %s.%s: 'dmakit test' takes these as options; 'dmakit run' is for the"
                                    .formatted(NAME, settings.getFirst().name())
                            + " command line");
        }
        for (String list : parameters.values("initcall_blacklist")) {
            if (List.of(list.split(",", -1)).contains(INITCALL)) {
                throw new CouldNotRun(
                        "--cmdline initcall_blacklist=%s: dmatest is left out by initcall_blacklist"
                                .formatted(list));
            }
        }
    }

    private String nothingToTest() {
        String channels = "no channel of board '%s'".formatted(plan.board());
        Optional<String> device = plan.options().device();
        if (device.isPresent()) {
            channels = "no channel of --device %s".formatted(device.get());
        }
        return "nothing to test: %s can %s".formatted(channels, plan.options().operations());
    }

    private void log(String line) {
        progress.clear();
        console.log(line);
    }

    /** Sets the parameters and takes the channels that are named. */
    private void begin(Kernel kernel) {
        BuiltInModule module = kernel.dmatest().module();
        CouldNotRun[] refused = new CouldNotRun[1];
        kernel.run(
                "sh",
                () -> {
                    try {
                        plan.options()
                                .device()
                                .ifPresent(name -> requireDevice(kernel.dmaEngine(), name));
                        plan.options().applyTo(module);
                        requireOnce(plan.options().channels());
                        plan.options().channels().forEach(name -> take(kernel, module, name));
                    } catch (CouldNotRun e) {
                        refused[0] = e;
                    }
                });
        if (refused[0] != null) {
            throw refused[0];
        }
        requireSmallerTransfer(module);
        if (module.get("iterations").equals("0") && plan.timeLimit().isEmpty()) {
            throw new CouldNotRun("--iterations 0 goes on for ever: wanted --time-limit");
        }
    }

    /** The module refuses such a length once it runs, and says then that nothing failed. */
    private static void requireSmallerTransfer(BuiltInModule module) {
        long transfer = Long.parseLong(module.get("transfer_size"));
        long buffer = Long.parseLong(module.get("test_buf_size"));
        if (transfer >= buffer && transfer != 0) {
            throw new CouldNotRun(
                    "--transfer-size %d: wanted fewer than a buffer has, %d"
                            .formatted(transfer, buffer));
        }
    }

    private static void requireDevice(DmaEngine engine, String device) {
        List<String> names =
                engine.devices().stream().map(each -> each.dev().name()).distinct().toList();
        if (!names.contains(device)) {
            throw new CouldNotRun(
                    "--device %s: no such DMA controller; the board has %s"
                            .formatted(device, listed(names)));
        }
    }

    private static void requireOnce(List<String> channels) {
        Set<String> seen = new TreeSet<>();
        for (String channel : channels) {
            if (!seen.add(channel)) {
                throw new CouldNotRun("--channels %s: it is named twice".formatted(channel));
            }
        }
    }

    private void take(Kernel kernel, BuiltInModule module, String channel) {
        List<String> names = kernel.dmaEngine().channelNames();
        if (!names.contains(channel)) {
            throw new CouldNotRun(
                    "--channels %s: no such channel; the board has %s"
                            .formatted(channel, listed(names)));
        }
        try {
            module.set("channel", channel);
        } catch (KernelException e) {
            throw new CouldNotRun(
                    "--channels %s: it cannot %s, or a driver has it, or it is none of --device"
                            .formatted(channel, plan.options().operations()),
                    e);
        }
    }

    private static String listed(List<String> names) {
        return names.isEmpty() ? "none" : String.join(", ", names);
    }

    private void finish(Kernel kernel) {
        try {
            kernel.run("sh", () -> runTests(kernel));
        } catch (KernelPanic | TimeLimit | Deadlock | KernelBug | KernelOops e) {
            String message = String.valueOf(e.getMessage()).strip();
            steps.add(new RunReport.Step("run", message.replaceAll("\\s*\\R\\s*", " ")));
        }
    }

    private void runTests(Kernel kernel) {
        BuiltInModule module = kernel.dmatest().module();
        module.set("run", "1");
        if (module.get("iterations").equals("0")) {
            kernel.sched().msleep((int) plan.timeLimit().orElseThrow().toMillis());
            module.set("run", "0");
        } else {
            plan.timeLimit().ifPresent(limit -> TimeLimit.set(kernel.machine().clock(), limit));
            module.get("wait");
            module.get("run");
        }
    }

    private RunReport report(Findings findings) {
        findings.prepareLines();
        List<ReportedFinding> all = new ArrayList<>();
        for (Finding finding : findings.all()) {
            all.add(ReportedFinding.of(finding, findings));
        }
        Suppressions.Divided divided = suppressions.divide(all);
        return new RunReport(
                Version.number(),
                NAME,
                plan.board().name(),
                plan.machine().seed(),
                ModuleSource.USUAL_VERSION,
                steps,
                divided.counted(),
                divided.suppressed(),
                divided.unused(),
                console.log());
    }

    /** Counts what threads do. */
    private final class Watch implements TestObserver {
        private static final long PS_PER_MS = 1_000_000_000L;
        private static final double MS_PER_S = 1000;

        private final Map<String, int[]> threads = new TreeMap<>();
        private final Map<String, String> ended = new TreeMap<>();

        @Override
        public void refused(String thread) {
            steps.add(
                    new RunReport.Step(
                            thread,
                            "could not be made: %d threads are the most there may be"
                                    .formatted(Dmatest.THREAD_COUNT_MAX)));
        }

        @Override
        public void tested(String thread, int tests, int failures) {
            count(thread, tests, failures);
            progress.say(() -> Count.of(sum(0), "test") + ", " + Count.of(sum(1), "failure"));
        }

        @Override
        public void ended(String thread, int tests, int failures, int result) {
            count(thread, tests, failures);
            if (result != 0) {
                ended.put(thread, "could not test: -" + Errno.ofNumber(-result));
            } else if (failures != 0) {
                ended.put(thread, "%d of %s failed".formatted(failures, Count.of(tests, "test")));
            } else {
                ended.put(thread, "");
            }
        }

        private void count(String thread, int tests, int failures) {
            int[] counts = threads.computeIfAbsent(thread, _ -> new int[2]);
            counts[0] = tests;
            counts[1] = failures;
        }

        private long sum(int which) {
            return threads.values().stream().mapToLong(counts -> counts[which]).sum();
        }

        int started() {
            return threads.size();
        }

        List<RunReport.Step> steps() {
            List<RunReport.Step> all = new ArrayList<>();
            threads.keySet()
                    .forEach(name ->
                            all.add(
                                    new RunReport.Step(
                                            name, ended.getOrDefault(name, "did not end"))));
            return all;
        }

        String summary(long nowPs) {
            return "%s of %s, %s, in %.3f s of the simulated machine"
                    .formatted(
                            Count.of(sum(0), "test"),
                            Count.of(threads.size(), "thread"),
                            Count.of(sum(1), "failure"),
                            (double) nowPs / PS_PER_MS / MS_PER_S);
        }
    }
}
