package dmakit.labs.measure;

import dmakit.machine.Check;
import java.util.List;
import java.util.Locale;

/** The sizes of transfers that labs compare. */
public final class Sizes {
    /** The least size, in bytes. */
    public static final int MIN = 16;

    /** The greatest size, in bytes: what the page allocator gives in one piece. */
    public static final int MAX = 4 << 20;

    /** Sizes are multiples of this, in bytes. */
    public static final int STEP = 16;

    /** Sizes of one run. */
    public static final int COUNT_MAX = 32;

    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;

    /** Bytes after which the average of more transfers tells no more. */
    private static final int AVERAGED_BYTES = 64 << 10;

    private static final int TRANSFERS_MAX = 16;

    private Sizes() {}

    /** From the least to the greatest, each four times the one before. */
    public static List<Integer> usual() {
        return List.of(16, 64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB);
    }

    /** Whether labs take a size. */
    public static boolean isValid(long bytes) {
        return bytes >= MIN && bytes <= MAX && bytes % STEP == 0;
    }

    /**
     * Checks that sizes are ascending and valid, at least one and at most {@link #COUNT_MAX}.
     *
     * @throws IllegalArgumentException when they are not
     */
    public static void check(List<Integer> sizes) {
        Check.argument(!sizes.isEmpty() && sizes.size() <= COUNT_MAX, "%d sizes", sizes.size());
        int before = 0;
        for (int size : sizes) {
            Check.argument(isValid(size) && size > before, "size %d after %d", size, before);
            before = size;
        }
    }

    /** How many transfers of a size are averaged: interrupts come with a delay that varies. */
    public static int transfersOf(int bytes) {
        return Math.clamp(AVERAGED_BYTES / bytes, 1, TRANSFERS_MAX);
    }

    /** A size as readers write it: {@code 16 B}, {@code 4 KiB}, {@code 1 MiB}. */
    public static String text(long bytes) {
        if (bytes >= MIB && bytes % MIB == 0) {
            return bytes / MIB + " MiB";
        }
        return bytes >= KIB && bytes % KIB == 0 ? bytes / KIB + " KiB" : bytes + " B";
    }

    /** Bytes per second as readers write them: {@code 37.1 MB/s}. */
    public static String rate(long bytesPerSecond) {
        return String.format(Locale.ROOT, "%.1f MB/s", bytesPerSecond / 1e6);
    }
}
