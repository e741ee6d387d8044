package dmakit.kernel.swiotlb;

import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.DmaParameters;
import dmakit.kernel.device.DmaRangeMap;
import dmakit.kernel.dma.DmaAttrs;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.mm.VirtualMemory;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.cpu.Purpose;
import org.jspecify.annotations.Nullable;

/**
 * The bounce buffers of one device: from the pool of all devices, or from one of its own.
 *
 * <p>Order of calls for one mapping: {@link #map}; any number of {@link #syncForDevice} and {@link
 * #syncForCpu}; {@link #unmap}. Caches are the caller's: on a machine where the device does not
 * snoop, clean the bounce buffer behind {@link #map} and {@link #syncForDevice}, invalidate it
 * before {@link #syncForCpu} and {@link #unmap}.
 *
 * <p>All addresses are physical. No call allocates Java objects or sleeps.
 */
@Linux(file = "include/linux/device.h", symbol = "dma_io_tlb_mem")
public final class Bouncer {
    /** What {@link #map} and {@link #alloc} answer when there is no buffer. */
    public static final long NONE = -1;

    private static final int SLOT_MASK = SwiotlbPool.SLOT_BYTES - 1;
    private static final long PAGE_BYTES = VirtualMemory.PAGE_BYTES;

    private final Swiotlb swiotlb;
    private final Cpu cpu;
    private final Device device;
    private final DmaParameters parameters;
    private @Nullable SwiotlbPool pool;
    private boolean forced;
    private boolean restricted;
    private boolean used;

    Bouncer(Swiotlb swiotlb, Cpu cpu, Device device, @Nullable SwiotlbPool pool, boolean forced) {
        this.swiotlb = swiotlb;
        this.cpu = cpu;
        this.device = device;
        parameters = device.dma();
        this.pool = pool;
        this.forced = forced;
    }

    /** From now on the device has a pool of its own, and everything bounces. */
    @Linux(file = "kernel/dma/swiotlb.c", symbol = "rmem_swiotlb_device_init")
    void restrictTo(SwiotlbPool own) {
        pool = own;
        forced = true;
        restricted = true;
    }

    /** From now on the device shares the pool of all devices again. */
    @Linux(file = "kernel/dma/swiotlb.c", symbol = "rmem_swiotlb_device_release")
    void share(@Nullable SwiotlbPool common, boolean force) {
        pool = common;
        forced = force;
        restricted = false;
    }

    /** Whether there is a pool. */
    @Linux(file = "include/linux/swiotlb.h", symbol = "is_swiotlb_active")
    public boolean isActive() {
        return pool != null;
    }

    /** Whether every mapping bounces. */
    @Linux(file = "include/linux/swiotlb.h", symbol = "is_swiotlb_force_bounce")
    public boolean forcesBounce() {
        return forced;
    }

    /** Whether coherent memory comes from the pool, too: then it comes from nowhere else. */
    @Linux(file = "include/linux/swiotlb.h", symbol = "is_swiotlb_for_alloc")
    public boolean isForAlloc() {
        return restricted;
    }

    /**
     * Whether anything of the device ever bounced. As long as nothing did, no address needs to be
     * looked at: Linux keeps it as {@code dma_skip_sync}.
     */
    public boolean hasBounced() {
        return used;
    }

    /** Whether a physical address lies in the device's pool. */
    @Linux(file = "include/linux/swiotlb.h", symbol = "is_swiotlb_buffer")
    public boolean holds(long phys) {
        SwiotlbPool mine = pool;
        return mine != null && mine.holds(phys);
    }

    /** The largest mapping that can bounce, in bytes. */
    @Linux(file = "kernel/dma/swiotlb.c", symbol = "swiotlb_max_mapping_size")
    public long maxMappingSize() {
        long kept = Integer.toUnsignedLong(parameters.minAlignMask());
        return SwiotlbPool.SEGMENT_BYTES - ((kept + SLOT_MASK) & ~SLOT_MASK);
    }

    // Mappings.

    /**
     * Takes a bounce buffer and fills it from memory, whatever the direction: what a device does
     * not write must come back as it was.
     *
     * <p>The buffer keeps the bits of {@code phys} that the device's {@code min_align_mask} asks
     * for, and no others. It may lie where the device does not reach; that is for the caller to
     * test, who then unmaps with {@link DmaAttrs#SKIP_CPU_SYNC}.
     *
     * <p>When there is none the log has a line, at most so often; {@link DmaAttrs#NO_WARN} keeps a
     * full pool quiet.
     *
     * @param phys first byte of the memory, which is RAM
     * @param size in bytes; 0 is refused, and stops Linux
     * @param alignMask for a mapping in granules the granule's size less one: the buffer's first
     *     granule then starts a slot, and its last one is whole; else 0
     * @param direction of the mapping
     * @param attrs of the mapping
     * @return physical address of the byte that stands for {@code phys}, or {@link #NONE}
     */
    @Linux(file = "kernel/dma/swiotlb.c", symbol = "swiotlb_tbl_map_single")
    public long map(long phys, long size, long alignMask, DmaDirection direction, int attrs) {
        SwiotlbPool mine = pool;
        if (mine == null) {
            swiotlb.reportAbsent(device);
            return NONE;
        }
        if (size == 0) {
            swiotlb.reportEmpty(device);
            return NONE;
        }
        long offset = offsetOf(phys, alignMask | SLOT_MASK);
        long bytes = (size + offset + alignMask) & ~alignMask;
        boolean huge = Long.compareUnsigned(size, SwiotlbPool.SEGMENT_BYTES) > 0;
        int slot = huge ? SwiotlbPool.NONE : take(mine, phys, bytes, alignMask);
        if (slot == SwiotlbPool.NONE) {
            if ((attrs & DmaAttrs.NO_WARN) == 0) {
                swiotlb.reportFull(device, mine, bytes);
            }
            return NONE;
        }
        used = true;
        parameters.skipsSync(false);
        long bounce = mine.assign(slot, phys, offset);
        copy(phys, bounce, size);
        return bounce;
    }

