package dmakit.devicetree.address;

import dmakit.devicetree.Node;
import java.util.List;
import java.util.OptionalLong;

/**
 * A child of {@code /reserved-memory} that is enabled.
 *
 * @param node the node
 * @param ranges where it is; none for a dynamic region, which the kernel places
 * @param size wanted by a dynamic region, in bytes; 0 for a static one
 * @param alignment wanted by a dynamic region, in bytes
 * @param allocRanges where a dynamic region may go, in order of preference; none for anywhere
 * @param noMap whether it stays out of the kernel's linear map
 * @param reusable whether the kernel may use it until its owner wants it
 * @param use what the kernel makes of it
 * @param isDefault whether it is the default of its kind: {@code linux,cma-default} for a CMA area,
 *     {@code linux,dma-default} for a coherent pool
 */
public record ReservedRegion(
        Node node,
        List<AddressRange> ranges,
        long size,
        OptionalLong alignment,
        List<AddressRange> allocRanges,
        boolean noMap,
        boolean reusable,
        Use use,
        boolean isDefault) {

    /** What the kernel makes of a region, by {@code compatible} and {@code reusable}. */
    public enum Use {
        /** {@code shared-dma-pool} with {@code reusable}: a contiguous memory allocator area. */
        CMA,
        /** {@code shared-dma-pool} without: a coherent pool for the devices that name it. */
        COHERENT_POOL,
        /** {@code restricted-dma-pool}: all transfers of the device bounce through it. */
        RESTRICTED_POOL,
        /** Anything else: kept away, or for a driver that knows it. */
        OTHER
    }

    /** Whether the kernel chooses the place. */
    public boolean isDynamic() {
        return ranges.isEmpty();
    }
}
