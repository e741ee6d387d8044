package dmakit.oracle;

import java.util.stream.LongStream;

/**
 * Which random programs a comparison runs: the same ones every time, or the one that is asked for.
 */
public final class Seeds {
    private Seeds() {}

    /**
     * Seeds from 1 on; or one alone, or another number of them, as {@code ./dev oracle} was told.
     *
     * @param count how many unless told otherwise
     */
    public static LongStream upTo(int count) {
        Long one = Long.getLong("oracle.seed");
        return one != null
                ? LongStream.of(one)
                : LongStream.rangeClosed(1, Long.getLong("oracle.count", count));
    }

    /** Whether one program alone was asked for. */
    public static boolean isReplay() {
        return Long.getLong("oracle.seed") != null;
    }

    /** How to run one of them again. */
    public static String replay(String chip, long seed) {
        return "replay: ./dev oracle " + chip + " --seed " + seed;
    }
}
