package dmakit.bench.kernel;

import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.scatterlist.Scatterlist;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What does it cost to lend 4 KiB to a device and to take them back? In both directions, so that
 * lines are cleaned as well as dropped.
 */
public class MappingBenchmark {
    /** Operations of one invocation where nothing has to be prepared for them. */
    public static final int OPERATIONS = 4096;

    /** Operations of one invocation where each has a buffer of its own. */
    public static final int BUFFERS = 256;

    private static final int BYTES = 4096;
    private static final int LIST_ENTRIES = 16;
    private static final DmaDirection DIRECTION = DmaDirection.BIDIRECTIONAL;

    /** A board whose devices snoop, and a list of buffers. */
    @State(Scope.Thread)
    public static class Coherent {
        final BootedBoard board = new BootedBoard(BootedBoard.COHERENT);
        final DmaMapping dma = board.kernel().dma();
        final Device device = board.device();
        final long buffer = board.pages(BYTES);
        final Scatterlist list = new Scatterlist(LIST_ENTRIES);

        /** Fills the list. */
        @Setup
        public void prepare() {
            for (int i = 0; i < LIST_ENTRIES; i++) {
                list.setBuffer(i, board.pages(BYTES), BYTES);
            }
        }

        /** Switches the machine off. */
        @TearDown
        public void close() {
            board.close();
        }
    }

    /** A board whose devices snoop, but reach bounce buffers only. */
    @State(Scope.Thread)
    public static class Bounced {
        final BootedBoard board = new BootedBoard(BootedBoard.COHERENT, "swiotlb=force");
        final DmaMapping dma = board.kernel().dma();
        final Device device = board.device();
        final long buffer = board.pages(BYTES);

        /** Switches the machine off. */
        @TearDown
        public void close() {
            board.close();
        }
    }

    /** A board whose devices do not snoop, and buffers next to each other. */
    @State(Scope.Thread)
    public static class NonCoherent {
        final BootedBoard board = new BootedBoard(BootedBoard.NON_COHERENT);
        final long buffers = board.pages((long) BUFFERS * BYTES);

        void mapAll() {
            DmaMapping dma = board.kernel().dma();
            Device device = board.device();
            board.run(() -> {
                for (int i = 0; i < BUFFERS; i++) {
                    mapAndUnmap(dma, device, buffers + (long) i * BYTES);
                }
            });
        }

        /** Switches the machine off. */
        @TearDown
        public void close() {
            board.close();
        }
    }

    /** Buffers that the CPU has read. */
    public static class Clean extends NonCoherent {
        /** Makes every line valid and clean again: giving back has dropped them. */
        @Setup(Level.Invocation)
        public void clean() {
            board.clean(buffers, (long) BUFFERS * BYTES);
        }
    }

    /** Buffers that the CPU has written. */
    public static class Dirty extends NonCoherent {
        /** Makes every line dirty again. */
        @Setup(Level.Invocation)
        public void soil() {
            board.soil(buffers, (long) BUFFERS * BYTES, (byte) 2);
        }
    }

    /** One range, direct, coherent. */
    @Benchmark
    public void coherent(Coherent state) {
        state.board.run(() -> {
            for (int i = 0; i < OPERATIONS; i++) {
                mapAndUnmap(state.dma, state.device, state.buffer);
            }
        });
    }

    /** One range through SWIOTLB: copied there and back. */
    @Benchmark
    public void swiotlb(Bounced state) {
        state.board.run(() -> {
            for (int i = 0; i < OPERATIONS; i++) {
                mapAndUnmap(state.dma, state.device, state.buffer);
            }
        });
    }

    /** One range whose lines are clean. */
    @Benchmark
    public void linesClean(Clean state) {
        state.mapAll();
    }

    /** One range whose lines are dirty. */
    @Benchmark
    public void linesDirty(Dirty state) {
        state.mapAll();
    }

    /** A list, direct, coherent. */
    @Benchmark
    public void list(Coherent state) {
        state.board.run(() -> {
            for (int i = 0; i < OPERATIONS; i++) {
                state.dma.mapSg(state.device, state.list, LIST_ENTRIES, DIRECTION);
                state.dma.unmapSg(state.device, state.list, LIST_ENTRIES, DIRECTION);
            }
        });
    }

    private static void mapAndUnmap(DmaMapping dma, Device device, long va) {
        long lent = dma.mapSingle(device, va, BYTES, DIRECTION);
        dma.unmapSingle(device, lent, BYTES, DIRECTION);
    }
}
