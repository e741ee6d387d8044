package dmakit.bench.kernel;

import dmakit.kernel.raid.Raid6;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What do both syndromes of a stripe cost, in a booted kernel's memory and time, beside a plain
 * loop in C over memory of its own? The loop is compiled with {@code gcc -O2 -fno-tree-vectorize}.
 */
public class SyndromeBenchmark {
    private static final int DISKS = 16;
    private static final int BYTES = 64 << 10;

    /** Stripes of one invocation. */
    private static final int OPERATIONS = 16;

    /** A stripe in a kernel's memory. */
    @State(Scope.Thread)
    public abstract static class Stripe {
        final BootedBoard board;
        final Raid6 raid6;
        final long[] blocks = new long[DISKS + 2];

        Stripe(String name) {
            board = new BootedBoard(name);
            raid6 = new Raid6(board.machine().cpu());
            for (int i = 0; i < blocks.length; i++) {
                blocks[i] = board.pages(BYTES);
                board.soil(blocks[i], BYTES, (byte) (i * 37));
            }
        }

        void generate() {
            for (int i = 0; i < OPERATIONS; i++) {
                raid6.genSyndrome(blocks.length, BYTES, blocks);
            }
        }

        /** Switches the machine off. */
        @TearDown
        public void close() {
            board.close();
        }
    }

    /** On a board whose devices snoop. */
    public static class Coherent extends Stripe {
        /** Boots it. */
        public Coherent() {
            super(BootedBoard.COHERENT);
        }
    }

    /** On a board whose devices do not: every line has a state. */
    public static class NonCoherent extends Stripe {
        /** Boots it. */
        public NonCoherent() {
            super(BootedBoard.NON_COHERENT);
        }
    }

    /** The loop in C and its memory. */
    @State(Scope.Thread)
    @SuppressWarnings("restricted")
    public static class Native {
        private final Arena arena = Arena.ofShared();
        private final MethodHandle syndromes;
        private final MemorySegment data = arena.allocate(ValueLayout.ADDRESS, DISKS);
        private final MemorySegment p = arena.allocate(BYTES);
        private final MemorySegment q = arena.allocate(BYTES);

        /** Compiles the loop, and fills the memory. */
        public Native() {
            Linker linker = Linker.nativeLinker();
            SymbolLookup library = SymbolLookup.libraryLookup(compiled(), arena);
            syndromes =
                    linker.downcallHandle(
                            library.find("syndromes").orElseThrow(),
                            FunctionDescriptor.ofVoid(
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.ADDRESS,
                                    ValueLayout.ADDRESS,
                                    ValueLayout.ADDRESS));
            for (int i = 0; i < DISKS; i++) {
                MemorySegment block = arena.allocate(BYTES);
                block.fill((byte) (i * 37));
                data.setAtIndex(ValueLayout.ADDRESS, i, block);
            }
            try {
                linker.downcallHandle(
                                library.find("prepare").orElseThrow(), FunctionDescriptor.ofVoid())
                        .invokeExact();
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }

        private static Path compiled() {
            try {
                Path folder = Files.createTempDirectory("syndromes");
                folder.toFile().deleteOnExit();
                Path source = folder.resolve("syndromes.c");
                Path library = folder.resolve("syndromes.so");
                source.toFile().deleteOnExit();
                library.toFile().deleteOnExit();
                try (InputStream text =
                        Objects.requireNonNull(
                                SyndromeBenchmark.class.getResourceAsStream("syndromes.c"))) {
                    Files.write(source, text.readAllBytes());
                }
                int status =
                        new ProcessBuilder(
                                        "gcc",
                                        "-O2",
                                        "-fno-tree-vectorize",
                                        "-shared",
                                        "-fPIC",
                                        "-o",
                                        library.toString(),
                                        source.toString())
                                .inheritIO()
                                .start()
                                .waitFor();
                if (status != 0) {
                    throw new IllegalStateException("gcc ended with " + status);
                }
                return library;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }

        void generate() {
            try {
                for (int i = 0; i < OPERATIONS; i++) {
                    syndromes.invokeExact(DISKS, (long) BYTES, data, p, q);
                }
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }

        /** Gives the memory back. */
        @TearDown
        public void close() {
            arena.close();
        }
    }

    /** By the kernel, coherent. */
    @Benchmark
    public void coherent(Coherent state) {
        state.board.run(state::generate);
    }

    /** By the kernel, with line states. */
    @Benchmark
    public void nonCoherent(NonCoherent state) {
        state.board.run(state::generate);
    }

    /** The peer: the loop in C. */
    @Benchmark
    public void loop(Native state) {
        state.generate();
    }
}
