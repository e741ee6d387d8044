package dmakit.kernel.log;

import dmakit.kernel.Linux;
import dmakit.machine.Check;
import dmakit.machine.time.Clock;

/**
 * Lets a burst of messages through per interval and counts the rest.
 *
 * <p>The first message after an interval tells how many were left out.
 */
@Linux(file = "include/linux/ratelimit_types.h", symbol = "ratelimit_state")
public final class RateLimit {
    /** {@code DEFAULT_RATELIMIT_INTERVAL}: five seconds, in picoseconds. */
    public static final long INTERVAL_PS = 5_000_000_000_000L;

    /** {@code DEFAULT_RATELIMIT_BURST}. */
    public static final int BURST = 10;

    private final Clock clock;
    private final Log log;
    private final long intervalPs;
    private final int burst;
    private boolean begun;
    private long beginPs;
    private int printedCount;
    private int missedCount;

    /** Creates a limit with the kernel's defaults. */
    public RateLimit(Clock clock, Log log) {
        this(clock, log, INTERVAL_PS, BURST);
    }

    /**
     * Creates a limit.
     *
     * @param intervalPs length of an interval in picoseconds; 0 for no limit
     * @param burst messages per interval, at least 0
     */
    public RateLimit(Clock clock, Log log, long intervalPs, int burst) {
        Check.argument(
                intervalPs >= 0 && burst >= 0, "interval %d ps, burst %d", intervalPs, burst);
        this.clock = clock;
        this.log = log;
        this.intervalPs = intervalPs;
        this.burst = burst;
    }

    /**
     * Whether a message may be written now.
     *
     * @param function who asks, for the line about messages left out
     */
    @Linux(file = "lib/ratelimit.c", symbol = "___ratelimit")
    public boolean allows(String function) {
        if (intervalPs == 0) {
            return true;
        }
        long now = clock.now();
        if (!begun || now - beginPs > intervalPs) {
            if (missedCount > 0) {
                log.warn("%s: %d callbacks suppressed", function, missedCount);
            }
            begun = true;
            beginPs = now;
            printedCount = 0;
            missedCount = 0;
        }
        if (printedCount < burst) {
            printedCount++;
            return true;
        }
        missedCount++;
        return false;
    }
}
