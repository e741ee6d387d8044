package dmakit.kernel.dmatest;

import dmakit.kernel.dmaengine.DmaDevice;
import dmakit.kernel.dmaengine.TransactionType;

/** What is tried, in the order in which channels are looked for and threads are made. */
enum Operation {
    /** One source is copied. */
    COPY("copy", TransactionType.MEMCPY),
    /** Memory is filled with a byte of the source. */
    SET("set", TransactionType.MEMSET);

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
        return parameter == ordinal();
    }

    /** What a provider wants to be aligned to, as a shift. */
    int lg2Align(DmaDevice device) {
        return switch (this) {
            case COPY -> device.lg2CopyAlign();
            case SET -> device.lg2FillAlign();
        };
    }

    /** How many buffers are read. */
    int sourceCount() {
        return switch (this) {
            case COPY, SET -> 1;
        };
    }

    /** How many buffers are written. */
    int destinationCount() {
        return switch (this) {
            case COPY, SET -> 1;
        };
    }
}