    /**
     * Copies back what the device may have written, and gives the buffer back. An address outside
     * of the pool is of no buffer; one inside, where no mapping starts, gives nothing back.
     *
     * @param bounce what {@link #map} answered
     * @param size in bytes; says how much is copied, no more than the mapping has
     */
    @Linux(file = "kernel/dma/swiotlb.c", symbol = "swiotlb_tbl_unmap_single")
    public void unmap(long bounce, long size, DmaDirection direction, int attrs) {
        SwiotlbPool mine = pool;
        if (mine == null || !mine.holds(bounce)) {
            return;
        }
        if (direction.isFromDevice() && (attrs & DmaAttrs.SKIP_CPU_SYNC) == 0) {
            copy(mine, bounce, size, false);
        }
        mine.release(bounce);
    }

    /** Copies a part of a mapping to its buffer, when the device may read it. */
    @Linux(file = "kernel/dma/swiotlb.c", symbol = "swiotlb_sync_single_for_device")
    public void syncForDevice(long bounce, long size, DmaDirection direction) {
        SwiotlbPool mine = pool;
        if (mine != null && mine.holds(bounce) && direction.isToDevice()) {
            copy(mine, bounce, size, true);
        }
    }

    /** Copies a part of a buffer to where it belongs, when the device may write it. */
    @Linux(file = "kernel/dma/swiotlb.c", symbol = "swiotlb_sync_single_for_cpu")
    public void syncForCpu(long bounce, long size, DmaDirection direction) {
        SwiotlbPool mine = pool;
        if (mine != null && mine.holds(bounce) && direction.isFromDevice()) {
            copy(mine, bounce, size, false);
        }
    }

    @Linux(file = "kernel/dma/swiotlb.c", symbol = "swiotlb_bounce")
    private void copy(SwiotlbPool from, long bounce, long size, boolean toDevice) {
        long origin = from.originOf(bounce);
        if (origin == SwiotlbPool.NO_ORIGIN) {
            return;
        }
        long most = from.lengthFrom(bounce);
        long bytes = size;
        if (Long.compareUnsigned(size, most) > 0) {
            swiotlb.reportOverflow(device, most, size);
            bytes = most;
        }
        if (bytes > 0 && toDevice) {
            copy(origin, bounce, bytes);
        } else if (bytes > 0) {
            copy(bounce, origin, bytes);
        }
    }

    private void copy(long from, long to, long bytes) {
        Purpose before = cpu.begin(Purpose.BOUNCE);
        cpu.copy(from, to, bytes);
        cpu.end(before);
    }

    // Coherent memory.

    /**
     * Takes whole pages of the device's own pool, aligned to the next power of two. What they hold
     * is what was there.
     *
     * @param size in bytes, whole pages
     * @return physical address, or {@link #NONE}
     */
    @Linux(file = "kernel/dma/swiotlb.c", symbol = "swiotlb_alloc")
    public long alloc(long size) {
        SwiotlbPool mine = pool;
        if (mine == null || size <= 0 || size > SwiotlbPool.SEGMENT_BYTES) {
            return NONE;
        }
        long alignMask = Math.max(Long.highestOneBit(2 * size - 1), PAGE_BYTES) - 1;
        int slot = take(mine, 0, size, alignMask);
        if (slot == SwiotlbPool.NONE) {
            return NONE;
        }
        used = true;
        long phys = mine.addressOf(slot);
        if ((phys & (PAGE_BYTES - 1)) != 0) {
            // The pool's bus address is aligned, the pool is not.
            swiotlb.reportMisaligned(device, phys);
            mine.release(phys);
            return NONE;
        }
        return phys;
    }

    /**
     * Gives pages back.
     *
     * @return false when they are not of the device's pool
     */
    @Linux(file = "kernel/dma/swiotlb.c", symbol = "swiotlb_free")
    public boolean free(long phys) {
        SwiotlbPool mine = pool;
        if (mine == null || !mine.holds(phys)) {
            return false;
        }
        mine.release(phys);
        return true;
    }

    private int take(SwiotlbPool from, long orig, long bytes, long alignMask) {
        DmaRangeMap map = parameters.rangeMap();
        return from.take(
                swiotlb.area(),
                orig,
                bytes,
                alignMask,
                Integer.toUnsignedLong(parameters.minAlignMask()),
                map == null ? from.start() : map.toDma(from.start()),
                parameters.segmentBoundaryMask());
    }

    /** The bits of an address that the device wants to find in its bounce buffer. */
    @Linux(file = "kernel/dma/swiotlb.c", symbol = "swiotlb_align_offset")
    private long offsetOf(long phys, long mask) {
        return phys & Integer.toUnsignedLong(parameters.minAlignMask()) & mask;
    }
}
