package dmakit.kernel.mm;

import dmakit.kernel.Calls;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Role;
import dmakit.kernel.log.Log;
import dmakit.machine.Check;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.memory.Shadow;
import dmakit.machine.task.Scheduler;
import dmakit.machine.task.Task;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Pages in blocks of powers of two, from the zone that was asked for or a lower one.
 *
 * <p>The buddy system gives the lowest block of the smallest order that suffices, so the same
 * requests always get the same pages. A page is named by the physical address of its first byte.
 */
@Linux(file = "mm/page_alloc.c", symbol = "__alloc_pages")
public final class PageAllocator {
    /** Largest order: blocks of 4 MiB. */
    @Linux(file = "include/linux/mmzone.h", symbol = "MAX_PAGE_ORDER")
    public static final int ORDER_MAX = 10;

    /** What {@link #take} answers when there is no block; no page lies there. */
    public static final long NONE = -1;

    private static final int LG2_PAGE = VirtualMemory.LG2_PAGE;

    private final Cpu cpu;
    private final Scheduler tasks;
    private final Calls calls;
    private final ZoneLayout zones;
    private final Log log;
    private final Shadow shadow;
    private final Allocations allocations;
    private final BuddyRegion[] regions;
    private final List<ContiguousMemory> contiguous = new ArrayList<>();

    /**
     * Hands all free memory to the allocator.
     *
     * @param tasks who asks, for the log
     * @param memblock what is free; it is of no use afterwards
     * @param log gets a line when an allocation fails that did not ask for silence
     */
    public PageAllocator(
            Cpu cpu, Scheduler tasks, Calls calls, Memblock memblock, ZoneLayout zones, Log log) {
        this.cpu = cpu;
        this.tasks = tasks;
        this.calls = calls;
        this.zones = zones;
        this.log = log;
        shadow = memblock.ram().shadow();
        allocations = new Allocations(memblock.ram(), calls.findings());
        List<BuddyRegion> parts = new ArrayList<>();
        for (var bank : memblock.ram().banks()) {
            for (Zone zone : Zone.values()) {
                long start = Math.max(bank.base(), zones.startOf(zone)) >> LG2_PAGE;
                long end = Math.min(bank.end(), zones.endOf(zone)) >> LG2_PAGE;
                if (start < end) {
                    parts.add(new BuddyRegion(zone, start, end));
                }
            }
        }
        regions = parts.toArray(new BuddyRegion[0]);
        for (BuddyRegion region : regions) {
            memblock.forEachFree(region::releaseWithin);
        }
    }

    /** The smallest order whose blocks hold so many bytes; above {@link #ORDER_MAX} none does. */
    @Linux(file = "include/asm-generic/getorder.h", symbol = "get_order")
    public static int orderFor(long bytes) {
        return bytes <= VirtualMemory.PAGE_BYTES && bytes > 0
                ? 0
                : 64 - Long.numberOfLeadingZeros((bytes - 1) >>> LG2_PAGE);
    }

    /** Where the zones lie. */
    public ZoneLayout zones() {
        return zones;
    }

