package dmakit.kernel.log;

import java.util.Locale;

/**
 * One message of the log.
 *
 * @param atPs when, in picoseconds since power-on
 * @param level how much it matters
 * @param text without a line end; may hold several lines
 */
public record LogRecord(long atPs, Level level, String text) {
    private static final long PS_PER_US = 1_000_000;
    private static final long US_PER_S = 1_000_000;

    /** The message as the kernel prints it; each of its lines carries the time. */
    @Override
    public String toString() {
        long us = atPs / PS_PER_US;
        String stamp = String.format(Locale.ROOT, "[%5d.%06d] ", us / US_PER_S, us % US_PER_S);
        return stamp + text.replace("\n", "\n" + stamp);
    }
}
