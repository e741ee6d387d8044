/**
 * The memory-to-memory lab: a misc device whose write copies one buffer to another by DMA.
 *
 * <p><b>Doors.</b> {@link dmakit.labs.m2m.M2mDriver}.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel}, as any driver does.
 *
 * <p><b>Never.</b> Knows which chip moves the bytes.
 */
@NullMarked
package dmakit.labs.m2m;

import org.jspecify.annotations.NullMarked;
