package dmakit.kernel.device;

import dmakit.kernel.Linux;
import dmakit.kernel.cma.CmaArea;
import dmakit.kernel.dma.DevicePool;
import dmakit.kernel.dma.DmaBinding;
import org.jspecify.annotations.Nullable;

/** How a device does DMA: data only, set by the bus and by the driver, read by the mapping API. */
@Linux(file = "include/linux/device.h", symbol = "device_dma_parameters")
public final class DmaParameters {
    /** {@code DMA_BIT_MASK(32)}, what a platform device starts with. */
    public static final long MASK_32 = 0xffff_ffffL;

    /** The longest segment of a device that states none, in bytes. */
    public static final int MAX_SEGMENT_SIZE_DEFAULT = 65_536;

    private long dmaMask = MASK_32;
    private long coherentDmaMask = MASK_32;
    private long busDmaLimit;
    private @Nullable DmaRangeMap rangeMap;
    private boolean coherent;
    private int maxSegmentSize = MAX_SEGMENT_SIZE_DEFAULT;
    private long segmentBoundaryMask = -1;
    private int minAlignMask;
    private boolean ownTables;
    private boolean skipsSync;
    private int requesterId;
    private @Nullable DmaBinding binding;
    private @Nullable DevicePool pool;
    private @Nullable CmaArea cmaArea;

    DmaParameters() {}

    /** The highest address the device can put on its bus in a mapping; 0 where it does no DMA. */
    public long dmaMask() {
        return dmaMask;
    }

    /** Sets {@link #dmaMask()}. */
    public void dmaMask(long mask) {
        dmaMask = mask;
    }

    /** The same for coherent memory. */
    public long coherentDmaMask() {
        return coherentDmaMask;
    }

    /** Sets {@link #coherentDmaMask()}. */
    public void coherentDmaMask(long mask) {
        coherentDmaMask = mask;
    }

    /** The last address its bus carries, inclusive; 0 for no limit. */
    public long busDmaLimit() {
        return busDmaLimit;
    }

    /**
     * The last address that both a mask and the bus allow, inclusive; 0, of either, allows all.
     *
     * @param mask {@link #dmaMask()} or {@link #coherentDmaMask()}
     */
    @Linux(file = "include/linux/minmax.h", symbol = "min_not_zero")
    public long limitWith(long mask) {
        if (mask == 0 || busDmaLimit == 0) {
            return mask | busDmaLimit;
        }
        return Long.compareUnsigned(mask, busDmaLimit) < 0 ? mask : busDmaLimit;
    }

    /** Sets {@link #busDmaLimit()}. */
    public void busDmaLimit(long last) {
        busDmaLimit = last;
    }

    /** Where the device sees memory; null where it sees it as the CPU does. */
    public @Nullable DmaRangeMap rangeMap() {
        return rangeMap;
    }

    /** Sets {@link #rangeMap()}. */
    public void rangeMap(@Nullable DmaRangeMap map) {
        rangeMap = map;
    }

    /** Whether the device snoops the CPU's caches. */
    public boolean isCoherent() {
        return coherent;
    }

    /** Sets {@link #isCoherent()}. */
    public void coherent(boolean snoops) {
        coherent = snoops;
    }

    /** The longest segment the device takes, in bytes, unsigned; never 0. */
    public int maxSegmentSize() {
        return maxSegmentSize;
    }

    /** Sets {@link #maxSegmentSize()}; 0 sets the default. */
    public void maxSegmentSize(int bytes) {
        maxSegmentSize = bytes == 0 ? MAX_SEGMENT_SIZE_DEFAULT : bytes;
    }

    /** A segment never crosses a multiple of this mask plus one. */
    public long segmentBoundaryMask() {
        return segmentBoundaryMask;
    }

    /** Sets {@link #segmentBoundaryMask()}. */
    public void segmentBoundaryMask(long mask) {
        segmentBoundaryMask = mask;
    }

    /** Low bits of an address that a bounce buffer must keep. */
    public int minAlignMask() {
        return minAlignMask;
    }

    /** Sets {@link #minAlignMask()}. */
    public void minAlignMask(int mask) {
        minAlignMask = mask;
    }

    /**
     * Whether the device's driver attached it to page tables of its own, so that nobody else knows
     * what it may access.
     */
    public boolean hasOwnTables() {
        return ownTables;
    }

    /** Sets {@link #hasOwnTables()}. */
    public void ownTables(boolean attached) {
        ownTables = attached;
    }

    /**
     * Whether syncs of the device do nothing: its driver set a mask, it snoops, and none of its
     * mappings was bounced since.
     */
    @Linux(file = "include/linux/device.h", symbol = "dma_skip_sync")
    public boolean skipsSync() {
        return skipsSync;
    }

    /** Sets {@link #skipsSync()}; false with the first bounced mapping. */
    @Linux(file = "include/linux/dma-map-ops.h", symbol = "dma_reset_need_sync")
    public void skipsSync(boolean skips) {
        skipsSync = skips;
    }

    /** What a PCI function calls itself on its bus: bus, slot and function; 0 for others. */
    @Linux(file = "include/linux/pci.h", symbol = "pci_dev_id")
    public int requesterId() {
        return requesterId;
    }

    /** Sets {@link #requesterId()}. */
    public void requesterId(int id) {
        requesterId = id;
    }

    /** The device's way to memory and what it holds; null until it is configured or maps. */
    public @Nullable DmaBinding binding() {
        return binding;
    }

    /** Sets {@link #binding()}. */
    public void binding(@Nullable DmaBinding chosen) {
        binding = chosen;
    }

    /** Coherent memory that the device has for itself, or null. */
    public @Nullable DevicePool pool() {
        return pool;
    }

    /** Sets {@link #pool()}. */
    public void pool(@Nullable DevicePool own) {
        pool = own;
    }

    /** The area its contiguous memory comes from; null for the default one. */
    @Linux(file = "include/linux/dma-map-ops.h", symbol = "dev_get_cma_area")
    public @Nullable CmaArea cmaArea() {
        return cmaArea;
    }

    /** Sets {@link #cmaArea()}. */
    public void cmaArea(@Nullable CmaArea own) {
        cmaArea = own;
    }
}
