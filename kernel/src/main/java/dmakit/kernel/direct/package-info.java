/**
 * Direct mapping: devices that reach RAM without an IOMMU, through {@code dma-ranges} at most.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.direct.DirectDma}, which makes the back end of a device;
 * {@link dmakit.kernel.direct.MemorySources} and {@link dmakit.kernel.direct.AtomicPools}, where it
 * takes coherent memory from.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel.mm}, {@code dmakit.kernel.cma} and {@code
 * dmakit.kernel.coherent} for memory, {@code dmakit.kernel.swiotlb} for what a device does not
 * reach, {@code dmakit.machine} for the caches.
 *
 * <p><b>Never.</b> Merges entries of a list.
 *
 * <p><b>Always.</b> The inclusive end of a range is what must be reachable. Memory goes back to the
 * source it came from.
 *
 * <p><b>In Linux.</b> {@code kernel/dma/direct.c}, {@code kernel/dma/pool.c}, {@code
 * arch/arm64/mm/dma-mapping.c}.
 */
@NullMarked
package dmakit.kernel.direct;

import org.jspecify.annotations.NullMarked;
