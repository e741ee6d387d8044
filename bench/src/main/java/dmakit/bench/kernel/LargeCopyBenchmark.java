package dmakit.bench.kernel;

import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.sync.Completion;
import dmakit.machine.memory.SharedSegment;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * How much of the host's own bandwidth is left when 64 MiB are copied by dmaengine, in descriptors
 * of 1 MiB? The peer is one {@link MemorySegment#copy} of 64 MiB in memory of the same kind. The
 * JVM copies more than about 2 MiB past the host's caches, which saves a third of the traffic, and
 * less through them: so there is a second peer, that copies MiB by MiB.
 */
public class LargeCopyBenchmark {

    private static final int BYTES = 64 << 20;
    private static final int DESCRIPTOR_BYTES = 1 << 20;
    private static final int DESCRIPTORS = BYTES / DESCRIPTOR_BYTES;
    private static final int FLAGS = PrepFlags.ACK | PrepFlags.INTERRUPT;

    /** A board and the buffers of every descriptor. */
    @State(Scope.Thread)
    public abstract static class Copy {
        final BootedBoard board;
        final Completion completion;
        final Runnable complete;
        final long[] source = new long[DESCRIPTORS];
        final long[] destination = new long[DESCRIPTORS];

        Copy(String name) {
            board = new BootedBoard(name);
            completion = new Completion(board.kernel().sched());
            complete = completion::complete;
        }

        /** Starts one descriptor, by the device's addresses; the last one wakes the task. */
        void start(int i, long from, long to) {
            board.channel()
                    .prepMemcpy(to, from, DESCRIPTOR_BYTES, FLAGS)
                    .callback(i == DESCRIPTORS - 1 ? complete : null)
                    .submit();
            board.channel().issuePending();
        }

        /** Switches the machine off. */
        @TearDown
        public void close() {
            board.close();
        }
    }

    /** Memory both sides see alike, by the device's addresses. */
    public static class Coherent extends Copy {
        /** Boots the board. */
        public Coherent() {
            super(BootedBoard.COHERENT);
        }

        /** Allocates the buffers, which touches every page of them. */
        @Setup
        public void prepare() {
            for (int i = 0; i < DESCRIPTORS; i++) {
                source[i] = board.coherent(DESCRIPTOR_BYTES).dma();
                destination[i] = board.coherent(DESCRIPTOR_BYTES).dma();
            }
        }

        void copy() {
            for (int i = 0; i < DESCRIPTORS; i++) {
                start(i, source[i], destination[i]);
            }
            completion.waitFor();
        }
    }

    /** Ordinary memory, by the CPU's addresses. */
    public static class NonCoherent extends Copy {
        private final long[] sourceDma = new long[DESCRIPTORS];
        private final long[] destinationDma = new long[DESCRIPTORS];

        /** Boots the board. */
        public NonCoherent() {
            super(BootedBoard.NON_COHERENT);
        }

        /** Allocates the buffers. */
        @Setup
        public void prepare() {
            for (int i = 0; i < DESCRIPTORS; i++) {
                source[i] = board.pages(DESCRIPTOR_BYTES);
                destination[i] = board.pages(DESCRIPTOR_BYTES);
            }
        }

        /** Writes to every line of both sides. */
        @Setup(Level.Invocation)
        public void soil() {
            for (int i = 0; i < DESCRIPTORS; i++) {
                board.soil(source[i], DESCRIPTOR_BYTES, (byte) i);
                board.soil(destination[i], DESCRIPTOR_BYTES, (byte) -1);
            }
        }

        /** As a driver that streams: the device copies a piece while the next one is lent. */
        void lendCopyAndTakeBack() {
            DmaMapping dma = board.kernel().dma();
            Device device = board.device();
            for (int i = 0; i < DESCRIPTORS; i++) {
                sourceDma[i] =
                        dma.mapSingle(device, source[i], DESCRIPTOR_BYTES, DmaDirection.TO_DEVICE);
                destinationDma[i] =
                        dma.mapSingle(
                                device, destination[i], DESCRIPTOR_BYTES, DmaDirection.FROM_DEVICE);
                start(i, sourceDma[i], destinationDma[i]);
            }
            completion.waitFor();
            for (int i = 0; i < DESCRIPTORS; i++) {
                dma.unmapSingle(device, sourceDma[i], DESCRIPTOR_BYTES, DmaDirection.TO_DEVICE);
                dma.unmapSingle(
                        device, destinationDma[i], DESCRIPTOR_BYTES, DmaDirection.FROM_DEVICE);
            }
        }
    }

    /** Memory without a machine around it. */
    @State(Scope.Thread)
    public static class Plain {
        final Arena arena = Arena.ofShared();
        final SharedSegment shared = SharedSegment.create("peer", 2L * BYTES, arena);
        final MemorySegment memory = shared.segment();

        /** Touches every page. */
        @Setup
        public void prepare() {
            memory.fill((byte) 1);
        }

        /** Gives the memory back. */
        @TearDown
        public void close() {
            arena.close();
            shared.close();
        }
    }

    /** On a board whose devices snoop. */
    @Benchmark
    public void coherent(Coherent state) {
        state.board.run(state::copy);
    }

    /** On a board whose devices do not, dirty buffers lent and taken back. */
    @Benchmark
    public void nonCoherent(NonCoherent state) {
        state.board.run(state::lendCopyAndTakeBack);
    }

    /** The peer: what the host takes for the same bytes. */
    @Benchmark
    public void plain(Plain state) {
        MemorySegment.copy(state.memory, 0, state.memory, BYTES, BYTES);
    }

    /** The other peer: the same in as many pieces as there are descriptors. */
    @Benchmark
    public void plainPieces(Plain state) {
        for (int at = 0; at < BYTES; at += DESCRIPTOR_BYTES) {
            MemorySegment.copy(state.memory, at, state.memory, BYTES + at, DESCRIPTOR_BYTES);
        }
    }
}
