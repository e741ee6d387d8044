/**
 * Bounce buffers: memory every device reaches, to which the bytes of mappings are copied that a
 * device cannot reach, or must not.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.swiotlb.Swiotlb}, all pools of a kernel; {@link
 * dmakit.kernel.swiotlb.Bouncer}, what it does for one device: direct mapping and the IOMMU layer
 * map through it.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel.mm} for memory at boot, {@code dmakit.machine} for the
 * CPU that copies.
 *
 * <p><b>Never.</b> Decides whether a mapping bounces, or maintains caches: its callers do.
 *
 * <p><b>Always.</b> A run of slots lies in one segment, and its first slot knows how long it is.
 *
 * <p><b>In Linux.</b> {@code kernel/dma/swiotlb.c}, {@code Documentation/core-api/swiotlb.rst}.
 */
@NullMarked
package dmakit.kernel.swiotlb;

import org.jspecify.annotations.NullMarked;
