package dmakit.cli;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.cli.report.ReportedFinding;
import dmakit.cli.report.RunReport;
import dmakit.cli.report.Suppressions;
import dmakit.cmodule.CModule;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.HostEnded;
import dmakit.cmodule.ModuleCompiler;
import dmakit.cmodule.ModuleSource;
import dmakit.kernel.Errno;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.boot.KernelOops;
import dmakit.kernel.check.Finding;
import dmakit.kernel.check.Findings;
import dmakit.kernel.sched.KernelBug;
import dmakit.kernel.sched.KernelPanic;
import dmakit.machine.task.Deadlock;
import dmakit.machine.trace.TraceSink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * One module's life on one machine: loaded, used, unloaded.
 *
 * <p>Whatever fails is a failed step of the report, and ends the run where nothing can follow it.
 */
final class ModuleRun {
    private static final String WENT_WELL = "";

    private final Plan plan;
    private final RunConsole console;
    private final List<RunReport.Step> steps = new ArrayList<>();
    private boolean dead;

    /**
     * What is to be done.
     *
     * @param source of the module
     * @param board to run it on
     * @param machine seed and cache of the machine
     * @param system how C code is treated
     * @param timeLimit of simulated time, from the moment the module is loaded
     */
    record Plan(
            ModuleSource source,
            Board board,
            Simulation.Options machine,
            CSystem.Options system,
            Optional<Duration> timeLimit) {}

    ModuleRun(Plan plan, RunConsole console) {
        this.plan = plan;
        this.console = console;
    }

    /**
     * Does it.
     *
     * @param sinks that listen to every event from power-on
     * @param suppressions that divide what is found
     * @throws dmakit.cmodule.CModuleException when the module cannot be compiled
     * @throws dmakit.board.BoardException when the machine cannot be built
     */
    RunReport run(List<TraceSink> sinks, Suppressions suppressions) {
        var compiler = Aside.begin(ModuleCompiler::usual);
        var compiled = Aside.begin(() -> compiler.await().compile(plan.source()));
        try (Simulation simulation =
                        Simulation.boot(plan.board(), plan.machine(), sinks, console::log);
                CSystem system =
                        CSystem.start(simulation.kernel(), plan.system(), compiler.await())) {
            Findings findings = simulation.kernel().findings();
            findings.enable();
            CModule module = system.load(compiled.await());
            suppressions.search(compiled.await().files());
            console.release();
            plan.timeLimit().ifPresent(limit -> TimeLimit.set(simulation.machine().clock(), limit));
            use(simulation.kernel(), module);
            return report(findings, suppressions);
        }
    }

    private void use(Kernel kernel, CModule module) {
        boolean loaded =
                step(
                        "insmod " + module.name(),
                        () -> answered(kernel.call("insmod", module::init)));
        if (dead) {
            return;
        }
        step(
                "rmmod " + module.name(),
                () -> {
                    if (loaded) {
                        kernel.run("rmmod", module::exit);
                    }
                    module.unload();
                    return WENT_WELL;
                });
    }

    private static String answered(int result) {
        if (result >= 0) {
            return WENT_WELL;
        }
        for (Errno errno : Errno.values()) {
            if (errno.number() == -result) {
                return "init answered " + result + " (-" + errno + ")";
            }
        }
        return "init answered " + result;
    }

    /** Does something whose answer says how it failed; returns whether it did not. */
    private boolean step(String name, Supplier<String> body) {
        String failure;
        try {
            failure = body.get();
        } catch (HostEnded | KernelPanic | TimeLimit | Deadlock e) {
            dead = true;
            failure = messageOf(e);
        } catch (KernelBug | KernelOops e) {
            failure = messageOf(e);
        }
        steps.add(new RunReport.Step(name, failure));
        return failure.isEmpty();
    }

    private static String messageOf(Throwable e) {
        return String.valueOf(e.getMessage()).strip().replaceAll("\\s*\\R\\s*", " ");
    }

    private RunReport report(Findings findings, Suppressions suppressions) {
        findings.prepareLines();
        List<ReportedFinding> all = new ArrayList<>();
        for (Finding finding : findings.all()) {
            all.add(ReportedFinding.of(finding, findings));
        }
        Suppressions.Divided divided = suppressions.divide(all);
        return new RunReport(
                Version.number(),
                plan.source().name(),
                plan.board().name(),
                plan.machine().seed(),
                plan.source().kernelVersion(),
                steps,
                divided.counted(),
                divided.suppressed(),
                divided.unused(),
                console.log());
    }
}
