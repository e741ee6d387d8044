package dmakit.kernel.dmaengine;

import dmakit.kernel.Linux;

/** Where a provider writes what a check of sums found, before it calls back. Nothing found is 0. */
@Linux(file = "include/linux/dmaengine.h", symbol = "enum sum_check_flags")
public final class SumCheck {
    /** P, the exclusive or, does not fit the data. */
    public static final int P = 1;

    /** Q does not fit the data. */
    public static final int Q = 1 << 1;

    private int bits;

    /** Creates a result that finds nothing wrong. */
    public SumCheck() {}

    /** What does not fit: {@link #P}, {@link #Q}, both, or 0 for nothing. */
    public int bits() {
        return bits;
    }

    /** Sets what does not fit. */
    public void set(int newBits) {
        bits = newBits;
    }
}
