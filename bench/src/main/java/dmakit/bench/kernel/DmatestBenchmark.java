package dmakit.bench.kernel;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.module.BuiltInModule;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** How fast dmatest tests on the host: every byte of both buffers written before and read after. */
public class DmatestBenchmark {
    /** Tests of one invocation. */
    public static final int TESTS = 4096;

    private static final String BUFFER_BYTES = "4096";
    private static final String CHANNEL = "dma0chan0";

    /** A board as it is, caches that evict included. */
    @State(Scope.Thread)
    public static class Booted {
        final Simulation simulation =
                Simulation.boot(Board.of(BootedBoard.NON_COHERENT), Simulation.Options.seeded(1));

        void test() {
            Kernel kernel = simulation.kernel();
            BuiltInModule module = kernel.dmatest().module();
            kernel.run(
                    "bench",
                    () -> {
                        module.set("test_buf_size", BUFFER_BYTES);
                        module.set("iterations", Integer.toString(TESTS));
                        module.set("channel", CHANNEL);
                        module.set("run", "1");
                        module.get("wait");
                        module.get("run");
                    });
        }

        /** Switches the machine off. */
        @TearDown
        public void close() {
            simulation.close();
        }
    }

    /** One channel, one thread, random lengths and offsets, bytes verified. */
    @Benchmark
    public void copies(Booted state) {
        state.test();
    }
}
