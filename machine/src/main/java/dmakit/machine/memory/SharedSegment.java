package dmakit.machine.memory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalInt;

/**
 * A sparse piece of memory that another process can map too.
 *
 * <p>On Linux it is a memfd; a child process opens {@code /proc/PID/fd/N} of this one. Elsewhere it
 * is a temporary file that is deleted as soon as it is open, and cannot be shared.
 */
public final class SharedSegment implements AutoCloseable {
    private static final int MFD_CLOEXEC = 1;

    private final MemorySegment segment;
    private final OptionalInt descriptor;

    private SharedSegment(MemorySegment segment, OptionalInt descriptor) {
        this.segment = segment;
        this.descriptor = descriptor;
    }

    /**
     * Creates and maps zeroed memory.
     *
     * @param name shown by the operating system in its list of mappings
     * @param bytes size, at least 1
     * @param arena closing it unmaps the memory
     * @throws UncheckedIOException when the operating system refuses
     */
    static SharedSegment create(String name, long bytes, Arena arena) {
        try {
            return isLinux() ? memfd(name, bytes, arena) : temporaryFile(name, bytes, arena);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot map " + bytes + " bytes for " + name, e);
        }
    }

    /** The memory, mapped into this process. */
    public MemorySegment segment() {
        return segment;
    }

    /** The file descriptor in this process, where another process can open it. */
    public OptionalInt descriptor() {
        return descriptor;
    }

    @Override
    public void close() {
        if (descriptor.isPresent()) {
            Libc.close(descriptor.getAsInt());
        }
    }

    private static boolean isLinux() {
        return "Linux".equals(System.getProperty("os.name"));
    }

    private static SharedSegment memfd(String name, long bytes, Arena arena) throws IOException {
        int descriptor = Libc.memfdCreate(name, MFD_CLOEXEC);
        if (descriptor < 0) {
            throw new IOException("memfd_create failed");
        }
        Path path = Path.of("/proc/self/fd/" + descriptor);
        try (FileChannel channel =
                FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            MemorySegment mapped = channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena);
            return new SharedSegment(mapped, OptionalInt.of(descriptor));
        }
    }

    private static SharedSegment temporaryFile(String name, long bytes, Arena arena)
            throws IOException {
        Path path = Files.createTempFile(name, ".ram");
        try (FileChannel channel =
                FileChannel.open(
                        path,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.SPARSE,
                        StandardOpenOption.DELETE_ON_CLOSE)) {
            return new SharedSegment(
                    channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena),
                    OptionalInt.empty());
        }
    }

    /** The two calls that Java has no method for. */
    @SuppressWarnings("restricted")
    private static final class Libc {
        private static final MethodHandle MEMFD_CREATE =
                handle(
                        "memfd_create",
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
        private static final MethodHandle CLOSE =
                handle("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

        private static MethodHandle handle(String symbol, FunctionDescriptor descriptor) {
            Linker linker = Linker.nativeLinker();
            return linker.downcallHandle(linker.defaultLookup().findOrThrow(symbol), descriptor);
        }

        static int memfdCreate(String name, int flags) {
            try (Arena arena = Arena.ofConfined()) {
                return (int) MEMFD_CREATE.invokeExact(arena.allocateFrom(name), flags);
            } catch (Throwable e) {
                throw new IllegalStateException("memfd_create", e);
            }
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
