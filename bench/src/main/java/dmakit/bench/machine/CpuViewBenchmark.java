package dmakit.bench.machine;

import dmakit.machine.Machine;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.memory.CpuView;
import dmakit.machine.memory.Ram;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What does a load cost that goes through the line states of a non-coherent machine? */
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init") // JMH calls prepare before anything else
public class CpuViewBenchmark {
    /** Loads of one invocation. */
    public static final int LOADS = 1 << 14;

    private static final int WORKING_SET_BYTES = 1 << 20;
    private static final int RAM_BYTES = 64 << 20;

    private final int[] offsets = new int[LOADS];
    private Machine machine;
    private CpuView view;

    /** Fills the lines and draws the places to load from. */
    @Setup
    public void prepare() {
        machine =
                new Machine(
                        new Machine.Config(
                                List.of(new Ram.Bank(0, RAM_BYTES)),
                                false,
                                new Machine.Cache.None(),
                                CostTable.CORTEX_A53,
                                1));
        view = machine.caches();
        view.fill(0, WORKING_SET_BYTES, (byte) 1);
        var rng = machine.rng("bench");
        for (int i = 0; i < LOADS; i++) {
            offsets[i] = rng.nextInt(WORKING_SET_BYTES - Long.BYTES);
        }
    }

    /** Gives the memory back. */
    @TearDown
    public void close() {
        machine.close();
    }

    /** Loads of 8 bytes at random places of 1 MiB, at any alignment. */
    @Benchmark
    public long randomLoads() {
        long sum = 0;
        for (int offset : offsets) {
            sum += view.load64(offset);
        }
        return sum;
    }
}
