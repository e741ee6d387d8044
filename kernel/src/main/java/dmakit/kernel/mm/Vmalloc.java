package dmakit.kernel.mm;

import dmakit.kernel.Calls;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.machine.Check;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.cpu.MemoryType;
import dmakit.machine.cpu.PageTable;
import dmakit.machine.memory.Ram;
import dmakit.machine.memory.Shadow;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The virtual area outside of the linear map: memory of single pages that looks contiguous, and
 * physical ranges mapped another way.
 *
 * <p>An area gets the lowest hole it fits in, with an unmapped guard page behind it.
 */
@Linux(file = "mm/vmalloc.c", symbol = "vmalloc")
public final class Vmalloc {
    private static final long PAGE = VirtualMemory.PAGE_BYTES;

    /** What an area is for. */
    public enum Use {
        /** Pages that belong to the area. */
        PAGES,
        /** Pages of somebody else. */
        MAPPED,
        /** Registers. */
        REGISTERS,
        /** Memory that devices share with the CPU, past its caches. */
        COHERENT
    }

    /**
     * An area in use.
     *
     * @param start first virtual address
     * @param size in bytes, without the guard page
     * @param phys first physical address; -1 when its pages are scattered
     */
    public record Area(long start, long size, long phys, Use use) {}

    private final Cpu cpu;
    private final Ram ram;
    private final Calls calls;
    private final PageAllocator pages;
    private final PageTable table;
    private final Shadow shadow;
    private final Allocations allocations;
    private final TreeMap<Long, Area> areas = new TreeMap<>();
    private final TreeMap<Long, Long> holes = new TreeMap<>();

    /** Creates an empty area. */
    public Vmalloc(Cpu cpu, Ram ram, Calls calls, PageAllocator pages) {
        this.cpu = cpu;
        this.ram = ram;
        this.calls = calls;
        this.pages = pages;
        table = cpu.kernelTable();
        shadow = ram.shadow();
        allocations = pages.allocations();
        holes.put(AddressLayout.VMALLOC_BASE, AddressLayout.VMALLOC_SIZE);
    }

    /**
     * Allocates memory that is contiguous for the CPU only.
     *
     * @param size in bytes, at least 1; whole pages are allocated
     * @return its virtual address; no device can reach it by one address
     * @throws KernelException ENOMEM
     */
    @Linux(file = "mm/vmalloc.c", symbol = "vmalloc")
    public long vmalloc(long size) {
        enter("vmalloc", size);
        return allocate(size, Gfp.KERNEL);
    }

    /** As {@link #vmalloc}, zeroed. */
    @Linux(file = "mm/vmalloc.c", symbol = "vzalloc")
    public long vzalloc(long size) {
        enter("vzalloc", size);
        return allocate(size, Gfp.KERNEL.with(Gfp.ZERO));
    }

    /**
     * Frees what {@link #vmalloc} gave; 0 is ignored.
     *
     * @throws IllegalArgumentException when {@code va} is no such area's start
     */
    @Linux(file = "mm/vmalloc.c", symbol = "vfree")
    public void vfree(long va) {
        enter("vfree", va);
        if (va == 0) {
            return;
        }
        if (allocations.isOn()) {
            Allocation object = allocations.take(Allocation.Kind.AREA, va);
            if (object != null) {
                freePages(va, restLater(object));
                return;
            }
            if (!allocations.isUnknown(va)) {
                return;
            }
            Area found = areas.get(va);
            if (found == null || found.use() != Use.PAGES) {
                allocations.reportInvalid(Allocation.Kind.AREA, va);
                return;
            }
        }
        freePages(va, this::restore);
    }

    /** Addresses that were freed are not used again at once: a use after free finds nothing. */
    private Restorer restLater(Allocation object) {
        return (start, length) -> allocations.rest(object, _ -> restore(start, length));
    }

    @FunctionalInterface
    private interface Restorer {
        void restore(long start, long length);
    }

    private void freePages(long va, Restorer restorer) {
        Area area = take(va, Use.PAGES);
        for (long at = va; at < va + area.size(); at += PAGE) {
            pages.give(PageTable.physOf(table.entryOf(at), at), 0);
        }
        release(area, restorer);
    }

    /**
     * Maps a physical range.
     *
     * @param phys page aligned
     * @param size in bytes, whole pages
     * @return its virtual address
     * @throws KernelException ENOMEM when no hole is large enough
     */
    public long map(long phys, long size, MemoryType type, Use use) {
        long va = reserve(size);
        table.map(va, phys, size, type);
        areas.put(va, new Area(va, size, phys, use));
        return va;
    }

    /**
     * Maps pages, one behind the other.
     *
     * @param pages their physical addresses, at least one
     * @return their virtual address
     * @throws KernelException ENOMEM when no hole is large enough
     */
    public long map(long[] pages, MemoryType type, Use use) {
        long bytes = pages.length * PAGE;
        long va = reserve(bytes);
        for (int i = 0; i < pages.length; i++) {
            table.map(va + i * PAGE, pages[i], PAGE, type);
        }
        areas.put(va, new Area(va, bytes, -1, use));
        return va;
    }

    /**
     * Unmaps what {@link #map} mapped.
     *
     * @throws IllegalArgumentException when {@code va} is not the start of an area of that use
     */
    public Area unmap(long va, Use use) {
        Area area = take(va, use);
        release(area, this::restore);
        return area;
    }

    /** Registers were mapped for a driver. */
    void noteRegisters(long va, long size) {
        if (allocations.isOn()) {
            allocations.add(Allocation.Kind.REGISTERS, va, size, size, 0);
        }
    }

