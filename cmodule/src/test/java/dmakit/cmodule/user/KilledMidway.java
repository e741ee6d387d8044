package dmakit.cmodule.user;

import java.nio.file.Path;
import java.time.Duration;

/** A JVM of its own that runs a command, for tests that kill it. */
final class KilledMidway {
    private KilledMidway() {}

    /** Runs the command {@code args[1]} with its files in the folder {@code args[0]}. */
    public static void main(String[] args) {
        try (var system = new UserFixture(Path.of(args[0]))) {
            system.sh(args[1], Duration.ofSeconds(60));
        }
    }
}
