package dmakit.cli;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/**
 * A file that an option names: written beside its place and moved there when it is whole, so that
 * no run leaves half of it.
 */
final class WholeFile implements AutoCloseable {
    private final String option;
    private final Path target;
    private final @Nullable Path partial;
    private final OutputStream stream;
    private final Writer writer;

    private WholeFile(String option, Path target, @Nullable Path partial, OutputStream stream) {
        this.option = option;
        this.target = target;
        this.partial = partial;
        this.stream = stream;
        writer =
                new BufferedWriter(
                        new OutputStreamWriter(stream, StandardCharsets.UTF_8.newEncoder()));
    }

    /**
     * Opens a file to be written.
     *
     * @param option that names it, for messages, as {@code --trace}
     * @throws CouldNotRun when it cannot be written
     */
    static WholeFile open(String option, Path named) {
        try {
            if (named.toString().isEmpty()) {
                throw new CouldNotRun(option + ": the name of the file is empty");
            }
            if (Files.isDirectory(named)) {
                throw new CouldNotRun(option + " " + named + ": is a folder");
            }
            // What a link leads to is replaced, not the link.
            Path target = Files.exists(named) ? named.toRealPath() : named;
            if (Files.exists(target) && !Files.isWritable(target)) {
                throw new AccessDeniedException(target.toString());
            }
            // A pipe or a terminal takes what comes; only a file can be half-written.
            boolean special = Files.exists(target) && !Files.isRegularFile(target);
            Path partial = special ? null : besideOf(target, option);
            OutputStream stream = Files.newOutputStream(partial == null ? target : partial);
            return new WholeFile(option, target, partial, stream);
        } catch (IOException e) {
            throw new CouldNotRun(option + " " + named + ": " + reason(e), e);
        }
    }

    /** Where the contents go, in UTF-8; {@link #complete} closes it. */
    Writer writer() {
        return writer;
    }

    /**
     * Writes the rest and puts the file in its place.
     *
     * @param last writes the end of the contents
     * @throws CouldNotRun when that fails
     */
    void complete(Runnable last) {
        try {
            run(last);
            writer.close();
            if (partial != null) {
                Files.move(partial, target, StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new CouldNotRun(option + " " + target + ": " + reason(e), e);
        }
    }

    /**
     * Writes all there is to write and puts the file in its place.
     *
     * @throws CouldNotRun when that fails
     */
    void complete(String text) {
        complete(() -> {
            try {
                writer.write(text);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /**
     * Writes all there is to write, which is no text, and puts the file in its place.
     *
     * @throws CouldNotRun when that fails
     */
    void complete(byte[] content) {
        complete(() -> {
            try {
                stream.write(content);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static void run(Runnable last) throws IOException {
        try {
            last.run();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** Removes what {@link #complete} did not put in place. */
    @Override
    public void close() {
        try {
            writer.close();
        } catch (IOException e) {
            // The run has failed already, and what it wrote is removed.
        }
        try {
            if (partial != null) {
                Files.deleteIfExists(partial);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path besideOf(Path target, String option) throws IOException {
        Path folder = target.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new NoSuchFileException(String.valueOf(folder), null, "no such folder");
        }
        // Not createTempFile: its files are for the owner's eyes only.
        Path partial =
                folder.resolve(".dmakit" + option + "-" + ProcessHandle.current().pid() + ".part");
        // A run that a signal ends does not come to close().
        partial.toFile().deleteOnExit();
        return partial;
    }

    /** Why a file could not be had, in a user's words. */
    static String reason(@Nullable IOException e) {
        if (e instanceof FileSystemException failure && failure.getReason() != null) {
            return failure.getReason();
        }
        return switch (e) {
            case AccessDeniedException _ -> "permission denied";
            case NoSuchFileException _ -> "no file can be made there";
            case null -> "unknown";
            default -> String.valueOf(e.getMessage());
        };
    }
}