    /**
     * A driver unmaps registers.
     *
     * @throws IllegalArgumentException as {@link #unmap}, unless mistakes are looked for
     */
    void unmapRegisters(long va) {
        if (!allocations.isOn()) {
            unmap(va, Use.REGISTERS);
            return;
        }
        Allocation object = allocations.take(Allocation.Kind.REGISTERS, va);
        if (object != null) {
            release(take(va, Use.REGISTERS), restLater(object));
        } else if (allocations.isUnknown(va)) {
            Area found = areas.get(va);
            if (found == null || found.use() != Use.REGISTERS) {
                allocations.reportInvalid(Allocation.Kind.REGISTERS, va);
            } else {
                unmap(va, Use.REGISTERS);
            }
        }
    }

    /** The area that starts at or before an address and holds it, or null. */
    public @Nullable Area areaOf(long va) {
        Map.Entry<Long, Area> entry = areas.floorEntry(va);
        return entry != null && va - entry.getKey() < entry.getValue().size()
                ? entry.getValue()
                : null;
    }

    /**
     * Maps pages of the caller so that they look contiguous.
     *
     * @param frames page frame numbers, at least one
     * @throws KernelException ENOMEM
     */
    @Linux(file = "mm/vmalloc.c", symbol = "vmap")
    public long vmap(long[] frames, MemoryType type) {
        enter("vmap", frames.length);
        long bytes = (long) frames.length << VirtualMemory.LG2_PAGE;
        long va = reserve(bytes);
        for (int i = 0; i < frames.length; i++) {
            table.map(va + i * PAGE, frames[i] << VirtualMemory.LG2_PAGE, PAGE, type);
        }
        areas.put(va, new Area(va, bytes, -1, Use.MAPPED));
        return va;
    }

    /**
     * Unmaps what {@link #vmap} mapped; 0 is ignored.
     *
     * @throws IllegalArgumentException when {@code va} is no such area's start
     */
    @Linux(file = "mm/vmalloc.c", symbol = "vunmap")
    public void vunmap(long va) {
        enter("vunmap", va);
        if (va != 0) {
            unmap(va, Use.MAPPED);
        }
    }

    private void enter(String function, long argument) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(function, "0x" + Long.toHexString(argument));
        }
    }

    private long allocate(long size, Gfp gfp) {
        long bytes = VirtualMemory.pageAlign(size);
        if (bytes <= 0 || bytes > ram.size()) {
            throw new KernelException(
                    Errno.ENOMEM, "vmalloc of 0x%x bytes on a machine with 0x%x", size, ram.size());
        }
        long va = reserve(bytes);
        for (long done = 0; done < bytes; done += PAGE) {
            long page = pages.take(gfp, 0);
            if (page == PageAllocator.NONE) {
                giveBack(va, done);
                restore(va, bytes + PAGE);
                throw new KernelException(Errno.ENOMEM, "no page for vmalloc of 0x%x bytes", size);
            }
            table.map(va + done, page, PAGE, MemoryType.WRITE_BACK);
        }
        areas.put(va, new Area(va, bytes, -1, Use.PAGES));
        if (allocations.isOn()) {
            allocations.add(Allocation.Kind.AREA, va, size, bytes, 0);
            long lastPage = va + bytes - PAGE;
            shadow.allocated(
                    PageTable.physOf(table.entryOf(lastPage), 0),
                    size - (bytes - PAGE),
                    PAGE,
                    true);
        }
        return va;
    }

    private void giveBack(long va, long bytes) {
        for (long at = va; at < va + bytes; at += PAGE) {
            pages.give(PageTable.physOf(table.entryOf(at), at), 0);
        }
        table.unmap(va, bytes);
    }

    private Area take(long va, Use use) {
        Area area = areas.get(va);
        if (area == null || area.use() != use) {
            throw new IllegalArgumentException(
                    area == null
                            ? "va:0x%x is not the start of a virtual area".formatted(va)
                            : "va:0x%x is an area for %s, wanted one for %s"
                                    .formatted(va, area.use(), use));
        }
        areas.remove(va);
        return area;
    }

    private void release(Area area, Restorer restorer) {
        // Invalidating the translation waits for stores that are still on their way.
        cpu.barrier();
        table.unmap(area.start(), area.size());
        restorer.restore(area.start(), area.size() + PAGE);
    }

    /** Takes the lowest hole for {@code size} bytes and a guard page. */
    private long reserve(long size) {
        Check.argument(
                size > 0 && (size & (PAGE - 1)) == 0, "0x%x bytes are not whole pages", size);
        long wanted = size + PAGE;
        long start = lowestHole(wanted);
        long length = holes.getOrDefault(start, 0L);
        holes.remove(start);
        if (length > wanted) {
            holes.put(start + wanted, length - wanted);
        }
        return start;
    }

    private long lowestHole(long wanted) {
        for (Map.Entry<Long, Long> hole : holes.entrySet()) {
            if (hole.getValue() >= wanted) {
                return hole.getKey();
            }
        }
        if (allocations.isOn() && allocations.wakeAll()) {
            return lowestHole(wanted);
        }
        throw new KernelException(Errno.ENOMEM, "no virtual area of 0x%x bytes", wanted);
    }

    private void restore(long start, long length) {
        long from = start;
        long to = start + length;
        Map.Entry<Long, Long> below = holes.lowerEntry(start);
        if (below != null && below.getKey() + below.getValue() == from) {
            from = below.getKey();
        }
        Long above = holes.remove(to);
        if (above != null) {
            to += above;
        }
        holes.put(from, to - from);
    }
}
