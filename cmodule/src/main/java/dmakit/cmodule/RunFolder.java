package dmakit.cmodule;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A fresh folder that is removed with all it holds when it is closed.
 *
 * @param path the folder
 */
public record RunFolder(Path path) implements AutoCloseable {
    private static final String PREFIX = "dmakit-";

    /** Creates one where temporary files go. */
    public static RunFolder temporary() {
        try {
            return new RunFolder(Files.createTempDirectory(PREFIX));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot create a temporary folder", e);
        }
    }

    /** Creates one in a folder. */
    static RunFolder in(Path parent) throws IOException {
        return new RunFolder(Files.createTempDirectory(parent, PREFIX));
    }

    @Override
    public void close() {
        try (Stream<Path> files = Files.walk(path)) {
            List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
            for (Path file : deepestFirst) {
                Files.deleteIfExists(file);
            }
        } catch (NoSuchFileException e) {
            // The host process may have removed it already: it does when this one is ending.
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + path, e);
        }
    }
}
