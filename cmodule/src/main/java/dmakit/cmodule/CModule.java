package dmakit.cmodule;

import dmakit.kernel.dmaengine.DmaEngine;
import dmakit.kernel.log.Log;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.sched.Sched;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A C module, compiled and loaded, in a process of its own.
 *
 * <p>{@link #init} and {@link #exit} run in a task of the kernel. Closing ends the process and
 * removes whatever it left; a JVM that dies without closing leaves nothing either.
 */
public final class CModule implements AutoCloseable {
    /** How long C code may go on without calling the kernel, unless said otherwise. */
    public static final Duration USUAL_PATIENCE = Duration.ofSeconds(10);

    private final String name;
    private final RunFolder folder;
    private final CHost host;

    private CModule(String name, RunFolder folder, CHost host) {
        this.name = name;
        this.folder = folder;
        this.host = host;
    }

    /**
     * Compiles and loads a module; none of its functions runs yet.
     *
     * @param source one C file
     * @throws CompilerMissing when this computer has no C compiler that works
     * @throws CompileFailed when the module does not compile, or lacks kernel symbols
     * @throws HostEnded when its process cannot start
     */
    public static CModule load(
            Sched sched, DmaMapping mapping, DmaEngine engine, Path source, Duration patience) {
        Compiler compiler = Compiler.find();
        HostBuild build = HostBuild.in(HostBuild.usualCaches(), compiler);
        return load(sched, mapping, engine, source, patience, compiler, build);
    }

    static CModule load(
            Sched sched,
            DmaMapping mapping,
            DmaEngine engine,
            Path source,
            Duration patience,
            Compiler compiler,
            HostBuild build) {
        RunFolder folder = RunFolder.temporary();
        CHost host = null;
        try {
            // The process comes up while the compiler runs, and guards the folder from then on.
            host = CHost.start(sched.machine(), build, folder.path(), patience);
            Path module = new ModuleBuilder(compiler, build).build(source, folder.path());
            String name = ModuleBuilder.nameOf(source);
            host.serveWith(
                    new Services(sched, mapping, engine, host),
                    ended -> report(ended, name, sched.log()));
            host.load(module);
            return new CModule(name, folder, host);
        } catch (RuntimeException e) {
            if (host != null) {
                host.close();
            }
            folder.close();
            throw e;
        }
    }

    /**
     * A module to begin with: one transfer between two coherent buffers.
     *
     * @throws CompilerMissing as {@link #load}
     */
    public static Path example() {
        return HostBuild.in(HostBuild.usualCaches(), Compiler.find()).example();
    }

    /** The module's name, as {@code lsmod} shows it. */
    public String name() {
        return name;
    }

    /**
     * Runs the function of {@code module_init}.
     *
     * @return what it returned: 0, or a negative error number; 0 without such a function
     * @throws HostEnded when the process does not live to see its end
     */
    public int init() {
        return (int) run("dmakit_module_init");
    }

    /**
     * Runs the function of {@code module_exit}, if there is one.
     *
     * @throws HostEnded when the process does not live to see its end
     */
    public void exit() {
        run("dmakit_module_exit");
    }

    private long run(String variable) {
        long function = host.function(variable);
        return function == 0 ? 0 : host.run(function, 0, 0, 0, 0);
    }

    private static void report(HostEnded ended, String name, Log log) {
        List<String> trace = ended.trace();
        log.alert("%s", String.valueOf(ended.getMessage()));
        log.emerg("Internal error: Oops, Comm: %s", name);
        if (!trace.isEmpty()) {
            log.emerg("Call trace:");
        }
        for (String frame : trace) {
            log.emerg(" %s [%s]", frame, name);
        }
    }

    @Override
    public void close() {
        try {
            host.close();
        } finally {
            folder.close();
        }
    }
}
