package dmakit.machine.memory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalInt;

/**
 * A sparse piece of memory that another process can map too.
 *
 * <p>On Linux it is a memfd; a child process opens {@code /proc/PID/fd/N} of this one. Elsewhere it
 * is a temporary file that is deleted as soon as it is mapped, or, where the operating system does
 * not allow that, when the JVM ends; it cannot be shared.
 */
public final class SharedSegment implements AutoCloseable {
    private static final int MFD_CLOEXEC = 1;
    private static final int CLOSED = -2;
    private static final int NO_DESCRIPTOR = -1;

    private final MemorySegment segment;
    private int descriptor;

    private SharedSegment(MemorySegment segment, int descriptor) {
        this.segment = segment;
        this.descriptor = descriptor;
    }

    /**
     * Creates and maps zeroed memory.
     *
     * @param name shown by the operating system in its list of mappings
     * @param bytes size, at least 1
     * @param arena closing it unmaps the memory
     * @throws UncheckedIOException when the operating system refuses; nothing is left behind
     */
    public static SharedSegment create(String name, long bytes, Arena arena) {
        try {
            return isLinux() ? memfd(name, bytes, arena) : temporaryFile(name, bytes, arena);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot map " + bytes + " bytes for " + name + ": " + e.getMessage(), e);
        }
    }

    /** The memory, mapped into this process. */
    public MemorySegment segment() {
        return segment;
    }

    /**
     * The file descriptor in this process, where another process can open it.
     *
     * @throws IllegalStateException after {@link #close}: the number may mean another file by then
     */
    public OptionalInt descriptor() {
        if (descriptor == CLOSED) {
            throw new IllegalStateException("the memory's descriptor is closed");
        }
        return descriptor == NO_DESCRIPTOR ? OptionalInt.empty() : OptionalInt.of(descriptor);
    }

    /** Closes the descriptor, not the mapping; closing again does nothing. */
    @Override
    public void close() {
        int open = descriptor;
        descriptor = CLOSED;
        if (open >= 0) {
            Libc.close(open);
        }
    }

    private static boolean isLinux() {
        return "Linux".equals(System.getProperty("os.name"));
    }

    private static SharedSegment memfd(String name, long bytes, Arena arena) throws IOException {
        int descriptor = Libc.memfdCreate(name, MFD_CLOEXEC);
        boolean mapped = false;
        try (FileChannel channel =
                FileChannel.open(
                        Path.of("/proc/self/fd/" + descriptor),
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            MemorySegment memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena);
            mapped = true;
            return new SharedSegment(memory, descriptor);
        } finally {
            if (!mapped) {
                Libc.close(descriptor);
            }
        }
    }

    /** What other operating systems than Linux get. */
    static SharedSegment temporaryFile(String name, long bytes, Arena arena) throws IOException {
        Path path = Files.createTempFile(name, ".ram");
        try (FileChannel channel =
                FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            MemorySegment memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena);
            return new SharedSegment(memory, NO_DESCRIPTOR);
        } finally {
            delete(path);
        }
    }

    private static void delete(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException stillMapped) {
            path.toFile().deleteOnExit();
        }
    }

    /** The calls that Java has no method for. */
    @SuppressWarnings("restricted")
    private static final class Libc {
        private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
        private static final VarHandle ERRNO =
                STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
        private static final MethodHandle MEMFD_CREATE =
                handle(
                        "memfd_create",
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
                        Linker.Option.captureCallState("errno"));
        private static final MethodHandle CLOSE =
                handle("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

        private static MethodHandle handle(
                String symbol, FunctionDescriptor descriptor, Linker.Option... options) {
            Linker linker = Linker.nativeLinker();
            return linker.downcallHandle(
                    linker.defaultLookup().findOrThrow(symbol), descriptor, options);
        }

        static int memfdCreate(String name, int flags) throws IOException {
            int descriptor;
            int errno;
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment state = arena.allocate(STATE);
                descriptor = (int) MEMFD_CREATE.invokeExact(state, arena.allocateFrom(name), flags);
                errno = (int) ERRNO.get(state, 0L);
            } catch (Throwable e) {
                throw new IllegalStateException("memfd_create", e);
            }
            if (descriptor < 0) {
                throw new IOException("memfd_create failed with errno " + errno);
            }
            return descriptor;
        }

        static void close(int descriptor) {
            try {
                int _ = (int) CLOSE.invokeExact(descriptor);
            } catch (Throwable e) {
                throw new IllegalStateException("close", e);
            }
        }
    }
}
