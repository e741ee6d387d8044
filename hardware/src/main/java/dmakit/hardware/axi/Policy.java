package dmakit.hardware.axi;

/** Who has the next burst. */
enum Policy {
    /** The channel of the lowest number. */
    FIXED,
    /** The next one in turn. */
    ROUND_ROBIN,
    /** The one of the highest priority; equals in turn. */
    PRIORITY;

    private static final Policy[] BY_CODE = {FIXED, ROUND_ROBIN, PRIORITY, PRIORITY};

    static Policy of(int code) {
        return BY_CODE[code];
    }

    /**
     * Chooses among channels.
     *
     * @param candidates one bit for each, at least one
     * @param last who had the last burst
     */
    int choose(int candidates, int last, CopyChannel[] channels) {
        return switch (this) {
            case FIXED -> Integer.numberOfTrailingZeros(candidates);
            case ROUND_ROBIN -> next(candidates, last);
            case PRIORITY -> next(highest(candidates, channels), last);
        };
    }

    /** The first candidate behind the last one, or else the first of all. */
    private static int next(int candidates, int last) {
        int behind = candidates & (-2 << last);
        return Integer.numberOfTrailingZeros(behind != 0 ? behind : candidates);
    }

    private static int highest(int candidates, CopyChannel[] channels) {
        int best = -1;
        int those = 0;
        for (int left = candidates; left != 0; left &= left - 1) {
            int index = Integer.numberOfTrailingZeros(left);
            int priority = channels[index].priority();
            if (priority > best) {
                best = priority;
                those = 0;
            }
            those |= priority == best ? 1 << index : 0;
        }
        return those;
    }
}
