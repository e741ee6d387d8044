package dmakit.cli;

import dmakit.cli.report.Sources;
import dmakit.cli.report.Suppressions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How long a run may take, and what is allowed in it. Use as {@code @Mixin}. */
final class LimitOptions {
    private static final int SECONDS_MAX = 86_400;

    @Option(
            names = "--time-limit",
            paramLabel = "SECONDS",
            description = "How much simulated time may pass (default: any).")
    private @Nullable Double timeLimitSeconds;

    @Option(
            names = "--suppress",
            paramLabel = "FILE",
            description = "Allows findings: lines of 'id path[:line] reason'.")
    private List<Path> suppress = List.of();

    /**
     * How much simulated time may pass.
     *
     * @throws CouldNotRun when that makes no sense
     */
    Optional<Duration> timeLimit() {
        Double seconds = timeLimitSeconds;
        if (seconds == null) {
            return Optional.empty();
        }
        if (!(seconds > 0 && seconds <= SECONDS_MAX)) {
            throw new CouldNotRun(
                    "--time-limit %s: wanted more than 0, at most %d"
                            .formatted(seconds, SECONDS_MAX));
        }
        return Optional.of(Duration.ofNanos((long) (seconds * 1e9)));
    }

    /**
     * What is allowed by files.
     *
     * @throws CouldNotRun when one cannot be read or understood
     */
    Suppressions suppressions(Sources sources) {
        var suppressions = new Suppressions(sources);
        for (Path file : suppress) {
            try {
                suppressions.add(file.toString(), Files.readAllLines(file));
            } catch (NoSuchFileException e) {
                throw new CouldNotRun("--suppress " + file + ": no such file", e);
            } catch (IOException e) {
                throw new CouldNotRun("--suppress " + file + ": cannot be read", e);
            } catch (IllegalArgumentException e) {
                throw new CouldNotRun("--suppress " + e.getMessage(), e);
            }
        }
        return suppressions;
    }
}
