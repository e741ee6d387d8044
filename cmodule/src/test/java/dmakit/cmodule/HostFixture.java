package dmakit.cmodule;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dmakit.machine.Machine;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.memory.Ram;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** A machine with a host process in which a file of {@code src/test/c} is loaded. */
final class HostFixture implements AutoCloseable {
    static final Path SOURCES = Path.of(System.getProperty("dmakit.root"), "cmodule/src/test/c");

    private static final Path CACHE =
            Path.of(System.getProperty("dmakit.root"), "cmodule/target/host-cache");

    final Machine machine;
    final RunFolder folder;
    final CHost host;
    private Served served = (service, call) -> 0;

    /** Answers every service. */
    interface Served {
        long serve(String service, Call call);
    }

    private HostFixture(Machine machine, RunFolder folder, CHost host) {
        this.machine = machine;
        this.folder = folder;
        this.host = host;
    }

    /** Skips the test where no C compiler is installed. */
    static Compiler compiler() {
        try {
            return Compiler.find();
        } catch (CompilerMissing e) {
            assumeTrue(false, e.getMessage());
            throw e;
        }
    }

    static HostBuild build() {
        return HostBuild.in(List.of(CACHE), compiler());
    }

    /** Compiles modules, those that were compiled before from a cache. */
    static ModuleCompiler modules() {
        return ModuleCompiler.of(compiler(), build(), ModuleCache.in(List.of(CACHE)));
    }

    static CompiledModule compile(Path source) {
        return modules().compile(ModuleSource.of(source));
    }

    static Machine machine(boolean coherent) {
        return new Machine(
                new Machine.Config(
                        List.of(new Ram.Bank(0, 16 << 20), new Ram.Bank(0x4000_0000, 16 << 20)),
                        coherent,
                        new Machine.Cache.None(),
                        CostTable.CORTEX_A53,
                        1));
    }

    static HostFixture with(String source, boolean coherent, Duration patience, Path parent) {
        Machine machine = machine(coherent);
        try {
            RunFolder folder = RunFolder.in(parent);
            CHost host = CHost.start(machine, build(), folder.path(), patience);
            var fixture = new HostFixture(machine, folder, host);
            Path module = folder.path().resolve("module.so");
            CompiledModule compiled = compile(SOURCES.resolve(source));
            Files.write(module, compiled.object());
            var lines = new Lines(build().headers());
            lines.add(1, module, compiled.source());
            host.serveWith(
                    service -> call -> fixture.served.serve(service, call),
                    lane -> Backtrace.of(lane, lines),
                    _ -> {});
            host.load(1, module);
            return fixture;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void serveWith(Served server) {
        served = server;
    }

    long run(String function, long... values) {
        long[] all = Arrays.copyOf(values, 4);
        return host.run(host.symbol(1, "do_" + function), all[0], all[1], all[2], all[3]);
    }

    @Override
    public void close() {
        host.close();
        folder.close();
        machine.close();
    }
}
