package dmakit.cmodule;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/**
 * A fresh folder that is removed with all it holds when it is closed, or when this JVM ends
 * whichever way.
 */
public final class RunFolder implements AutoCloseable {
    private static final String PREFIX = "dmakit-";

    private final Path path;
    private final FolderGuard guard;

    private RunFolder(Path path, FolderGuard guard) {
        this.path = path;
        this.guard = guard;
    }

    /**
     * Creates one where temporary files go.
     *
     * @throws UncheckedIOException when none can be made there
     */
    public static RunFolder temporary() {
        try {
            return in(Path.of(System.getProperty("java.io.tmpdir")));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot create a temporary folder", e);
        }
    }

    /** Creates one in a folder. */
    static RunFolder in(Path parent) throws IOException {
        Path path = parent.toAbsolutePath().resolve(PREFIX + UUID.randomUUID());
        return new RunFolder(path, FolderGuard.make(path, List.of()));
    }

    /** The folder. */
    public Path path() {
        return path;
    }

    @Override
    public void close() {
        guard.close();
    }
}
