package dmakit.bench.cmodule;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.cmodule.CModule;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.ModuleSource;
import dmakit.kernel.boot.Kernel;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What does a driver in C pay for being watched, for a call of the kernel, and for a whole
 * transfer? On rpi3, with line states, and every mistake looked for.
 */
public class CodeBenchmark {
    /** Bytes that the loop over memory walks: more than the host's caches of a core hold. */
    public static final long WALK_BYTES = 4 << 20;

    /** Calls of one invocation. */
    public static final int CALLS = 1000;

    /** Transfers of one invocation. */
    public static final int CYCLES = 100_000;

    /** A module that is loaded on a board. */
    @State(Scope.Thread)
    public static class Loaded {
        private final Simulation simulation =
                Simulation.boot(Board.of("rpi3"), Simulation.Options.seeded(1));
        private final Kernel kernel = simulation.kernel();
        private final CSystem system;
        private final CModule module;
        private final long memory;

        /** Compiles and loads it. */
        public Loaded() {
            kernel.findings().enable();
            system = CSystem.start(kernel, CSystem.Options.USUAL);
            try {
                Path source = Files.createTempFile("figures", ".c");
                try (InputStream figures =
                        Objects.requireNonNull(
                                CodeBenchmark.class.getResourceAsStream("figures.c"))) {
                    Files.write(source, figures.readAllBytes());
                    module = system.load(ModuleSource.of(source));
                } finally {
                    Files.delete(source);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            expect(0, kernel.call("insmod", () -> (long) module.init()));
            memory = run("bench_memory", WALK_BYTES, 0);
        }

        long run(String function, long a, long b) {
            long address = module.symbol(function);
            return kernel.call("bench", () -> system.host().run(address, a, b));
        }

        private static void expect(long wanted, long answer) {
            if (answer != wanted) {
                throw new IllegalStateException("the module answered " + answer);
            }
        }

        /** Ends the process and switches the machine off. */
        @TearDown
        public void close() {
            expect(0, kernel.findings().all().size());
            system.close();
            simulation.close();
        }
    }

    /** Loads and stores with hooks. */
    @Benchmark
    public long hooked(Loaded state) {
        return state.run("bench_walk_hooked", state.memory, WALK_BYTES / Long.BYTES);
    }

    /** The same without. */
    @Benchmark
    public long plain(Loaded state) {
        return state.run("bench_walk_plain", state.memory, WALK_BYTES / Long.BYTES);
    }

    /** Calls of the kernel, one after the other. */
    @Benchmark
    public void calls(Loaded state) {
        Loaded.expect(CALLS, state.run("bench_calls", CALLS, 0));
    }

    /** Map two buffers, copy one to the other by DMA, wait, unmap both. */
    @Benchmark
    public void cycles(Loaded state) {
        Loaded.expect(CYCLES, state.run("bench_cycles", CYCLES, 0));
    }
}
