/**
 * Coherent memory that devices have for themselves: on their board, or taken out of RAM at boot.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.coherent.CoherentMemory}, by which a driver declares it;
 * {@link dmakit.kernel.coherent.CoherentPool}, one region of it.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel.mm} for the mapping, {@code dmakit.kernel.device}, which
 * keeps a device's pool.
 *
 * <p><b>Never.</b> Looks at masks: what a pool holds, its devices can address.
 *
 * <p><b>Always.</b> A region has one bitmap, however many devices share it.
 *
 * <p><b>In Linux.</b> {@code kernel/dma/coherent.c}.
 */
@NullMarked
package dmakit.kernel.coherent;

import org.jspecify.annotations.NullMarked;
