package dmakit.bench.hardware;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What does a burst cost on the host while 16 channels compete for each one? */
public class AxiCopyBenchmark {
    /** Bursts of one invocation: on 16 channels 1024 each, of 16 beats of 16 bytes. */
    public static final int BURSTS = 16 * 1024;

    private static final int BYTES = 1024 * 16 * 16;

    /** A machine with an engine. */
    @State(Scope.Thread)
    public static class Engine {
        final AxiCopyRig rig = new AxiCopyRig();

        /** Gives the machine back. */
        @TearDown
        public void close() {
            rig.close();
        }
    }

    /** Every burst goes to another channel than the one before. */
    @Benchmark
    public void sixteenChannels(Engine engine) {
        engine.rig.copyOnAll(BYTES);
    }
}
