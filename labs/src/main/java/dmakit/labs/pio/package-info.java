/**
 * The lab that moves the same bytes by loads and stores, by DMA with interrupts, and by DMA with
 * polling.
 *
 * <p><b>Doors.</b> {@link dmakit.labs.pio.PioLab}.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel}, as any driver does; the register map of the FIFO it
 * drives.
 *
 * <p><b>Never.</b> Knows which controller moves the bytes.
 */
@NullMarked
package dmakit.labs.pio;

import org.jspecify.annotations.NullMarked;
