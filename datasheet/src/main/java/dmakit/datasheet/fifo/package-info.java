/**
 * The loopback FIFO's register table. The device is invented here: the plainest peripheral that
 * needs DMA, for labs and tests.
 *
 * <p><b>Doors.</b> {@link dmakit.datasheet.fifo.LoopbackFifoRegister}.
 *
 * <p><b>Leans on.</b> {@code dmakit.datasheet}.
 *
 * <p><b>Never.</b> Knows what a register does.
 */
@NullMarked
package dmakit.datasheet.fifo;

import org.jspecify.annotations.NullMarked;
