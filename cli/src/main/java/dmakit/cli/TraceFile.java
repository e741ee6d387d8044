package dmakit.cli;

import dmakit.machine.trace.JsonLines;
import dmakit.machine.trace.PerfettoTrace;
import dmakit.machine.trace.TraceSink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The file of {@code --trace}: written beside its place and moved there when the run is over, so
 * that no run leaves half a trace.
 */
final class TraceFile implements AutoCloseable {
    private final @Nullable Path target;
    private final @Nullable Path partial;
    private final @Nullable TraceSink sink;
    private final Runnable finish;

    private TraceFile(
            @Nullable Path target,
            @Nullable Path partial,
            @Nullable TraceSink sink,
            Runnable finish) {
        this.target = target;
        this.partial = partial;
        this.sink = sink;
        this.finish = finish;
    }

    /**
     * Opens what the option says, or nothing.
     *
     * @throws CouldNotRun when the file cannot be written
     */
    static TraceFile open(TraceOption option) {
        Path named = option.file().orElse(null);
        if (named == null) {
            return new TraceFile(null, null, null, () -> {});
        }
        try {
            if (named.toString().isEmpty()) {
                throw new CouldNotRun("--trace: the name of the file is empty");
            }
            if (Files.isDirectory(named)) {
                throw new CouldNotRun("--trace " + named + ": is a folder");
            }
            // What a link leads to is replaced, not the link.
            Path target = Files.exists(named) ? named.toRealPath() : named;
            if (Files.exists(target) && !Files.isWritable(target)) {
                throw new AccessDeniedException(target.toString());
            }
            // A pipe or a terminal takes what comes; only a file can be half-written.
            boolean special = Files.exists(target) && !Files.isRegularFile(target);
            Path partial = special ? null : besideOf(target);
            Writer writer =
                    Files.newBufferedWriter(
                            partial == null ? target : partial, StandardCharsets.UTF_8);
            if (option.isJsonLines()) {
                JsonLines lines = new JsonLines(writer);
                return new TraceFile(target, partial, lines, lines::close);
            }
            PerfettoTrace trace = new PerfettoTrace(writer);
            return new TraceFile(target, partial, trace, trace::close);
        } catch (IOException e) {
            throw new CouldNotRun("--trace " + named + ": " + reason(e), e);
        }
    }

    /** Where events go, when a trace is wanted. */
    Optional<TraceSink> sink() {
        return Optional.ofNullable(sink);
    }

    /**
     * Writes the rest and puts the file in its place.
     *
     * @throws CouldNotRun when that fails
     */
    void complete() {
        Path to = target;
        if (to == null) {
            return;
        }
        try {
            closeWriter();
            if (partial != null) {
                Files.move(partial, to, StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new CouldNotRun("--trace " + to + ": " + reason(e), e);
        }
    }

    /** Removes what {@link #complete} did not put in place. */
    @Override
    public void close() {
        try {
            closeWriter();
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

    private void closeWriter() throws IOException {
        try {
            finish.run();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static Path besideOf(Path target) throws IOException {
        Path folder = target.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new NoSuchFileException(String.valueOf(folder), null, "no such folder");
        }
        // Not createTempFile: its files are for the owner's eyes only.
        Path partial = folder.resolve(".dmakit-trace-" + ProcessHandle.current().pid() + ".part");
        // A run that a signal ends does not come to close().
        partial.toFile().deleteOnExit();
        return partial;
    }

    private static String reason(IOException e) {
        if (e instanceof FileSystemException failure && failure.getReason() != null) {
            return failure.getReason();
        }
        return switch (e) {
            case AccessDeniedException _ -> "permission denied";
            case NoSuchFileException _ -> "no file can be made there";
            default -> String.valueOf(e.getMessage());
        };
    }
}
