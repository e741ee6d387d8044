package dmakit.cmodule;

import dmakit.cmodule.service.Groups;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.chardev.UserProcess;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Findings;
import dmakit.kernel.check.SiteSource;
import dmakit.kernel.check.SourceLine;
import dmakit.kernel.device.Device;
import dmakit.kernel.log.Log;
import dmakit.kernel.sched.Contexts;
import dmakit.machine.Check;
import dmakit.machine.cpu.AddressLayout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A booted kernel that loads C modules: one process for all of them, and the services they call.
 *
 * <p>Order of calls: {@link #start}, {@link #load} and what the module offers, {@link #close}.
 * Whatever of C code runs, runs in tasks of the kernel. A JVM that dies without closing leaves
 * neither process nor file.
 */
public final class CSystem implements AutoCloseable {
    /** Devices that C code may know. */
    private static final int DEVICE_COUNT_MAX = 65_536;

    private static final long NOT_REFUSED = -1;

    private final Kernel kernel;
    private final Options options;
    private final ModuleCompiler compiler;
    private final RunFolder folder;
    private final CHost host;
    private final Lines lines;
    private final List<ServiceGroup> groups;
    private final Handles<Device> devices = new Handles<>("devices", DEVICE_COUNT_MAX);
    private final List<CModule> modules = new ArrayList<>();
    private final Map<Integer, ModuleFile> files = new HashMap<>();

    /** Files of modules that are gone: kept for their lines, and for when they come again. */
    private final Map<ByteBuffer, Path> unusedFiles = new HashMap<>();

    private int moduleNumber;
    private long refusedAt = NOT_REFUSED;

    private record ModuleFile(ByteBuffer object, Path path) {}

    /**
     * How C code is treated.
     *
     * @param patience how long it may go on without calling the kernel
     * @param allowHost whether it may use the computer it really runs on
     */
    public record Options(Duration patience, boolean allowHost) {
        /** Ten seconds, and no. */
        public static final Options USUAL = new Options(Duration.ofSeconds(10), false);
    }

    /**
     * Starts the process, which comes up while the first module is compiled.
     *
     * @throws CompilerMissing when this computer has no C compiler that works
     */
    public static CSystem start(Kernel kernel, Options options) {
        return start(kernel, options, ModuleCompiler.usual());
    }

    /** Starts the process with a compiler that was found before. */
    public static CSystem start(Kernel kernel, Options options, ModuleCompiler compiler) {
        RunFolder folder = RunFolder.temporary();
        try {
            return new CSystem(kernel, options, compiler, folder);
        } catch (RuntimeException e) {
            folder.close();
            throw e;
        }
    }

    private CSystem(Kernel kernel, Options options, ModuleCompiler compiler, RunFolder folder) {
        this.kernel = kernel;
        this.options = options;
        this.compiler = compiler;
        HostBuild build = compiler.build();
        this.folder = folder;
        lines = new Lines(build.headers());
        host = CHost.start(kernel.machine(), build, folder.path(), options.patience());
        if (options.allowHost()) {
            host.allowHost();
        }
        groups = Groups.of(this);
        var registry = new Registry();
        groups.forEach(group -> group.register(registry));
        host.serveWith(registry::find, lane -> Backtrace.of(lane, lines), this::report);
        host.checkWith(new TaskBalance(kernel.sched().contexts()));
        findings().foreignSites(new Sites());
    }

    // What services are made of.

    /** The kernel that C code calls. */
    public Kernel kernel() {
        return kernel;
    }

    /** What runs C functions. */
    public CHost host() {
        return host;
    }

    /** Where mistakes go. */
    public Findings findings() {
        return kernel.findings();
    }

    /** How C code is treated. */
    public Options options() {
        return options;
    }

    /** The numbers by which C code knows devices: {@code dmakit_number} of their structs. */
    public Handles<Device> devices() {
        return devices;
    }

    /**
     * The device of a number.
     *
     * @throws IllegalArgumentException when there is none, as for 0, the number of NULL
     */
    public Device device(long number) {
        return devices.get(number);
    }

    // Modules.

    /**
     * Compiles and loads a module; none of its functions runs yet.
     *
     * @throws CompileFailed when the module does not compile, or lacks kernel symbols
     * @throws HostEnded when the process cannot start
     */
    public CModule load(ModuleSource source) {
        return load(compiler.compile(source));
    }

    /**
     * Loads a compiled module; none of its functions runs yet.
     *
     * @throws NameTaken when the kernel has a module of that name built in
     * @throws CompileFailed when the dynamic linker refuses it
     * @throws HostEnded when the process cannot start
     */
    public CModule load(CompiledModule compiled) {
        Check.argument(
                modules.size() < Abi.MODULE_COUNT_MAX,
                "%d modules are loaded already",
                Abi.MODULE_COUNT_MAX);
        if (isBuiltIn(compiled.source().name())) {
            throw new NameTaken(compiled.source().name());
        }
        int number = ++moduleNumber;
        ByteBuffer object = ByteBuffer.wrap(compiled.object());
        Path again = unusedFiles.remove(object);
        Path file = again == null ? write(number, compiled) : again;
        ModuleSource source = compiled.source();
        lines.add(number, file, source);
        host.load(number, file);
        var module = new CModule(this, source, number);
        modules.add(module);
        files.put(number, new ModuleFile(object, file));
        return module;
    }

    private boolean isBuiltIn(String name) {
        return modules.stream().noneMatch(module -> module.name().equals(name))
                && kernel.fileSystem().sys().directory("module").find(name).isPresent();
    }

    private Path write(int number, CompiledModule compiled) {
        Path file = folder.path().resolve("module-" + number + ".so");
        try {
            return Files.write(file, compiled.object());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the module", e);
        }
    }

    /** The modules that are loaded, in the order in which they were. */
    public List<CModule> modules() {
        return Collections.unmodifiableList(modules);
    }

    /**
     * The module a site is in.
     *
     * @throws IllegalArgumentException when it is in none that is loaded
     */
    public CModule moduleOf(long site) {
        int number = Lines.moduleOf(site);
        for (CModule module : modules) {
            if (module.number() == number) {
                return module;
            }
        }
        throw new IllegalArgumentException("no module is at 0x" + Long.toHexString(site));
    }

    /** Whether a site is in a module. */
    public boolean isOf(CModule module, long site) {
        return (site & SiteSource.FOREIGN) != 0 && Lines.moduleOf(site) == module.number();
    }

    /** Whether the process has ended, as after an oops; no C code runs any more. */
    public boolean hasEnded() {
        return host.isEnded();
    }

    void initialised(CModule module) {
        groups.forEach(group -> group.initialised(module));
    }

    void starting(CModule module) {
        groups.forEach(group -> group.starting(module));
    }

    void unload(CModule module) {
        groups.forEach(group -> group.unloaded(module));
        host.unload(module.number());
        modules.remove(module);
        ModuleFile left = files.remove(module.number());
        if (left != null) {
            unusedFiles.put(left.object(), left.path());
        }
    }

    /**
     * An access of C code is refused, as the hardware would refuse it; the finding is made. What
     * comes of it is not reported again.
     */
    public void refuse(long va) {
        refusedAt = va;
    }

    private void report(HostEnded ended) {
        Log log = kernel.log();
        reportCause(ended);
        log.alert("%s", String.valueOf(ended.getMessage()));
        log.emerg("Internal error: Oops, Comm: %s", kernel.sched().current().name());
        if (!ended.trace().isEmpty()) {
            log.emerg("Call trace:");
        }
        ended.trace().forEach(frame -> log.emerg(" %s", frame));
    }

    private void reportCause(HostEnded ended) {
        if (ended.cause() == HostEnded.Cause.HOST || ended.address() == refusedAt) {
            return;
        }
        FindingId id =
                switch (ended.cause()) {
                    case NULL_POINTER -> FindingId.NULL_DEREF;
                    case BAD_ADDRESS ->
                            isUser(ended.address()) ? FindingId.USER_DEREF : FindingId.WILD_ACCESS;
                    case OOPS, HOST, EARLIER -> FindingId.OOPS;
                };
        findings().report(id, "%s", String.valueOf(ended.getMessage())).at(ended.site()).add();
    }

    /** Whether the process that runs has something at an address. */
    private boolean isUser(long va) {
        UserProcess process = kernel.processes().current();
        return process != null
                ? process.memory().load(va, new byte[1], 0, 1) == 1
                : AddressLayout.isUser(va);
    }

    /** Interrupts and softirqs are looked at where the kernel serves them. */
    private record TaskBalance(Contexts contexts) implements CHost.Balance {
        private static final long IN_INTERRUPT = -1;

        @Override
        public long mark() {
            return contexts.inTask() ? contexts.mark() : IN_INTERRUPT;
        }

        @Override
        public void check(long before) {
            if (before != IN_INTERRUPT) {
                contexts.checkLeft(before, "a function of the module");
            }
        }
    }

    private final class Sites implements SiteSource {
        @Override
        public long here() {
            return host.site();
        }

        @Override
        public SourceLine lineOf(long site) {
            return lines.lineOf(site);
        }

        @Override
        public void prepare(Collection<Long> sites) {
            lines.read(sites);
        }
    }

    /** Ends the process, whatever it is doing, and removes its files; lines are known no longer. */
    @Override
    public void close() {
        try {
            host.close();
        } finally {
            folder.close();
        }
    }
}
