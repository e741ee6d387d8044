/**
 * The lab of the network: frames from a capture file go through two MACs and come back as one.
 *
 * <p><b>Doors.</b> {@link dmakit.labs.net.NetLab}; {@link dmakit.labs.net.Capture} for files of
 * frames.
 *
 * <p><b>Leans on.</b> {@code dmakit.board}; the kernel's dmaengine and DMA mapping.
 *
 * <p><b>Never.</b> Loses a frame without a count.
 */
@NullMarked
package dmakit.labs.net;

import org.jspecify.annotations.NullMarked;
