package dmakit.cmodule.user;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** Makes named pipes, by the one function of the C library Java has no method for. */
@SuppressWarnings("restricted")
final class Fifo {
    private static final int OWNER_ONLY = 0600;
    private static final MethodHandle MKFIFO =
            Linker.nativeLinker()
                    .downcallHandle(
                            Linker.nativeLinker().defaultLookup().findOrThrow("mkfifo"),
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.ADDRESS,
                                    ValueLayout.JAVA_INT));

    private Fifo() {}

    /** Makes a named pipe that only this user may open. */
    static void make(Path path) throws IOException {
        int result;
        try (Arena arena = Arena.ofConfined()) {
            result = (int) MKFIFO.invokeExact(arena.allocateFrom(path.toString()), OWNER_ONLY);
        } catch (Throwable e) {
            throw new IllegalStateException("mkfifo", e);
        }
        if (result != 0) {
            throw new IOException("cannot make a named pipe at " + path);
        }
    }
}
