package dmakit.kernel.dmaengine;

import dmakit.kernel.Linux;

/**
 * Told how a transfer ended. Runs in a tasklet: it must not sleep; it may prepare, submit, issue
 * and {@linkplain Channel#terminateAsync terminate}.
 */
@FunctionalInterface
@Linux(file = "include/linux/dmaengine.h", symbol = "dma_async_tx_callback_result")
public interface ResultCallback {
    /**
     * The transfer is over, or a period of a cyclic one is.
     *
     * @param result how it ended
     * @param residue bytes not moved, unsigned
     */
    void done(TransferResult result, int residue);
}
