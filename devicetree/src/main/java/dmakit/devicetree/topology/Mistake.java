package dmakit.devicetree.topology;

import dmakit.devicetree.Origin;

/**
 * Something in the tree that is certainly wrong.
 *
 * @param kind what kind of mistake
 * @param path the node
 * @param origin where the node or property was written
 * @param message what was found and what was wanted
 */
public record Mistake(Kind kind, String path, Origin origin, String message) {

    /** The kinds, in the order of reports. Their ids never change. */
    public enum Kind {
        /** A property refers to a phandle that no node has. */
        DANGLING_PHANDLE("dangling-phandle"),
        /** Two nodes have one phandle; only the first can be referred to. */
        DUPLICATE_PHANDLE("duplicate-phandle"),
        /** A node is used as a DMA controller or IOMMU but does not say how many cells it takes. */
        MISSING_CELLS("missing-cells"),
        /** The length of a property is no multiple of what the cells around it call for. */
        WRONG_CELL_COUNT("wrong-cell-count"),
        /** {@code dmas} and {@code dma-names} do not have the same number of entries. */
        DMA_NAMES_MISMATCH("dma-names-mismatch"),
        /** {@code dmas} without {@code dma-names}: the kernel finds channels by name only. */
        DMA_NAMES_MISSING("dma-names-missing"),
        /** Two enabled devices use the same request of a controller. */
        REQUEST_USED_TWICE("request-used-twice"),
        /** None of a device's DMA windows touches RAM. */
        WINDOW_REACHES_NO_MEMORY("window-reaches-no-memory"),
        /** {@code dma-ranges} has entries, but a higher bus passes none of them on. */
        WINDOW_NOT_TRANSLATED("window-not-translated"),
        /** {@code dma-channel-mask} allows channels that {@code dma-channels} does not have. */
        CHANNEL_MASK_BEYOND_CHANNELS("channel-mask-beyond-channels"),
        /** Two static reserved regions overlap. */
        RESERVED_OVERLAP("reserved-overlap"),
        /** A reserved region of a kind that must be RAM lies outside of it. */
        RESERVED_OUTSIDE_MEMORY("reserved-outside-memory"),
        /** A reserved region is {@code reusable} and {@code no-map} at once. */
        REUSABLE_NO_MAP("reusable-no-map"),
        /** A coherent pool without {@code no-map}, which arm64 cannot use. */
        POOL_WITHOUT_NO_MAP("pool-without-no-map"),
        /** {@code linux,cma-default} on a region that is not {@code reusable}. */
        CMA_DEFAULT_NOT_REUSABLE("cma-default-not-reusable"),
        /** {@code /reserved-memory} is written in a form the kernel ignores. */
        RESERVED_MEMORY_IGNORED("reserved-memory-ignored"),
        /** A reserved region has neither {@code reg} nor {@code size}. */
        RESERVED_WITHOUT_PLACE("reserved-without-place"),
        /** The interrupt of a DMA controller leads nowhere. */
        BROKEN_INTERRUPT("broken-interrupt");

        private final String id;

        Kind(String id) {
            this.id = id;
        }

        /** The stable name, for reports and filters. */
        public String id() {
            return id;
        }
    }
}
