package dmakit.cli;

import dmakit.cli.report.Sources;
import dmakit.cli.report.Suppressions;
import dmakit.cmodule.CSystem;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a run of C code may take and do, and what is allowed in it. Use as {@code @Mixin}. */
final class SystemOptions {
    private static final int SECONDS_MAX = 86_400;

    /** C code that goes on for longer than this without a call will go on for ever. */
    private static final int PATIENCE_SECONDS_MAX = 10;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description =
                    "How long a command may take on this computer, and C code go on without calling"
                            + " the kernel, but that at most 10 (default: ${DEFAULT-VALUE}).")
    private int timeoutSeconds = 30;

    @Option(
            names = "--allow-host",
            description = "Lets the module use files and sockets of this computer.")
    private boolean allowHost;

    @Mixin private LimitOptions limits = new LimitOptions();

    /**
     * How C code is treated.
     *
     * @throws CouldNotRun when the timeout makes no sense
     */
    CSystem.Options system() {
        int seconds = (int) Math.min(timeout().toSeconds(), PATIENCE_SECONDS_MAX);
        return new CSystem.Options(Duration.ofSeconds(seconds), allowHost);
    }

    /**
     * How long a command may take.
     *
     * @throws CouldNotRun when that makes no sense
     */
    Duration timeout() {
        if (timeoutSeconds < 1 || timeoutSeconds > SECONDS_MAX) {
            throw new CouldNotRun(
                    "--timeout %d: wanted 1 to %d".formatted(timeoutSeconds, SECONDS_MAX));
        }
        return Duration.ofSeconds(timeoutSeconds);
    }

    /**
     * How much simulated time may pass.
     *
     * @throws CouldNotRun when that makes no sense
     */
    Optional<Duration> timeLimit() {
        return limits.timeLimit();
    }

    /**
     * What is allowed by files.
     *
     * @throws CouldNotRun when one cannot be read or understood
     */
    Suppressions suppressions(Sources sources) {
        return limits.suppressions(sources);
    }
}
