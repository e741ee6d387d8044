package dmakit.bench.hardware;

import dmakit.datasheet.bcm2835.DmaChannelRegister;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What does the model of the BCM2835 DMA controller cost by itself? Control blocks of 64 bytes show
 * the cost of one block (QEMU's model of the chip: 1.1 million a second), blocks of 1 MiB that of
 * the bytes (QEMU: 0.09 GB/s); one read of CS, that of a register through the address map.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--add-exports=java.base/jdk.internal.vm=ALL-UNNAMED")
@SuppressWarnings("NullAway.Init") // JMH calls setUp before anything else
public class Bcm2835Benchmark {
    private static final int SMALL_BYTES = 64;
    private static final int SMALL_COUNT = 4096;
    private static final int LARGE_BYTES = 1 << 20;
    private static final int LARGE_COUNT = 16;

    /** Whether the controller snoops the CPU's caches, as on no Raspberry Pi. */
    @Param({"true", "false"})
    public boolean coherent;

    private Bcm2835Rig small;
    private Bcm2835Rig large;

    /** Builds one machine for each chain. */
    @Setup(Level.Trial)
    public void setUp() {
        small = new Bcm2835Rig(coherent, SMALL_COUNT, SMALL_BYTES);
        large = new Bcm2835Rig(coherent, LARGE_COUNT, LARGE_BYTES);
    }

    /** Gives the machines back. */
    @TearDown(Level.Trial)
    public void tearDown() {
        small.close();
        large.close();
    }

    /** One control block of 64 bytes in a chain. */
    @Benchmark
    @OperationsPerInvocation(SMALL_COUNT)
    public void block64() {
        small.runChain();
    }

    /** One control block of 1 MiB in a chain. */
    @Benchmark
    @OperationsPerInvocation(LARGE_COUNT)
    public void block1Mi() {
        large.runChain();
    }

    /** One load of a register. */
    @Benchmark
    public int registerRead() {
        return small.read(DmaChannelRegister.CS);
    }
}
