/**
 * Direct mapping: devices that reach RAM without an IOMMU, through {@code dma-ranges} at most.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.direct.DirectDma}, which makes the back end of a device.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel.mm} for memory, {@code dmakit.kernel.swiotlb} for what
 * a device does not reach, {@code dmakit.machine} for the caches.
 *
 * <p><b>Never.</b> Merges entries of a list.
 *
 * <p><b>Always.</b> The inclusive end of a range is what must be reachable.
 *
 * <p><b>In Linux.</b> {@code kernel/dma/direct.c}, {@code kernel/dma/pool.c}, {@code
 * arch/arm64/mm/dma-mapping.c}.
 */
@NullMarked
package dmakit.kernel.direct;

import org.jspecify.annotations.NullMarked;
