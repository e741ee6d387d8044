package dmakit.kernel.mm;

/**
 * A set of small integers that answers its lowest member in a few steps, whatever its size: words
 * of bits, and above them words that say which words are not empty.
 */
final class FreeBits {
    private static final int LG2_WORD = 6;

    private final long[][] levels;
    private int count;

    FreeBits(int size) {
        int depth = 1;
        for (int words = wordsFor(size); words > 1; words = wordsFor(words)) {
            depth++;
        }
        levels = new long[depth][];
        int words = size;
        for (int level = 0; level < depth; level++) {
            words = wordsFor(words);
            levels[level] = new long[words];
        }
    }

    private static int wordsFor(int bits) {
        return Math.max(1, (bits + 63) >> LG2_WORD);
    }

    int count() {
        return count;
    }

    boolean has(int member) {
        return (levels[0][member >> LG2_WORD] & (1L << member)) != 0;
    }

    void add(int member) {
        count++;
        int at = member;
        for (long[] level : levels) {
            long before = level[at >> LG2_WORD];
            level[at >> LG2_WORD] = before | (1L << at);
            if (before != 0) {
                return;
            }
            at >>= LG2_WORD;
        }
    }

    void remove(int member) {
        count--;
        int at = member;
        for (long[] level : levels) {
            long after = level[at >> LG2_WORD] & ~(1L << at);
            level[at >> LG2_WORD] = after;
            if (after != 0) {
                return;
            }
            at >>= LG2_WORD;
        }
    }

    /** The lowest member; the set is not empty. */
    int lowest() {
        int at = 0;
        for (int level = levels.length - 1; level >= 0; level--) {
            at = (at << LG2_WORD) + Long.numberOfTrailingZeros(levels[level][at]);
        }
        return at;
    }
}
