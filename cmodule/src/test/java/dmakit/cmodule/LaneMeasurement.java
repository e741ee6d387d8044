package dmakit.cmodule;

import dmakit.machine.Machine;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.memory.Ram;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** Measures what docs/adr, "C modules in a host process", reports. A program, not a test. */
final class LaneMeasurement {
    private static final int SAMPLES = 20_000;

    private static final int[] SPINS = {0, 100, 1000, 2000, 4000};
    private static final List<String> MEMORY_LOOPS =
            List.of("measure_sum", "measure_set", "measure_sum_plain", "measure_sum_globals");

    /** As many words as the module has globals, and 8 MiB: more than a cache holds. */
    private static final int[] WORDS = {(1 << 12) - 1, (1 << 20) - 1};

    private LaneMeasurement() {}

    public static void main(String[] args) {
        long start = System.nanoTime();
        Compiler compiler = Compiler.find();
        HostBuild build = HostBuild.in(List.of(Path.of("target/host-cache")), compiler);
        say("host build", System.nanoTime() - start);
        for (int i = 0; i < 5; i++) {
            startUp(compiler, build);
        }
        for (int spins : SPINS) {
            System.out.printf("%d spins, load: %s%n", spins, load());
            measure(compiler, build, false, spins);
        }
        System.out.println("coherent");
        measure(compiler, build, true, Abi.SPIN_COUNT_USUAL);
    }

    private static Machine machine(boolean coherent) {
        return new Machine(
                new Machine.Config(
                        List.of(new Ram.Bank(0, 1L << 30)),
                        coherent,
                        new Machine.Cache.None(),
                        CostTable.CORTEX_A53,
                        1));
    }

    static Path build(Compiler compiler, HostBuild build, RunFolder folder) {
        Path module = folder.path().resolve("module.so");
        byte[] object =
                ModuleCompiler.of(compiler, build, new ModuleCache(null))
                        .compile(ModuleSource.of(Path.of("src/test/c/calls.c")))
                        .object();
        try {
            return Files.write(module, object);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void startUp(Compiler compiler, HostBuild build) {
        try (Machine machine = machine(false);
                var folder = RunFolder.temporary()) {
            long start = System.nanoTime();
            try (var host = CHost.start(machine, build, folder.path(), Duration.ofSeconds(10))) {
                long spawned = System.nanoTime();
                Path module = build(compiler, build, folder);
                host.serveWith(_ -> _ -> 0, _ -> List.of(), _ -> {});
                long compiled = System.nanoTime();
                host.load(1, module);
                long loaded = System.nanoTime();
                System.out.printf(
                        "spawn %.1f ms, compile %.1f ms, load %.1f ms%n",
                        (spawned - start) / 1e6,
                        (compiled - spawned) / 1e6,
                        (loaded - compiled) / 1e6);
            }
            start = System.nanoTime();
            try (var host = CHost.start(machine, build, folder.path(), Duration.ofSeconds(10))) {
                host.serveWith(_ -> _ -> 0, _ -> List.of(), _ -> {});
                host.symbol(1, "none");
                System.out.printf(
                        "spawn, map, answer: %.1f ms%n", (System.nanoTime() - start) / 1e6);
            }
        }
    }

    /** Runnable and running tasks of the whole computer now, this one among them. */
    private static String load() {
        try {
            return Files.readString(Path.of("/proc/loadavg")).split(" ")[3];
        } catch (IOException e) {
            return "unknown";
        }
    }

    private static void measure(Compiler compiler, HostBuild build, boolean coherent, int spins) {
        try (Machine machine = machine(coherent);
                var folder = RunFolder.temporary();
                var host =
                        CHost.start(machine, build, folder.path(), Duration.ofSeconds(10), spins)) {
            var stamps = new long[SAMPLES];
            var count = new int[1];
            host.serveWith(
                    _ ->
                            _ -> {
                                stamps[count[0]++] = System.nanoTime();
                                return 0;
                            },
                    _ -> List.of(),
                    _ -> {});
            host.load(1, build(compiler, build, folder));
            long calls = host.symbol(1, "measure_calls");
            for (int round = 0; round < 3; round++) {
                count[0] = 0;
                host.run(calls, SAMPLES);
                report("call", stamps);
            }
            long compute = host.symbol(1, "measure_compute");
            count[0] = 0;
            host.run(compute, SAMPLES, 150_000);
            report("call after some 20 us of work", stamps);
            long nothing = host.symbol(1, "measure_nothing");
            for (int i = 0; i < SAMPLES; i++) {
                host.run(nothing);
                stamps[i] = System.nanoTime();
            }
            report("run", stamps);
            long ram = AddressLayout.LINEAR_BASE + (64 << 20);
            for (String what : MEMORY_LOOPS) {
                long function = host.symbol(1, what);
                for (int words : WORDS) {
                    if (what.endsWith("globals") && words != WORDS[0]) {
                        continue;
                    }
                    host.run(function, ram, words, 1);
                    int rounds = (1 << 25) / words;
                    long start = System.nanoTime();
                    host.run(function, ram, words, rounds);
                    double each = (System.nanoTime() - start) / (double) words / rounds;
                    System.out.printf("%s of %d words: %.2f ns each%n", what, words, each);
                }
            }
        }
    }

    private static void report(String what, long[] stamps) {
        long[] gaps = new long[stamps.length - 1];
        for (int i = 0; i < gaps.length; i++) {
            gaps[i] = stamps[i + 1] - stamps[i];
        }
        Arrays.sort(gaps);
        System.out.printf(
                "%s: p50 %d ns, p90 %d, p99 %d, max %d, mean %d%n",
                what,
                gaps[gaps.length / 2],
                gaps[gaps.length * 9 / 10],
                gaps[gaps.length * 99 / 100],
                gaps[gaps.length - 1],
                (stamps[stamps.length - 1] - stamps[0]) / gaps.length);
    }

    private static void say(String what, long ns) {
        System.out.printf("%s: %.1f ms%n", what, ns / 1e6);
    }
}
