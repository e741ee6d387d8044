package dmakit.labs;

/** How many of something there are, for readers. */
public final class Count {
    private Count() {}

    /**
     * As {@code 1 frame} and {@code 2 frames}.
     *
     * @param what one of them; more of them end in an s
     */
    public static String of(long count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }
}
