package dmakit.kernel.asynctx;

import dmakit.kernel.Linux;
import dmakit.kernel.dmaengine.Descriptor;
import org.jspecify.annotations.Nullable;

/**
 * How an operation is submitted. Operations change it: it is to be {@linkplain #init begun} anew
 * for every one.
 */
@Linux(file = "include/linux/async_tx.h", symbol = "struct async_submit_ctl")
public final class AsyncSubmit {
    private int flags;
    private @Nullable Descriptor dependTx;
    private @Nullable Runnable callback;
    private long @Nullable [] scribble;

    /** Creates one without flags, dependency, callback and scribble space. */
    public AsyncSubmit() {}

    /**
     * Sets everything.
     *
     * @param newFlags of {@link AsyncTxFlags}
     * @param newDependTx what an operation before answered, to run after it; null for nothing. It
     *     is acknowledged by that
     * @param newCallback runs when the operation is done, in a tasklet or before the operation
     *     returns; it must neither sleep nor submit operations. Null for none
     * @param newScribble space for as many addresses as the operation has blocks; null to have the
     *     table of blocks overwritten with virtual addresses by the CPU's way
     * @return this
     */
    @Linux(file = "include/linux/async_tx.h", symbol = "init_async_submit")
    public AsyncSubmit init(
            int newFlags,
            @Nullable Descriptor newDependTx,
            @Nullable Runnable newCallback,
            long @Nullable [] newScribble) {
        flags = newFlags;
        dependTx = newDependTx;
        callback = newCallback;
        scribble = newScribble;
        return this;
    }

    /** The flags; operations leave others behind. */
    public int flags() {
        return flags;
    }

    /** What is to be done before; after an operation of many parts, the last part but one. */
    public @Nullable Descriptor dependTx() {
        return dependTx;
    }

    /** What completion calls, or null. */
    public @Nullable Runnable callback() {
        return callback;
    }

    /** The space for addresses, or null. */
    public long @Nullable [] scribble() {
        return scribble;
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    void flags(int newFlags) {
        flags = newFlags;
    }

    void dependTx(@Nullable Descriptor desc) {
        dependTx = desc;
    }

    void callback(@Nullable Runnable newCallback) {
        callback = newCallback;
    }

    /** Between the parts of an operation nobody is called, and the chain stays open. */
    void part(int ofFlags, @Nullable Runnable ofCallback, boolean isLast) {
        flags = isLast ? ofFlags : (ofFlags & ~AsyncTxFlags.ACK) | AsyncTxFlags.FENCE;
        callback = isLast ? ofCallback : null;
    }
}
