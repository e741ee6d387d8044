package dmakit.kernel.dmatest;

import dmakit.kernel.Linux;
import dmakit.kernel.dmaengine.DmaDevice;
import dmakit.kernel.dmaengine.TransactionType;

/** What is tried, in the order in which channels are looked for and threads are made. */
enum Operation {
    /** One source is copied. */
    COPY("copy", TransactionType.MEMCPY),
    /** Memory is filled with a byte of the source. */
    SET("set", TransactionType.MEMSET),
    /** An odd number of equal sources is combined, which gives any of them. */
    XOR("xor", TransactionType.XOR),
    /** The same with both syndromes, whose coefficients are 1. */
    PQ("pq", TransactionType.PQ);

    private final String suffix;
    private final TransactionType type;

    Operation(String suffix, TransactionType type) {
        this.suffix = suffix;
        this.type = type;
    }

    /** What a thread's name says of it. */
    String suffix() {
        return suffix;
    }

    /** What a provider must be able to do. */
    TransactionType type() {
        return type;
    }

    /** Whether the parameter {@code dmatest} asks for it: 0 for copies, 1 for fills. */
    boolean isChosenBy(int parameter) {
        return switch (this) {
            case COPY -> parameter == 0;
            case SET -> parameter == 1;
            case XOR, PQ -> true;
        };
    }

    /** What a provider wants to be aligned to, as a shift. */
    int lg2Align(DmaDevice device) {
        return switch (this) {
            case COPY -> device.lg2CopyAlign();
            case SET -> device.lg2FillAlign();
            case XOR -> device.lg2XorAlign();
            case PQ -> device.lg2PqAlign();
        };
    }

    /** How many buffers are read, unsigned. */
    int sourceCount(Settings settings, DmaDevice device) {
        return switch (this) {
            case COPY, SET -> 1;
            case XOR -> oddMin(settings.xorSources | 1, device.maxXor());
            case PQ -> oddMin(settings.pqSources | 1, device.maxPq(0));
        };
    }

    /** How many buffers are written. */
    int destinationCount() {
        return this == PQ ? 2 : 1;
    }

    @Linux(file = Dmatest.FILE, symbol = "min_odd")
    private static int oddMin(int a, int b) {
        int least = Integer.compareUnsigned(a, b) < 0 ? a : b;
        return (least & 1) == 0 ? least - 1 : least;
    }
}