    /**
     * Allocates a block.
     *
     * @return its physical address, aligned to its size
     * @throws KernelException ENOMEM when no zone allowed has a block
     */
    @Linux(file = "include/linux/gfp.h", symbol = "alloc_pages")
    public long allocPages(Gfp gfp, int order) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("alloc_pages", "0x%x, %d".formatted(gfp.bits(), order));
        }
        if (gfp.isBlocking()) {
            calls.mightSleep("alloc_pages");
        }
        return takeForDriver(gfp, order);
    }

    /**
     * Frees a block.
     *
     * @param order the one it was allocated with
     * @throws IllegalArgumentException when no block of that order is allocated there
     */
    @Linux(file = "mm/page_alloc.c", symbol = "__free_pages")
    public void freePages(long phys, int order) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("__free_pages", "0x%x, %d".formatted(phys, order));
        }
        giveFromDriver(phys, order);
    }

    /**
     * Allocates a block.
     *
     * @return its address in the linear map
     * @throws KernelException ENOMEM as {@link #allocPages}
     */
    @Linux(file = "mm/page_alloc.c", symbol = "__get_free_pages")
    public long getFreePages(Gfp gfp, int order) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("__get_free_pages", "0x%x, %d".formatted(gfp.bits(), order));
        }
        if (gfp.isBlocking()) {
            calls.mightSleep("__get_free_pages");
        }
        return AddressLayout.LINEAR_BASE + takeForDriver(gfp, order);
    }

    /** As {@link #getFreePages}, a single page. */
    @Linux(file = "include/linux/gfp.h", symbol = "__get_free_page")
    public long getFreePage(Gfp gfp) {
        return getFreePages(gfp, 0);
    }

    /** As {@link #getFreePage}, zeroed. */
    @Linux(file = "mm/page_alloc.c", symbol = "get_zeroed_page")
    public long getZeroedPage(Gfp gfp) {
        return getFreePages(gfp.with(Gfp.ZERO), 0);
    }

    /**
     * Frees what {@link #getFreePages} gave; 0 is ignored.
     *
     * @throws IllegalArgumentException as {@link #freePages(long, int)}
     */
    @Linux(file = "mm/page_alloc.c", symbol = "free_pages")
    public void freePagesAt(long va, int order) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("free_pages", "0x%x, %d".formatted(va, order));
        }
        if (va != 0) {
            giveFromDriver(va - AddressLayout.LINEAR_BASE, order);
        }
    }

    /**
     * Makes single pages of a block, each to be freed by itself.
     *
     * @param order the one it was allocated with
     * @throws IllegalArgumentException when no block of that order is allocated there
     */
    @Linux(file = "mm/page_alloc.c", symbol = "split_page")
    public void splitPage(long phys, int order) {
        calls.enter();
        BuddyRegion region = regionOf(phys);
        if (region == null || allocatedOrder(phys) != order) {
            throw new IllegalArgumentException(
                    "phys:0x%x is no allocated block of order %d".formatted(phys, order));
        }
        region.split(phys >> LG2_PAGE, order);
        long va = AddressLayout.LINEAR_BASE + phys;
        Allocation block = allocations.isOn() ? allocations.at(va) : null;
        if (block != null) {
            for (int i = 0; i < 1 << order; i++) {
                allocations.split(block, va + i * VirtualMemory.PAGE_BYTES);
            }
        }
    }

    private long takeForDriver(Gfp gfp, int order) {
        long phys = takeOrFail(gfp, order);
        if (allocations.isOn()) {
            long bytes = VirtualMemory.PAGE_BYTES << order;
            shadow.allocated(phys, bytes, bytes, gfp.has(Gfp.ZERO));
            allocations.add(
                    Allocation.Kind.PAGES, AddressLayout.LINEAR_BASE + phys, bytes, bytes, order);
        }
        return phys;
    }

    private void giveFromDriver(long phys, int order) {
        if (!allocations.isOn()) {
            give(phys, order);
            return;
        }
        long va = AddressLayout.LINEAR_BASE + phys;
        Allocation object = allocations.take(Allocation.Kind.PAGES, va);
        if (object == null) {
            giveUnknown(va, phys, order);
            return;
        }
        if (object.order() != order) {
            allocations
                    .findings()
                    .report(
                            FindingId.INVALID_FREE,
                            "pages at 0x%x freed with order %d, allocated with order %d",
                            va,
                            order,
                            object.order())
                    .site(Role.ALLOCATED, object.site())
                    .add();
        }
        shadow.freed(phys, object.room());
        allocations.rest(
                object, freed -> give(freed.va() - AddressLayout.LINEAR_BASE, freed.order()));
    }

    /** What was allocated before mistakes were looked for is freed as ever. */
    private void giveUnknown(long va, long phys, int order) {
        if (allocations.isUnknown(va)) {
            if (allocatedOrder(phys) == order) {
                give(phys, order);
            } else {
                allocations.reportInvalid(Allocation.Kind.PAGES, va);
            }
        }
    }

    /**
     * Takes a block, for the parts of the kernel.
     *
     * @return its physical address, or {@link #NONE}, which is logged unless the flags forbid
     */
    public long take(Gfp gfp, int order) {
        long phys = takeBlock(gfp, order);
        if (phys == NONE && allocations.isOn() && allocations.wakeAll()) {
            phys = takeBlock(gfp, order);
        }
        if (phys == NONE) {
            if (!gfp.has(Gfp.NOWARN)) {
                warnOfFailure(gfp, order);
            }
        } else if (shadow.isOn()) {
            long bytes = VirtualMemory.PAGE_BYTES << order;
            shadow.allocated(phys, bytes, bytes, true);
        }
        return phys;
    }

    private long takeBlock(Gfp gfp, int order) {
        if (order >= 0 && order <= ORDER_MAX) {
            for (Zone zone = gfp.zone(); zone != null; zone = zone.fallback()) {
                long pfn = takeFrom(zone, order);
                if (pfn >= 0) {
                    long phys = pfn << LG2_PAGE;
                    if (gfp.has(Gfp.ZERO)) {
                        cpu.fill(
                                AddressLayout.LINEAR_BASE + phys,
                                VirtualMemory.PAGE_BYTES << order,
                                (byte) 0);
                    }
                    return phys;
                }
            }
        }
        return NONE;
    }

    /**
     * Gives a block back, for the parts of the kernel.
     *
     * @throws IllegalArgumentException when no block of that order is allocated there
     */
    public void give(long phys, int order) {
        BuddyRegion region = regionOf(phys);
        int allocated = allocatedOrder(phys);
        if (region == null || allocated < 0) {
            throw new IllegalArgumentException(
                    "phys:0x%x is no allocated block: freed before, or never one".formatted(phys));
        }
        Check.argument(
                allocated == order,
                "phys:0x%x was allocated with order %d, freed with order %d",
                phys,
                allocated,
                order);
        region.give(phys >> LG2_PAGE, order);
        if (shadow.isOn()) {
            shadow.pagesFreed(phys, VirtualMemory.PAGE_BYTES << order);
        }
    }

    /** Counts pages as free that somebody else gives out. */
    @Linux(file = "mm/mm_init.c", symbol = "init_cma_reserved_pageblock")
    public void adopt(ContiguousMemory area) {
        contiguous.add(area);
    }

    /**
     * Takes memory over that was reserved until now.
     *
     * @param start first physical address, page aligned
     * @param size in bytes, whole pages
     */
    @Linux(file = "mm/cma.c", symbol = "free_reserved_page")
    public void release(long start, long size) {
        for (BuddyRegion region : regions) {
            region.releaseWithin(start, start + size);
        }
    }

    /** What drivers were given, while mistakes are looked for. */
    Allocations allocations() {
        return allocations;
    }

    /** Whether the page at a physical address may be allocated; false for reserved memory. */
    public boolean isFree(long phys) {
        for (ContiguousMemory area : contiguous) {
            if (phys >= area.base() && phys < area.base() + area.size()) {
                return area.isFree(phys);
            }
        }
        BuddyRegion region = regionOf(phys);
        return region != null && region.isFree(phys >> LG2_PAGE);
    }

    /** The order of the block allocated at a physical address, or -1 when none starts there. */
    public int allocatedOrder(long phys) {
        BuddyRegion region = regionOf(phys);
        return region == null || (phys & (VirtualMemory.PAGE_BYTES - 1)) != 0
                ? -1
                : region.allocatedOrder(phys >> LG2_PAGE);
    }

    /** Pages of a zone that are free now, those for contiguous allocations alone among them. */
    public long freePages(Zone zone) {
        long pages = 0;
        for (BuddyRegion region : regions) {
            if (region.zone() == zone) {
                pages += region.freePages();
            }
        }
        for (ContiguousMemory area : contiguous) {
            if (zones.zoneOf(area.base()) == zone) {
                pages += area.freePages();
            }
        }
        return pages;
    }

    /** Pages of a zone that the allocator was given. */
    public long managedPages(Zone zone) {
        long pages = 0;
        for (BuddyRegion region : regions) {
            if (region.zone() == zone) {
                pages += region.managedPages();
            }
        }
        for (ContiguousMemory area : contiguous) {
            if (zones.zoneOf(area.base()) == zone) {
                pages += area.size() >> LG2_PAGE;
            }
        }
        return pages;
    }

    /** Pages of all zones that the allocator was given. */
    @Linux(file = "include/linux/mm.h", symbol = "totalram_pages")
    public long managedPages() {
        long pages = 0;
        for (Zone zone : Zone.values()) {
            pages += managedPages(zone);
        }
        return pages;
    }

    /** Free blocks of one order in a zone, as in {@code /proc/buddyinfo}. */
    public int freeBlocks(Zone zone, int order) {
        int blocks = 0;
        for (BuddyRegion region : regions) {
            if (region.zone() == zone) {
                blocks += region.freeBlocks(order);
            }
        }
        return blocks;
    }

    private long takeOrFail(Gfp gfp, int order) {
        long phys = take(gfp, order);
        if (phys == NONE) {
            throw new KernelException(
                    Errno.ENOMEM,
                    "no block of order %d for flags 0x%x; the largest order is %d",
                    order,
                    gfp.bits(),
                    ORDER_MAX);
        }
        return phys;
    }

    private long takeFrom(Zone zone, int order) {
        for (int from = order; from <= ORDER_MAX; from++) {
            for (BuddyRegion region : regions) {
                if (region.zone() == zone && region.freeBlocks(from) > 0) {
                    return region.take(order, from);
                }
            }
        }
        return NONE;
    }

    private @Nullable BuddyRegion regionOf(long phys) {
        for (BuddyRegion region : regions) {
            if (region.contains(phys >> LG2_PAGE)) {
                return region;
            }
        }
        return null;
    }

    @Linux(file = "mm/page_alloc.c", symbol = "warn_alloc")
    private void warnOfFailure(Gfp gfp, int order) {
        Task task = tasks.current();
        log.warn(
                "%s: page allocation failure: order:%d, mode:0x%x, nodemask=(null)",
                task == null ? "swapper/0" : task.name(), order, gfp.bits());
    }
}
