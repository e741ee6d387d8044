package dmakit.bench.hardware;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What does the model of the BCM2835 DMA controller cost by itself? Control blocks of 64 bytes show
 * the cost of one block (QEMU's model of the chip: 1.1 million a second), blocks of 1 MiB that of
 * the bytes (QEMU: 0.09 GB/s).
 */
public class Bcm2835Benchmark {
    /** Small control blocks of one invocation. */
    public static final int SMALL_COUNT = 4096;

    /** Bytes one invocation moves by large control blocks. */
    public static final int LARGE_CHAIN_BYTES = 16 << 20;

    private static final int SMALL_BYTES = 64;
    private static final int LARGE_BYTES = 1 << 20;

    /** A chain of control blocks. */
    @State(Scope.Thread)
    public abstract static class Chain {
        final Bcm2835Rig rig;

        Chain(boolean coherent, int count, int bytes) {
            rig = new Bcm2835Rig(coherent, count, bytes);
        }

        /** Gives the machine back. */
        @TearDown
        public void close() {
            rig.close();
        }
    }

    /** Of 64 bytes each. */
    public static class Small extends Chain {
        /** Builds the machine. */
        public Small() {
            super(false, SMALL_COUNT, SMALL_BYTES);
        }
    }

    /** Of 1 MiB each. */
    public static class Large extends Chain {
        /** Builds the machine. */
        public Large() {
            super(false, LARGE_CHAIN_BYTES / LARGE_BYTES, LARGE_BYTES);
        }
    }

    /** Of 1 MiB each, on a machine whose controller snoops. */
    public static class LargeCoherent extends Chain {
        /** Builds the machine. */
        public LargeCoherent() {
            super(true, LARGE_CHAIN_BYTES / LARGE_BYTES, LARGE_BYTES);
        }
    }

    /** A chain of small blocks. */
    @Benchmark
    public void smallBlocks(Small chain) {
        chain.rig.runChain();
    }

    /** A chain of large blocks. */
    @Benchmark
    public void largeBlocks(Large chain) {
        chain.rig.runChain();
    }

    /** A chain of large blocks, coherent. */
    @Benchmark
    public void largeBlocksCoherent(LargeCoherent chain) {
        chain.rig.runChain();
    }
}
