package dmakit.kernel.cma;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.KernelParameters;
import dmakit.kernel.Linux;
import dmakit.kernel.log.Log;
import dmakit.kernel.log.RateLimit;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.Memblock;
import dmakit.kernel.mm.PageAllocator;
import dmakit.kernel.mm.VirtualMemory;
import dmakit.machine.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All areas of a kernel, and the one for devices that have none of their own.
 *
 * <p>Order of calls: areas of the device tree by {@link #initReserved}, {@link #reserveDefault},
 * both while {@link Memblock} lives; {@link #activate} when the page allocator is there.
 */
public final class Cma {
    /** Areas there may be. */
    @Linux(file = "include/linux/cma.h", symbol = "MAX_CMA_AREAS")
    public static final int AREA_COUNT_MAX = 8;

    /** What bases and sizes of areas are multiples of: a page block, 2 MiB. */
    @Linux(file = "include/linux/cma.h", symbol = "CMA_MIN_ALIGNMENT_BYTES")
    public static final long ALIGNMENT_BYTES = 2 << 20;

    /** log2 of the largest alignment of an allocation, in pages: 1 MiB. */
    @Linux(file = "kernel/dma/contiguous.c", symbol = "CONFIG_CMA_ALIGNMENT")
    public static final int ALIGNMENT_ORDER_MAX = 8;

    private static final String CONTIGUOUS = "kernel/dma/contiguous.c";
    private static final long FOUR_GIB = 1L << 32;
    private static final long MIB = 1L << 20;
    private static final int NO_NODE = -1;

    private final Log log;
    private final RateLimit limit;
    private final Memblock memblock;
    private final Optional<CmaParameters> wanted;
    private final List<CmaArea> areas = new ArrayList<>();
    private @Nullable CmaArea defaultArea;

    /** There is no area yet. */
    public Cma(Clock clock, Log log, Memblock memblock, KernelParameters parameters) {
        this.log = log.prefixed("cma: ");
        limit = new RateLimit(clock, this.log);
        this.memblock = memblock;
        wanted = parameters.value("cma").map(CmaParameters::of);
        if (parameters.has("cma") && wanted.isEmpty()) {
            this.log.err("Config string not provided");
        }
    }

    /** Whether the command line says what the default area is, so that the tree does not. */
    public boolean isOnCommandLine() {
        return wanted.isPresent();
    }

    /** All areas, in the order in which they were made. */
    public List<CmaArea> areas() {
        return List.copyOf(areas);
    }

    /** The area for devices that have none of their own, or null. */
    public @Nullable CmaArea defaultArea() {
        return defaultArea;
    }

    /** Makes an area the default one. */
    public void defaultArea(CmaArea area) {
        defaultArea = area;
    }

    /**
     * Makes an area of memory that is reserved already.
     *
     * @throws KernelException ENOSPC when there are {@link #AREA_COUNT_MAX}, EINVAL when the range
     *     is empty, not reserved, not aligned to {@link #ALIGNMENT_BYTES}, or no memory
     */
    @Linux(file = "mm/cma.c", symbol = "cma_init_reserved_mem")
    public CmaArea initReserved(String name, long base, long size) {
        checkCount();
        if (size <= 0
                || ((base | size) & (ALIGNMENT_BYTES - 1)) != 0
                || !memblock.isReserved(base, size)
                || memblock.systemRam(base, size) != Memblock.SystemRam.ALL) {
            throw new KernelException(
                    Errno.EINVAL, "phys:0x%x with 0x%x bytes cannot be a CMA area", base, size);
        }
        CmaArea area = new CmaArea(log, limit, memblock.ram(), name, base, size);
        areas.add(area);
        return area;
    }

    private void checkCount() {
        if (areas.size() == AREA_COUNT_MAX) {
            log.err("Not enough slots for CMA reserved regions!");
            throw new KernelException(Errno.ENOSPC, "more than %d CMA areas", AREA_COUNT_MAX);
        }
    }

    /**
     * Reserves the default area, unless the device tree gave one: as the command line says, else of
     * the kernel's own size. Without a place there is none, and a line in the log.
     *
     * @param defaultMib the kernel's own size, 0 for none
     * @param dmaEnd end of the memory that all devices reach
     */
    @Linux(file = CONTIGUOUS, symbol = "dma_contiguous_reserve")
    public void reserveDefault(int defaultMib, long dmaEnd) {
        CmaParameters asked = wanted.orElseGet(() -> new CmaParameters(defaultMib * MIB, 0, 0));
        if (asked.size() == 0 || defaultArea != null) {
            return;
        }
        long end =
                asked.limit() == 0 || Long.compareUnsigned(dmaEnd, asked.limit()) < 0
                        ? dmaEnd
                        : asked.limit();
        try {
            defaultArea = declare("reserved", asked.base(), asked.size(), end, asked.isFixed());
        } catch (KernelException e) {
            // The log says why. Large buffers come from the page allocator, up to its largest.
        }
    }

    /**
     * Reserves memory and makes an area of it.
     *
     * @param base first address allowed, or the place itself; 0 for any
     * @param size in bytes, rounded up to {@link #ALIGNMENT_BYTES}
     * @param end of the addresses allowed
     * @param fixed whether {@code base} is the place
     * @throws KernelException EINVAL for no size, a place that is not aligned or does not end below
     *     {@code end}; EBUSY when it is taken; ENOMEM when there is none; ENOSPC as {@link
     *     #initReserved}
     */
    @Linux(file = "mm/cma.c", symbol = "cma_declare_contiguous_nid")
    public CmaArea declare(String name, long base, long size, long end, boolean fixed) {
        checkCount();
        long bytes = (size + ALIGNMENT_BYTES - 1) & -ALIGNMENT_BYTES;
        if (size == 0) {
            throw new KernelException(Errno.EINVAL, "a CMA area of 0 bytes");
        }
        try {
            return declareAligned(name, base, bytes, end, fixed && base != 0);
        } catch (KernelException e) {
            log.err(
                    "Failed to reserve %s MiB on node %d",
                    Long.toUnsignedString(bytes >>> 20), NO_NODE);
            throw e;
        }
    }

    private CmaArea declareAligned(String name, long base, long size, long end, boolean fixed) {
        if (fixed && (base & (ALIGNMENT_BYTES - 1)) != 0) {
            log.err("Region at 0x%016x must be aligned to 0x%016x bytes", base, ALIGNMENT_BYTES);
            throw new KernelException(Errno.EINVAL, "phys:0x%x is not aligned", base);
        }
        long first = (base + ALIGNMENT_BYTES - 1) & -ALIGNMENT_BYTES;
        long ramEnd = memblock.ram().banks().getLast().end();
        long aligned = end & -ALIGNMENT_BYTES;
        long top = Long.compareUnsigned(aligned, ramEnd) < 0 && aligned != 0 ? aligned : ramEnd;
        if (size < 0 || first < 0 || first > top || size > top - first) {
            log.err(
                    "Size (0x%016x) of region at 0x%016x exceeds limit (0x%016x)",
                    size, first, top);
            throw new KernelException(
                    Errno.EINVAL, "0x%x bytes from phys:0x%x on leave phys:0x%x", size, first, top);
        }
        long place = fixed ? fixedPlace(first, size) : anyPlace(first, size, top, ramEnd);
        memblock.reserve(Memblock.RESERVED, place, size);
        CmaArea area = initReserved(name, place, size);
        log.info("Reserved %d MiB at 0x%016x on node %d", size / MIB, place, NO_NODE);
        return area;
    }

    private long fixedPlace(long base, long size) {
        if (memblock.isReserved(base, size) || !memblock.isFree(base, size)) {
            throw new KernelException(Errno.EBUSY, "phys:0x%x is taken in part", base);
        }
        return base;
    }

    /** Above 4 GiB if there is much memory, to spare what is scarce; else as high as allowed. */
    private long anyPlace(long from, long size, long top, long ramEnd) {
        long place = Memblock.NONE;
        if (ramEnd >= FOUR_GIB + size) {
            place = memblock.find(size, ALIGNMENT_BYTES, FOUR_GIB, top, true);
        }
        if (place == Memblock.NONE) {
            place = memblock.find(size, ALIGNMENT_BYTES, from, top, false);
        }
        if (place == Memblock.NONE) {
            throw new KernelException(
                    Errno.ENOMEM, "no 0x%x free bytes below phys:0x%x", size, top);
        }
        return place;
    }

    /**
     * Lets all areas give memory; an area across zones returns to the page allocator instead.
     *
     * @param pages counts the areas' pages as free from now on
     */
    @Linux(file = "mm/cma.c", symbol = "cma_init_reserved_areas")
    public void activate(PageAllocator pages) {
        for (CmaArea area : areas) {
            long last = area.base() + area.size() - 1;
            if (pages.zones().zoneOf(area.base()) == pages.zones().zoneOf(last)) {
                area.activate();
                pages.adopt(area);
            } else {
                pages.release(area.base(), area.size());
                log.err("CMA area %s could not be activated", area.name());
            }
        }
    }

    /**
     * Allocates for a device: from its own area if it has one, whatever the size; else from the
     * default area, but no single pages.
     *
     * @param own the device's area, or null
     * @param size in bytes, whole pages
     * @return the physical address, or {@link PageAllocator#NONE}: other memory is to be tried
     */
    @Linux(file = CONTIGUOUS, symbol = "dma_alloc_contiguous")
    public long alloc(@Nullable CmaArea own, long size, Gfp gfp) {
        CmaArea area = own == null ? defaultArea : own;
        boolean tooSmall = own == null && size <= VirtualMemory.PAGE_BYTES;
        if (area == null || tooSmall || !gfp.isBlocking()) {
            return PageAllocator.NONE;
        }
        return allocPages(
                area,
                size >> VirtualMemory.LG2_PAGE,
                PageAllocator.orderFor(size),
                gfp.has(Gfp.NOWARN));
    }

    /** Allocates a block of the default area, for the kernel; as {@link #alloc}. */
    @Linux(file = CONTIGUOUS, symbol = "dma_alloc_from_contiguous")
    public long allocDefault(int order) {
        CmaArea area = defaultArea;
        return area == null ? PageAllocator.NONE : allocPages(area, 1L << order, order, false);
    }

    private static long allocPages(CmaArea area, long pages, int order, boolean silent) {
        return area.alloc(pages, Math.min(order, ALIGNMENT_ORDER_MAX), silent);
    }

    /**
     * Gives contiguous pages back: to the device's area, the default one, or the page allocator.
     *
     * @param own the device's area, or null
     * @param size in bytes
     * @throws IllegalArgumentException when they are not allocated
     */
    @Linux(file = CONTIGUOUS, symbol = "dma_free_contiguous")
    public void free(@Nullable CmaArea own, PageAllocator pages, long phys, long size) {
        CmaArea area = own == null ? defaultArea : own;
        long bytes = VirtualMemory.pageAlign(size);
        if (area == null || !area.release(phys, bytes >> VirtualMemory.LG2_PAGE)) {
            pages.give(phys, PageAllocator.orderFor(bytes));
        }
    }

    // What files show.

    /** Pages of all areas. */
    @Linux(file = "mm/cma.c", symbol = "totalcma_pages")
    public long totalPages() {
        return areas.stream().mapToLong(CmaArea::pages).sum();
    }

    /** Pages of all areas that nobody has. */
    public long freePages() {
        return areas.stream().mapToLong(CmaArea::freePages).sum();
    }
}
