package dmakit.kernel.mm;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.machine.memory.Ram;
import java.util.ArrayList;
import java.util.List;

/**
 * Memory before the page allocator: what of RAM is reserved, by whom, and what is free.
 *
 * <p>Ranges are whole pages: a reservation grows to page borders.
 */
@Linux(file = "mm/memblock.c", symbol = "memblock")
public final class Memblock {
    /** Reservations there may be; a device tree with more is refused. */
    public static final int RESERVATION_COUNT_MAX = 4096;

    /** The name of what has no owner that is worth telling. */
    public static final String RESERVED = "reserved";

    private static final long PAGE = VirtualMemory.PAGE_BYTES;
    private static final long MIB = 1L << 20;
    private static final long IMAGE_ALIGN = 2 * MIB;
    private static final long CODE_SIZE = 16 * MIB;
    private static final long DATA_SIZE = 8 * MIB;
    private static final int STRUCT_PAGE_BYTES = 64;

    /**
     * Something that is not free.
     *
     * @param name as {@code /proc/iomem} shows it
     * @param start first physical address, page aligned
     * @param end exclusive, page aligned
     */
    public record Reservation(String name, long start, long end) {}

    /** How much of a range is memory that the kernel uses. */
    public enum SystemRam {
        /** None of it: registers, or memory that was taken out. */
        NONE,
        /** A part. */
        PART,
        /** All of it. */
        ALL
    }

    /** What {@link #find} answers when there is no place. */
    public static final long NONE = -1;

    private final Ram ram;
    private final List<Reservation> reserved = new ArrayList<>();
    private final RangeSet memory = new RangeSet();
    private final RangeSet free = new RangeSet();

    /** All of RAM is free. */
    public Memblock(Ram ram) {
        this.ram = ram;
        for (Ram.Bank bank : ram.banks()) {
            memory.add(bank.base(), bank.end());
            free.add(bank.base(), bank.end());
        }
    }

    /** RAM. */
    public Ram ram() {
        return ram;
    }

    /** What was reserved, in the order it was. */
    public List<Reservation> reservations() {
        return List.copyOf(reserved);
    }

    /** RAM that the kernel uses, reserved or not: all but what {@link #takeOut} took. */
    List<RangeSet.Range> systemRam() {
        return memory.ranges();
    }

    /** How much of a range the kernel uses as memory, reserved or not. */
    @Linux(file = "kernel/resource.c", symbol = "region_intersects")
    public SystemRam systemRam(long start, long size) {
        long bytes = start < 0 || size < 0 ? 0 : memory.overlap(start, endOf(start, size));
        if (bytes == 0) {
            return SystemRam.NONE;
        }
        return bytes == size ? SystemRam.ALL : SystemRam.PART;
    }

    /**
     * Reserves a range; parts outside of RAM or reserved already do not matter.
     *
     * @param size in bytes; 0 reserves nothing
     * @throws KernelException ENOSPC behind {@link #RESERVATION_COUNT_MAX} reservations
     */
    @Linux(file = "mm/memblock.c", symbol = "memblock_reserve")
    public void reserve(String name, long start, long size) {
        if (size == 0 || start < 0) {
            return;
        }
        if (reserved.size() == RESERVATION_COUNT_MAX) {
            throw new KernelException(
                    Errno.ENOSPC, "more than %d reserved ranges", RESERVATION_COUNT_MAX);
        }
        Reservation made = new Reservation(name, start & -PAGE, endOf(start, size));
        reserved.add(made);
        free.remove(made.start(), made.end());
    }

    /**
     * Reserves a range and takes it out of the memory that the kernel uses: it is not in the linear
     * map of a real kernel.
     *
     * @throws KernelException as {@link #reserve}
     */
    @Linux(file = "mm/memblock.c", symbol = "memblock_mark_nomap")
    public void takeOut(String name, long start, long size) {
        reserve(name, start, size);
        if (size != 0 && start >= 0) {
            memory.remove(start & -PAGE, endOf(start, size));
        }
    }

    /** Undoes the reservation of exactly a range, also one that {@link #takeOut} made. */
    @Linux(file = "mm/memblock.c", symbol = "memblock_phys_free")
    public void release(long start, long size) {
        long first = start & -PAGE;
        long end = endOf(start, size);
        if (!reserved.removeIf(range -> range.start() == first && range.end() == end)) {
            return;
        }
        for (Ram.Bank bank : ram.banks()) {
            long from = Math.max(first, bank.base());
            long to = Math.min(end, bank.end());
            if (from < to) {
                memory.add(from, to);
                free.add(from, to);
            }
        }
        // Others may have reserved parts of it as well.
        for (Reservation other : reserved) {
            free.remove(other.start(), other.end());
        }
    }

