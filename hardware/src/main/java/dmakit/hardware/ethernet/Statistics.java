package dmakit.hardware.ethernet;

import dmakit.datasheet.xilinx.EthernetCounter;
import java.util.Arrays;

/** The counters of a MAC. */
final class Statistics {
    private static final EthernetCounter[] COUNTERS = EthernetCounter.values();

    /** Bytes of a frame of the first size; each size from the next on has twice as many. */
    private static final int SMALLEST = 64;

    private static final int SIZES = 6;

    private final long[] values = new long[COUNTERS.length];
    private boolean held;

    /** Keeps all counters at zero, or lets them count. */
    void hold(boolean hold) {
        held = hold;
        if (hold) {
            Arrays.fill(values, 0);
        }
    }

    void count(EthernetCounter counter) {
        add(counter, 1);
    }

    void add(EthernetCounter counter, long more) {
        if (!held) {
            values[counter.ordinal()] += more;
        }
    }

    /** Counts a good frame by its size. */
    void countSize(EthernetCounter smallest, int bytes) {
        int doublings = Integer.SIZE - 1 - Integer.numberOfLeadingZeros(bytes / SMALLEST);
        int above = bytes <= SMALLEST ? 0 : Math.min(doublings + 1, SIZES - 1);
        count(COUNTERS[smallest.ordinal() + above]);
    }

    long value(EthernetCounter counter) {
        return values[counter.ordinal()];
    }

    /** The word at an offset within the counters. */
    int word(int offset) {
        long value = values[(offset - EthernetCounter.BASE) / Long.BYTES];
        return (int) (offset % Long.BYTES == 0 ? value : value >>> Integer.SIZE);
    }
}
