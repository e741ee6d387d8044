package dmakit.cli;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.cli.report.ReportedFinding;
import dmakit.cli.report.RunReport;
import dmakit.cli.report.Suppressions;
import dmakit.cmodule.CModuleException;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.CompiledModule;
import dmakit.cmodule.HostEnded;
import dmakit.cmodule.ModuleCompiler;
import dmakit.cmodule.ModuleSource;
import dmakit.cmodule.UserPrograms;
import dmakit.cmodule.user.CommandStuck;
import dmakit.cmodule.user.UserSession;
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
import org.jspecify.annotations.Nullable;

/**
 * A machine, from its boot to its last module's end: a module is loaded, commands run, what is
 * loaded is unloaded.
 *
 * <p>Whatever fails is a failed step of the report, and ends the run where nothing can follow it.
 */
final class ModuleRun {
    private static final String WENT_WELL = "";
    private static final int SIGNAL_STATUS = 128;

    private final Plan plan;
    private final RunConsole console;
    private final Suppressions suppressions;
    private final List<RunReport.Step> steps = new ArrayList<>();

    /** Whether nothing simulated can run any more. */
    private boolean dead;

    /**
     * What is to be done.
     *
     * @param source of the module; null for none
     * @param board to run it on
     * @param machine seed and cache of the machine
     * @param system how C code is treated
     * @param commands that are run while the module is loaded
     * @param timeLimit of simulated time, from the moment the machine has booted
     */
    record Plan(
            @Nullable ModuleSource source,
            Board board,
            Simulation.Options machine,
            CSystem.Options system,
            List<Command> commands,
            Optional<Duration> timeLimit) {}

    /**
     * A command of the user.
     *
     * @param line as it was given
     * @param command that runs it
     * @param counts whether it has to end with status 0
     */
    record Command(String line, UserSession.Command command, boolean counts) {}

    ModuleRun(Plan plan, RunConsole console, Suppressions suppressions) {
        this.plan = plan;
        this.console = console;
        this.suppressions = suppressions;
    }

    /**
     * Does it.
     *
     * @param sinks that listen to every event from power-on
     * @throws dmakit.cmodule.CModuleException when the module cannot be compiled
     * @throws dmakit.board.BoardException when the machine cannot be built
     */
    RunReport run(List<TraceSink> sinks) {
        ModuleSource source = plan.source();
        var compiler = Aside.begin(ModuleCompiler::usual);
        var programs =
                Aside.begin(() ->
                        plan.commands().isEmpty()
                                ? Optional.<UserPrograms>empty()
                                : Optional.of(UserPrograms.built()));
        var compiled =
                Aside.begin(() ->
                        source == null
                                ? Optional.<CompiledModule>empty()
                                : Optional.of(compiler.await().compile(source)));
        try (Simulation simulation =
                        Simulation.boot(
                                plan.board(), plan.machine().withFindings(), sinks, console::log);
                CSystem system =
                        CSystem.start(simulation.kernel(), plan.system(), compiler.await())) {
            Kernel kernel = simulation.kernel();
            var modules =
                    new LoadedModules(
                            system,
                            compiler.await(),
                            source,
                            module -> suppressions.search(module.files()));
            Optional<CompiledModule> first = compiled.await();
            Optional<UserPrograms> tools = programs.await();
            console.release();
            plan.timeLimit().ifPresent(limit -> TimeLimit.set(simulation.machine().clock(), limit));
            if (first.isEmpty() || insert(kernel, modules, first.get())) {
                tools.ifPresent(found -> command(system, new UserSession(kernel, found, modules)));
            }
            removeAll(kernel, modules);
            console.end();
            return report(kernel.findings());
        }
    }

    private boolean insert(Kernel kernel, LoadedModules modules, CompiledModule module) {
        return step(
                "insmod " + module.source().name(),
                () -> {
                    int result = inserted(kernel, modules, module);
                    return result < 0 ? LoadedModules.inWords(kernel, result) : WENT_WELL;
                });
    }

    /** As a task; that a module refuses its parameters is no failure of that. */
    private static int inserted(Kernel kernel, LoadedModules modules, CompiledModule module) {
        CModuleException[] refused = new CModuleException[1];
        int result =
                kernel.call(
                        "insmod",
                        () -> {
                            try {
                                return modules.insert(module);
                            } catch (CModuleException e) {
                                refused[0] = e;
                                return 0;
                            }
                        });
        if (refused[0] != null) {
            throw refused[0];
        }
        return result;
    }

    private void command(CSystem system, UserSession session) {
        for (Command command : plan.commands()) {
            if (dead) {
                return;
            }
            if (command.counts()) {
                console.say("$ " + command.line());
            }
            step(command.line(), () -> inWords(session.run(command.command()), command));
            dead |= system.hasEnded();
        }
    }

    private static String inWords(UserSession.Outcome outcome, Command command) {
        if (outcome.timedOut()) {
            return "did not end within %d s and was ended"
                    .formatted(command.command().timeout().toSeconds());
        }
        if (!outcome.stuck().isEmpty()) {
            return "waits in the kernel for ever: " + String.join(", ", outcome.stuck());
        }
        if (outcome.oopsed()) {
            return "the kernel failed in a call of it";
        }
        int status = outcome.status();
        if (status == 0 || !command.counts()) {
            return WENT_WELL;
        }
        return status > SIGNAL_STATUS
                ? "ended by signal " + (status - SIGNAL_STATUS)
                : "status " + status;
    }

    private void removeAll(Kernel kernel, LoadedModules modules) {
        for (String name : modules.names()) {
            if (dead) {
                return;
            }
            step(
                    "rmmod " + name,
                    () -> {
                        kernel.run("rmmod", () -> remove(kernel, modules, name));
                        return WENT_WELL;
                    });
        }
    }

    /** A test that goes on, or was not asked for its end, holds channels of the module. */
    private static void remove(Kernel kernel, LoadedModules modules, String name) {
        if (modules.isInUse(name)) {
            kernel.dmatest().exit();
        }
        modules.remove(name);
    }

    /** Does something whose answer says how it failed; returns whether it did not. */
    private boolean step(String name, Supplier<String> body) {
        String failure;
        try {
            failure = body.get();
        } catch (HostEnded | KernelPanic | TimeLimit | CommandStuck | Deadlock e) {
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

    private RunReport report(Findings findings) {
        findings.prepareLines();
        List<ReportedFinding> all = new ArrayList<>();
        for (Finding finding : findings.all()) {
            all.add(ReportedFinding.of(finding, findings));
        }
        Suppressions.Divided divided = suppressions.divide(all);
        ModuleSource source = plan.source();
        return new RunReport(
                Version.number(),
                source == null ? "shell" : source.name(),
                plan.board().name(),
                plan.machine().seed(),
                source == null ? ModuleSource.USUAL_VERSION : source.kernelVersion(),
                steps,
                divided.counted(),
                divided.suppressed(),
                divided.unused(),
                console.log());
    }
}
