package dmakit.kernel.dmaengine;

import dmakit.kernel.Linux;

/** What a client wants of a descriptor: bits, with Linux's values, to be combined. */
@Linux(file = "include/linux/dmaengine.h", symbol = "enum dma_ctrl_flags")
public final class PrepFlags {
    /** Completion calls the callback; without it the provider may leave it out. */
    public static final int INTERRUPT = 1;

    /** Nobody depends on the descriptor: the provider takes it back after completion. */
    public static final int ACK = 1 << 1;

    /** Later operations depend on the result. */
    public static final int FENCE = 1 << 5;

    /** The descriptor is prepared again after completion; see {@link Descriptor#setReuse()}. */
    public static final int REUSE = 1 << 6;

    private PrepFlags() {}
}
