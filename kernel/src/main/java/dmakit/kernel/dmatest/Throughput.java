package dmakit.kernel.dmatest;

import dmakit.kernel.Linux;

/** Rates as a summary tells them: with integers, and two digits behind the point. */
final class Throughput {
    private static final long US_PER_S = 1_000_000;
    private static final long UINT_MAX = 0xffff_ffffL;
    private static final int FRACTION_BITS = 8;
    private static final long FRACTION_MASK = (1 << FRACTION_BITS) - 1;
    private static final int HUNDRED = 100;
    private static final int LG2_KIB = 10;

    private Throughput() {}

    /**
     * Tests per second.
     *
     * @param runtimeUs what they took; 0 or less gives no rate
     * @param tests unsigned
     */
    static String iops(long runtimeUs, int tests) {
        long rate = perSecond(runtimeUs, tests);
        return "%s.%02d"
                .formatted(
                        Long.toUnsignedString(rate >>> FRACTION_BITS),
                        ((rate & FRACTION_MASK) * HUNDRED) >> FRACTION_BITS);
    }

    /** Units of 1024 bytes per second. */
    @Linux(file = Dmatest.FILE, symbol = "dmatest_KBs")
    static String kibibytes(long runtimeUs, long bytes) {
        long rate = perSecond(runtimeUs, (int) (bytes >>> LG2_KIB));
        return Long.toUnsignedString(rate >>> FRACTION_BITS);
    }

    /** A rate with {@link #FRACTION_BITS} bits behind the point. */
    @Linux(file = Dmatest.FILE, symbol = "dmatest_persec")
    private static long perSecond(long runtimeUs, int count) {
        if (runtimeUs <= 0) {
            return 0;
        }
        long runtime = runtimeUs;
        long rate = US_PER_S;
        while (runtime > UINT_MAX) {
            runtime >>= 1;
            rate <<= 1;
        }
        rate = (rate * (count & UINT_MAX)) << FRACTION_BITS;
        return Long.divideUnsigned(rate, runtime);
    }
}
