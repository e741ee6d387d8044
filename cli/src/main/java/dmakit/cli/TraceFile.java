package dmakit.cli;

import dmakit.machine.trace.JsonLines;
import dmakit.machine.trace.PerfettoTrace;
import dmakit.machine.trace.TraceSink;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The file of {@code --trace}, where one is wanted; no run leaves half a trace. */
final class TraceFile implements AutoCloseable {
    private final @Nullable WholeFile file;
    private final @Nullable TraceSink sink;
    private final Runnable finish;

    private TraceFile(@Nullable WholeFile file, @Nullable TraceSink sink, Runnable finish) {
        this.file = file;
        this.sink = sink;
        this.finish = finish;
    }

    /**
     * Opens what the option says, or nothing.
     *
     * @throws CouldNotRun when the file cannot be written
     */
    static TraceFile open(TraceOption option) {
        if (option.file().isEmpty()) {
            return new TraceFile(null, null, () -> {});
        }
        WholeFile file = WholeFile.open("--trace", option.file().get());
        if (option.isJsonLines()) {
            JsonLines lines = new JsonLines(file.writer());
            return new TraceFile(file, lines, lines::close);
        }
        PerfettoTrace trace = new PerfettoTrace(file.writer());
        return new TraceFile(file, trace, trace::close);
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
        if (file != null) {
            file.complete(finish);
        }
    }

    /** Removes what {@link #complete} did not put in place. */
    @Override
    public void close() {
        if (file != null) {
            file.close();
        }
    }
}
