/**
 * async_tx: copies, fills, parity and RAID-6 by whichever engine is free, by the CPU where none is.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.asynctx.AsyncTx}, the operations; {@link
 * dmakit.kernel.asynctx.AsyncSubmit}, what each depends on and calls back.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel.dmaengine}, for channels everybody shares; {@code
 * dmakit.kernel.mapping}, to lend pages to them; {@code dmakit.kernel.raid}, for the CPU's way.
 *
 * <p><b>Never.</b> Takes a channel for itself, or waits where an engine can chain.
 *
 * <p><b>Always.</b> An operation that answers no descriptor is done, and has called back. An
 * operation has one other that depends on it, at most.
 *
 * <p><b>In Linux.</b> {@code crypto/async_tx}, {@code Documentation/crypto/async-tx-api.rst}.
 */
@NullMarked
package dmakit.kernel.asynctx;

import org.jspecify.annotations.NullMarked;
