package dmakit.cli;

import dmakit.machine.time.Alarm;
import dmakit.machine.time.Clock;
import java.time.Duration;

/**
 * A run has taken more simulated time than it was given.
 *
 * <p>An {@link Error}, as it comes in the middle of whatever runs then, and is no failure of it.
 */
final class TimeLimit extends Error {
    private static final long serialVersionUID = 1L;
    private static final long PS_PER_NS = 1_000;

    private TimeLimit(Duration limit) {
        super("the limit of %s s of simulated time is reached".formatted(seconds(limit)));
    }

    /** Ends whatever runs when the time has come. */
    static void set(Clock clock, Duration limit) {
        Alarm alarm =
                new Alarm(
                        "time limit",
                        () -> {
                            throw new TimeLimit(limit);
                        });
        clock.setIn(alarm, limit.toNanos() * PS_PER_NS);
    }

    private static String seconds(Duration limit) {
        return limit.toMillis() % 1000 == 0
                ? Long.toString(limit.toSeconds())
                : Double.toString(limit.toMillis() / 1000.0);
    }
}
