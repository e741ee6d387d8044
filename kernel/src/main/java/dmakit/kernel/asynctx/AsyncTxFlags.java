package dmakit.kernel.asynctx;

import dmakit.kernel.Linux;

/** What a client wants of an operation: bits, with Linux's values, to be combined. */
@Linux(file = "include/linux/async_tx.h", symbol = "enum async_tx_flags")
public final class AsyncTxFlags {
    /** The destination is no source: the CPU clears it first, engines overwrite it anyway. */
    public static final int XOR_ZERO_DST = 1;

    /** The destination is source 0, too: the CPU leaves that one out, as it adds to it anyway. */
    public static final int XOR_DROP_DST = 1 << 1;

    /** Nothing will depend on the operation. */
    public static final int ACK = 1 << 2;

    /** The next operation of the chain uses the result of this one. */
    public static final int FENCE = 1 << 3;

    /** Syndromes are added to the P and Q that are there; on the CPU alone. */
    public static final int PQ_XOR_DST = 1 << 4;

    private AsyncTxFlags() {}
}