    /** The end of a range in whole pages, short of the top of the address space. */
    private static long endOf(long start, long size) {
        long last = start + size - 1;
        if (Long.compareUnsigned(last, start) < 0 || last < 0 || last >= Long.MAX_VALUE - PAGE) {
            return Long.MAX_VALUE & -PAGE;
        }
        return (last + PAGE) & -PAGE;
    }

    /** Whether nothing of a range is reserved, and all of it is RAM. */
    @Linux(file = "mm/memblock.c", symbol = "memblock_is_region_reserved")
    public boolean isFree(long start, long size) {
        return start >= 0 && size > 0 && free.overlap(start, start + size) == size;
    }

    /** Whether some of a range is reserved. */
    @Linux(file = "mm/memblock.c", symbol = "memblock_is_region_reserved")
    public boolean isReserved(long start, long size) {
        long end = endOf(start, size);
        return reserved.stream().anyMatch(range -> start < range.end() && range.start() < end);
    }

    /**
     * Looks for a free range in a window.
     *
     * @param size in bytes, rounded up to pages
     * @param align a power of two, at least a page
     * @param from first address allowed
     * @param end last address allowed, plus one
     * @param bottomUp whether the lowest place is wanted; else the highest
     * @return its physical address, or {@link #NONE}
     */
    @Linux(file = "mm/memblock.c", symbol = "memblock_find_in_range")
    public long find(long size, long align, long from, long end, boolean bottomUp) {
        // The first page is nobody's: 0 stands for no place in Linux.
        return search(size, align, Math.max(from, PAGE), end, bottomUp);
    }

    private long search(long size, long align, long from, long end, boolean bottomUp) {
        long wanted = (size + PAGE - 1) & -PAGE;
        if (size <= 0 || wanted <= 0) {
            return NONE;
        }
        List<RangeSet.Range> ranges = free.ranges();
        for (RangeSet.Range range : bottomUp ? ranges : ranges.reversed()) {
            long bottom = Math.max(range.start(), from);
            long top = Math.min(range.end(), end);
            long start = bottomUp ? (bottom + align - 1) & -align : (top - wanted) & -align;
            if (wanted <= top - bottom && start >= bottom && start <= top - wanted) {
                return start;
            }
        }
        return NONE;
    }

    /**
     * Reserves the highest free range in a window.
     *
     * @param align a power of two, at least a page
     * @param from first address allowed
     * @param end last address allowed, plus one
     * @return its physical address
     * @throws KernelException ENOMEM when no free range fits
     */
    @Linux(file = "mm/memblock.c", symbol = "memblock_phys_alloc_range")
    public long allocate(String name, long size, long align, long from, long end) {
        long start = find(size, align, from, end, false);
        if (start == NONE) {
            throw new KernelException(
                    Errno.ENOMEM,
                    "no 0x%x free bytes for %s between phys:0x%x and phys:0x%x",
                    size,
                    name,
                    from,
                    end);
        }
        reserve(name, start, size);
        return start;
    }

    /** Reserves all that a running kernel itself takes. */
    public void reserveKernel() {
        reserveImage(0);
        reservePageDescriptors();
    }

    /**
     * Reserves the kernel's image, in the lowest place. A machine too small for a real image has
     * one of a quarter of its first bank.
     *
     * @param from first address wanted; lower ones are taken where nothing above is free
     * @throws KernelException ENOMEM when no place is free
     */
    public void reserveImage(long from) {
        Ram.Bank first = ram.banks().getFirst();
        long part = first.size() / 4;
        boolean small = part < CODE_SIZE + DATA_SIZE;
        long code = small ? (part / 3 * 2) & -PAGE : CODE_SIZE;
        long data = small ? (part / 3) & -PAGE : DATA_SIZE;
        long image = lowest(code + data, small ? PAGE : IMAGE_ALIGN, from);
        reserve("Kernel code", image, code);
        reserve("Kernel data", image + code, data);
    }

    /**
     * Reserves the descriptors of all pages, in the highest place.
     *
     * @throws KernelException as {@link #reserveImage}
     */
    @Linux(file = "mm/sparse.c", symbol = "sparse_init")
    public void reservePageDescriptors() {
        long pages = ram.size() >> VirtualMemory.LG2_PAGE;
        allocate(RESERVED, pages * STRUCT_PAGE_BYTES, PAGE, 0, Long.MAX_VALUE);
    }

    /** Calls {@code action} with every free range, in ascending order. */
    void forEachFree(RangeAction action) {
        free.ranges().forEach(range -> action.accept(range.start(), range.end()));
    }

    @FunctionalInterface
    interface RangeAction {
        void accept(long start, long end);
    }

    private long lowest(long size, long align, long from) {
        long start = search(size, align, from, Long.MAX_VALUE, true);
        if (start == NONE) {
            start = search(size, align, 0, Long.MAX_VALUE, true);
        }
        if (start == NONE) {
            throw new KernelException(
                    Errno.ENOMEM, "no 0x%x free bytes for the kernel image", size);
        }
        return start;
    }
}
