/**
 * The loopback FIFO: the plainest peripheral that needs DMA. It has no manual, it is invented here.
 *
 * <p><b>Doors.</b> {@link dmakit.hardware.fifo.LoopbackFifo}.
 *
 * <p><b>Leans on.</b> {@code dmakit.machine}; {@code dmakit.datasheet.fifo} for its registers.
 *
 * <p><b>Never.</b> Knows which controller serves its request lines, or that there is one.
 */
@NullMarked
package dmakit.hardware.fifo;

import org.jspecify.annotations.NullMarked;
