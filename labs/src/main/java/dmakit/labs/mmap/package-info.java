/**
 * The mmap lab: a process writes into a mapped buffer, an ioctl copies it by DMA.
 *
 * <p><b>Doors.</b> {@link dmakit.labs.mmap.MmapDriver}.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel}, as any driver does.
 *
 * <p><b>Never.</b> Knows which chip moves the bytes.
 */
@NullMarked
package dmakit.labs.mmap;

import org.jspecify.annotations.NullMarked;
