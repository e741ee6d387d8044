package dmakit.kernel.mm;

import dmakit.devicetree.address.AddressRange;
import dmakit.devicetree.address.MemoryMap;
import dmakit.devicetree.address.ReservedRegion;
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

    private record Free(long start, long end) {}

    private final Ram ram;
    private final List<Reservation> reserved = new ArrayList<>();
    private List<Free> free = new ArrayList<>();

    /** All of RAM is free. */
    public Memblock(Ram ram) {
        this.ram = ram;
        for (Ram.Bank bank : ram.banks()) {
            free.add(new Free(bank.base(), bank.end()));
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

    /**
     * Reserves a range; parts outside of RAM or reserved already do not matter.
     *
     * @param size in bytes; 0 reserves nothing
     * @throws KernelException ENOSPC behind {@link #RESERVATION_COUNT_MAX} reservations
     */
    @Linux(file = "mm/memblock.c", symbol = "memblock_reserve")
    public void reserve(String name, long start, long size) {
        if (size == 0) {
            return;
        }
        if (reserved.size() == RESERVATION_COUNT_MAX) {
            throw new KernelException(
                    Errno.ENOSPC, "more than %d reserved ranges", RESERVATION_COUNT_MAX);
        }
        long first = start & -PAGE;
        long last = start + size - 1;
        long end = Long.compareUnsigned(last, start) < 0 || last < 0 ? Long.MAX_VALUE : last + 1;
        end = end > Long.MAX_VALUE - PAGE ? Long.MAX_VALUE & -PAGE : (end + PAGE - 1) & -PAGE;
        if (first < 0) {
            return;
        }
        reserved.add(new Reservation(name, first, end));
        List<Free> left = new ArrayList<>(free.size() + 1);
        for (Free range : free) {
            if (end <= range.start || first >= range.end) {
                left.add(range);
                continue;
            }
            if (range.start < first) {
                left.add(new Free(range.start, first));
            }
            if (end < range.end) {
                left.add(new Free(end, range.end));
            }
        }
        free = left;
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
        long wanted = (size + PAGE - 1) & -PAGE;
        for (int i = free.size() - 1; i >= 0; i--) {
            Free range = free.get(i);
            long top = Math.min(range.end, end);
            long start = (top - wanted) & -align;
            if (wanted > 0 && start >= Math.max(range.start, from) && start + wanted <= top) {
                reserve(name, start, wanted);
                return start;
            }
        }
        throw new KernelException(
                Errno.ENOMEM,
                "no 0x%x free bytes for %s between phys:0x%x and phys:0x%x",
                size,
                name,
                from,
                end);
    }

    /**
     * Reserves what the device tree keeps away: the reservation block and {@code /reserved-memory}.
     * Static regions come first; then dynamic ones get their place. Regions the kernel may use
     * until their owner wants them stay free.
     *
     * @throws KernelException ENOMEM when a dynamic region finds no place
     */
    @Linux(file = "drivers/of/of_reserved_mem.c", symbol = "fdt_init_reserved_mem")
    public void reserve(MemoryMap map) {
        for (AddressRange range : map.memReserves()) {
            reserve("reserved", range.start(), range.size());
        }
        for (ReservedRegion region : map.reserved()) {
            for (AddressRange range : region.ranges()) {
                if (!region.reusable()) {
                    reserve("reserved", range.start(), range.size());
                }
            }
        }
        for (ReservedRegion region : map.reserved()) {
            if (region.isDynamic() && region.size() != 0 && !region.reusable()) {
                place(region);
            }
        }
    }

    /**
     * Reserves what a running kernel itself takes: its image in the lowest place, and the
     * descriptors of all pages. A machine too small for a real image has one of a quarter of its
     * first bank.
     */
    public void reserveKernel() {
        Ram.Bank first = ram.banks().getFirst();
        long part = first.size() / 4;
        boolean small = part < CODE_SIZE + DATA_SIZE;
        long code = small ? (part / 3 * 2) & -PAGE : CODE_SIZE;
        long data = small ? (part / 3) & -PAGE : DATA_SIZE;
        long image = lowest(code + data, small ? PAGE : IMAGE_ALIGN);
        reserve("Kernel code", image, code);
        reserve("Kernel data", image + code, data);
        long pages = ram.size() >> VirtualMemory.LG2_PAGE;
        allocate("reserved", pages * STRUCT_PAGE_BYTES, PAGE, 0, Long.MAX_VALUE);
    }

    /** Calls {@code action} with every free range, in ascending order. */
    void forEachFree(RangeAction action) {
        for (Free range : free) {
            action.accept(range.start, range.end);
        }
    }

    @FunctionalInterface
    interface RangeAction {
        void accept(long start, long end);
    }

    private long lowest(long size, long align) {
        for (Free range : free) {
            long start = (range.start + align - 1) & -align;
            if (start + size <= range.end) {
                return start;
            }
        }
        throw new KernelException(Errno.ENOMEM, "no 0x%x free bytes for the kernel image", size);
    }

    private void place(ReservedRegion region) {
        String name = region.node().name();
        long align = Math.max(PAGE, Long.highestOneBit(region.alignment().orElse(PAGE)));
        if (region.allocRanges().isEmpty()) {
            allocate(name, region.size(), align, 0, Long.MAX_VALUE);
            return;
        }
        KernelException refusal = null;
        for (AddressRange range : region.allocRanges()) {
            try {
                allocate(name, region.size(), align, range.start(), range.last() + 1);
                return;
            } catch (KernelException e) {
                refusal = e;
            }
        }
        if (refusal != null) {
            throw refusal;
        }
    }
}
