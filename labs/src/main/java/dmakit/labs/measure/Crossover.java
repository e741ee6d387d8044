package dmakit.labs.measure;

import java.util.List;
import java.util.function.LongUnaryOperator;

/**
 * From which size on one way of moving bytes takes less than another.
 *
 * @param of what is compared, as {@code CPU busy time}
 * @param less what takes less from there on
 * @param more than what
 * @param place where that begins
 * @param fromBytes the size, for {@link Place#BETWEEN}; else 0
 * @param lessPs what it takes there, in picoseconds
 * @param morePs what the other takes there
 */
public record Crossover(
        String of,
        String less,
        String more,
        Place place,
        long fromBytes,
        long lessPs,
        long morePs) {

    /** Where the curves cross. */
    public enum Place {
        /** Below the least size: it takes less at all of them. */
        BELOW,
        /** Between two sizes. */
        BETWEEN,
        /** Above the greatest size, or nowhere. */
        ABOVE
    }

    /**
     * Finds where curves cross, to within a step: at the last of the sizes below which the first
     * curve is not the lower one, and between that and the next by halving.
     *
     * @param sizes ascending multiples of {@code step}, at least one
     * @param step how far apart two sizes are at least, in bytes
     * @param less what the one takes at a size, in picoseconds
     * @param more what the other takes
     */
    public static Crossover find(
            String of,
            String lessName,
            String moreName,
            List<Integer> sizes,
            int step,
            LongUnaryOperator less,
            LongUnaryOperator more) {
        int first = sizes.size();
        while (first > 0 && isLess(sizes.get(first - 1), less, more)) {
            first--;
        }
        if (first == sizes.size()) {
            return new Crossover(of, lessName, moreName, Place.ABOVE, 0, 0, 0);
        }
        long at = sizes.get(first);
        if (first > 0) {
            long below = sizes.get(first - 1);
            while (at - below > step) {
                long middle = below + (at - below) / 2 / step * step;
                if (isLess(middle, less, more)) {
                    at = middle;
                } else {
                    below = middle;
                }
            }
        }
        return new Crossover(
                of,
                lessName,
                moreName,
                first == 0 ? Place.BELOW : Place.BETWEEN,
                first == 0 ? 0 : at,
                less.applyAsLong(at),
                more.applyAsLong(at));
    }

    private static boolean isLess(long size, LongUnaryOperator less, LongUnaryOperator more) {
        return less.applyAsLong(size) < more.applyAsLong(size);
    }
}
