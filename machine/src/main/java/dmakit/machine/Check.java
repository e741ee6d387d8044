package dmakit.machine;

import java.util.Locale;

/** Checks that stay on: for our own mistakes, and for arguments no caller may pass. */
public final class Check {
    private Check() {}

    /**
     * States what must hold unless dmakit itself is wrong.
     *
     * @throws InvariantViolation when it does not hold
     */
    public static void invariant(boolean holds, String message, Object... values) {
        if (!holds) {
            throw new InvariantViolation(String.format(Locale.ROOT, message, values));
        }
    }

    /** As above, without the array that varargs cost on a hot path. */
    public static void invariant(boolean holds, String message) {
        if (!holds) {
            throw new InvariantViolation(message);
        }
    }

    /**
     * States what a caller must pass.
     *
     * @throws IllegalArgumentException when it did not; the message carries the values
     */
    public static void argument(boolean holds, String message, long a) {
        if (!holds) {
            throw new IllegalArgumentException(String.format(Locale.ROOT, message, a));
        }
    }

    /** As above, with two values. */
    public static void argument(boolean holds, String message, long a, long b) {
        if (!holds) {
            throw new IllegalArgumentException(String.format(Locale.ROOT, message, a, b));
        }
    }

    /** As above, with three values. */
    public static void argument(boolean holds, String message, long a, long b, long c) {
        if (!holds) {
            throw new IllegalArgumentException(String.format(Locale.ROOT, message, a, b, c));
        }
    }

    /** As above, with any values; for paths where an array does not matter. */
    public static void argument(boolean holds, String message, Object... values) {
        if (!holds) {
            throw new IllegalArgumentException(String.format(Locale.ROOT, message, values));
        }
    }
}
