package dmakit.kernel.dmaengine;

import dmakit.kernel.Linux;

/** What a client wants of a descriptor: bits, with Linux's values, to be combined. */
@Linux(file = "include/linux/dmaengine.h", symbol = "enum dma_ctrl_flags")
public final class PrepFlags {
    /** Completion calls the callback; without it the provider may leave it out. */
    public static final int INTERRUPT = 1;

    /** Nobody depends on the descriptor: the provider takes it back after completion. */
    public static final int ACK = 1 << 1;

    /** A syndrome without P: the address of P is not looked at. */
    public static final int PQ_DISABLE_P = 1 << 2;

    /** A syndrome without Q: the address of Q is not looked at. */
    public static final int PQ_DISABLE_Q = 1 << 3;

    /** The syndrome goes on from what P and Q hold. */
    public static final int CONTINUE = 1 << 4;

    /** Later operations depend on the result. */
    public static final int FENCE = 1 << 5;

    /** The descriptor is prepared again after completion; see {@link Descriptor#setReuse()}. */
    public static final int REUSE = 1 << 6;

    /** The bytes are commands, and not data, to a provider that knows the difference. */
    public static final int CMD = 1 << 7;

    /** An interleaved transfer starts over until another with {@link #LOAD_EOT} is issued. */
    public static final int REPEAT = 1 << 8;

    /** Replaces a repeated transfer at its next end; without it that one is never replaced. */
    public static final int LOAD_EOT = 1 << 9;

    private PrepFlags() {}
}
