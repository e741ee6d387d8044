package dmakit.cli;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --trace}: where the run's events are written. Use as {@code @Mixin}. */
final class TraceOption {

    @Option(
            names = "--trace",
            paramLabel = "FILE",
            description =
                    "Writes every event of the run: one JSON object per line to a FILE"
                            + " that ends in .jsonl, else a trace that the Perfetto viewer opens.")
    private @Nullable Path file;

    Optional<Path> file() {
        return Optional.ofNullable(file);
    }

    /**
     * Returns whether the trace is wanted as JSON lines.
     *
     * @return true when {@link #file()} is present and ends in {@code .jsonl}
     */
    boolean isJsonLines() {
        return file != null && file.toString().endsWith(".jsonl");
    }
}
