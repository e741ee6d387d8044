package dmakit.bench.kernel;

import dmakit.kernel.device.Device;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.mapping.DmaPool;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.machine.bus.MasterPort;
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
    private static final int LIVE_COUNT = 1_000_000;
    private static final int POOL_BYTES = 64;
    private static final int READ_BYTES = 64;
    private static final DmaDirection DIRECTION = DmaDirection.BIDIRECTIONAL;

    /** A board whose devices snoop, and a list of buffers. */
    @State(Scope.Thread)
    public static class Coherent {
        final BootedBoard board;
        final DmaMapping dma;
        final Device device;
        final long buffer;
        final Scatterlist list = new Scatterlist(LIST_ENTRIES);

        /** Boots the board whose devices snoop. */
        public Coherent() {
            this(new BootedBoard(BootedBoard.COHERENT));
        }

        Coherent(BootedBoard booted) {
            board = booted;
            dma = board.kernel().dma();
            device = board.device();
            buffer = board.pages(BYTES);
            board.soil(buffer, BYTES, (byte) 1);
        }

        /** Fills the list. */
        @Setup
        public void prepare() {
            for (int i = 0; i < LIST_ENTRIES; i++) {
                long page = board.pages(BYTES);
                board.soil(page, BYTES, (byte) 1);
                list.setBuffer(i, page, BYTES);
            }
        }

        /** Switches the machine off. */
        @TearDown
        public void close() {
            board.close();
        }
    }

    /** The same with every check on, for a driver whose place costs nothing to know: as in C. */
    public static class Checked extends Coherent {
        /** Looks for mistakes. */
        public Checked() {
            super(new BootedBoard(BootedBoard.COHERENT).checking());
        }
    }

    /** The same with every check on, for a driver in Java: its place is found on its stack. */
    public static class CheckedJava extends Coherent {
        /** Looks for mistakes. */
        public CheckedJava() {
            super(new BootedBoard(BootedBoard.COHERENT).checkingJava());
        }
    }

    /** Every mapping is bounced. */
    public static class Bounced extends Coherent {
        /** Boots with bounce buffers for everything. */
        public Bounced() {
            super(new BootedBoard(BootedBoard.COHERENT, "swiotlb=force"));
        }
    }

    /** Behind an IOMMU whose translations are gone with the mapping. */
    public static class Strict extends Coherent {
        /** Boots the board with an IOMMU. */
        public Strict() {
            super(new BootedBoard(BootedBoard.IOMMU, "iommu.strict=1"));
        }
    }

    /** Behind an IOMMU that may keep translations for a while. */
    public static class Lazy extends Coherent {
        /** Boots the board with an IOMMU. */
        public Lazy() {
            super(new BootedBoard(BootedBoard.IOMMU, "iommu.strict=0"));
        }
    }

    /** The same with a million mappings that stay. */
    public static class Crowded extends Strict {
        /** Fills the address space. */
        public Crowded() {
            board.run(() -> {
                for (int i = 0; i < LIVE_COUNT; i++) {
                    dma.mapSingle(device, buffer, BYTES, DIRECTION);
                }
            });
        }
    }

    /** A pool of small blocks. */
    public static class Pooled extends Coherent {
        final DmaPool pool =
                board.kernel()
                        .call("setup", () -> dma.poolCreate("bench", device, POOL_BYTES, 1, 0));
    }

    /** A device that reads one page all the time. */
    public static class Reading extends Strict {
        final MasterPort port =
                board.machine().bus().masters().stream()
                        .filter(each -> each.name().equals("dma"))
                        .findFirst()
                        .orElseThrow();
        final byte[] bytes = new byte[READ_BYTES];
        final long lent =
                board.kernel().call("setup", () -> dma.mapSingle(device, buffer, BYTES, DIRECTION));
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

    /** One range, every check on. */
    @Benchmark
    public void checked(Checked state) {
        coherent(state);
    }

    /** One range, every check on, of a driver in Java. */
    @Benchmark
    public void checkedJava(CheckedJava state) {
        coherent(state);
    }

    /** A list, every check on. */
    @Benchmark
    public void checkedList(Checked state) {
        list(state);
    }

    /** One range through a bounce buffer. */
    @Benchmark
    public void swiotlb(Bounced state) {
        coherent(state);
    }

    /** One range behind an IOMMU, strict. */
    @Benchmark
    public void iommuStrict(Strict state) {
        coherent(state);
    }

    /** One range behind an IOMMU, lazy. */
    @Benchmark
    public void iommuLazy(Lazy state) {
        coherent(state);
    }

    /** One range behind an IOMMU among a million others. */
    @Benchmark
    public void iommuCrowded(Crowded state) {
        coherent(state);
    }

    /** Coherent memory of a page. */
    @Benchmark
    public void allocCoherent(Coherent state) {
        state.board.run(() -> {
            for (int i = 0; i < OPERATIONS; i++) {
                CoherentBuffer page = state.dma.allocCoherent(state.device, BYTES, Gfp.KERNEL);
                state.dma.freeCoherent(state.device, page);
            }
        });
    }

    /** A block of a pool. */
    @Benchmark
    public void pool(Pooled state) {
        state.board.run(() -> {
            for (int i = 0; i < OPERATIONS; i++) {
                state.pool.free(state.pool.alloc(Gfp.KERNEL));
            }
        });
    }

    /** What a device reads through its IOMMU, which has seen the page before. */
    @Benchmark
    public void deviceReads(Reading state) {
        for (int i = 0; i < OPERATIONS; i++) {
            int at = i * READ_BYTES & (BYTES - 1);
            var _ = state.port.read(state.lent + at, state.bytes, 0, READ_BYTES);
        }
    }

    private static void mapAndUnmap(DmaMapping dma, Device device, long va) {
        long lent = dma.mapSingle(device, va, BYTES, DIRECTION);
        dma.unmapSingle(device, lent, BYTES, DIRECTION);
    }
}
