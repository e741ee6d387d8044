package dmakit.kernel.mm;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.machine.Check;
import dmakit.machine.cpu.MemoryType;
import dmakit.machine.cpu.PageTable;
import org.jspecify.annotations.Nullable;

/**
 * An area of a process's address space, as the {@code mmap} of a driver gets it to fill. Its pages
 * are entries of a {@link PageTable}: who wants to know which physical page lies where, and with
 * which memory type, observes that.
 */
@Linux(file = "include/linux/mm_types.h", symbol = "vm_area_struct")
public final class Vma {
    private static final String FLAGS = "include/linux/mm.h";

    /** Pages may be read. */
    @Linux(file = FLAGS, symbol = "VM_READ")
    public static final long READ = 0x1;

    /** Pages may be written. */
    @Linux(file = FLAGS, symbol = "VM_WRITE")
    public static final long WRITE = 0x2;

    /** Pages may be executed. */
    @Linux(file = FLAGS, symbol = "VM_EXEC")
    public static final long EXEC = 0x4;

    /** Writes are seen by all who map the file. */
    @Linux(file = FLAGS, symbol = "VM_SHARED")
    public static final long SHARED = 0x8;

    /** READ, WRITE, EXEC and SHARED may be set later. */
    public static final long MAY_ALL = 0xf0;

    /** The area maps page frames that have no struct page to count. */
    @Linux(file = FLAGS, symbol = "VM_PFNMAP")
    public static final long PFNMAP = 0x400;

    /** The area maps registers. */
    @Linux(file = FLAGS, symbol = "VM_IO")
    public static final long IO = 0x4000;

    /** The area cannot grow by {@code mremap}. */
    @Linux(file = FLAGS, symbol = "VM_DONTEXPAND")
    public static final long DONTEXPAND = 0x4_0000;

    /** The area is not part of a core dump. */
    @Linux(file = FLAGS, symbol = "VM_DONTDUMP")
    public static final long DONTDUMP = 0x400_0000;

    /** The area maps pages that are counted, and page frames. */
    @Linux(file = FLAGS, symbol = "VM_MIXEDMAP")
    public static final long MIXEDMAP = 0x1000_0000;

    private static final long SHARED_READ_WRITE = READ | WRITE | SHARED | MAY_ALL;

    private final PageTable table;
    private final long start;
    private final long end;
    private final long pageOffset;
    private long flags;
    private @Nullable Operations operations;

    /** What a driver does for an area after {@code mmap}. */
    @Linux(file = FLAGS, symbol = "vm_operations_struct")
    public interface Operations {
        /** Another area of the same mapping came to be, by {@code fork}. */
        default void open(Vma vma) {}

        /** The area goes. */
        default void close(Vma vma) {}

        /**
         * A page of the area was touched that is not mapped. Maps it.
         *
         * @param va the address that was touched
         * @param write whether it was a store
         * @return whether a page is there now; if not the process gets {@code SIGBUS}
         */
        default boolean fault(Vma vma, long va, boolean write) {
            return false;
        }
    }

    /**
     * Creates a shared area for reading and writing in which nothing is mapped.
     *
     * @param table of the process
     * @param start first address, page aligned
     * @param end exclusive, page aligned
     * @param pageOffset offset into the file in pages ({@code vm_pgoff}), at least 0
     */
    public Vma(PageTable table, long start, long end, long pageOffset) {
        this(table, start, end, pageOffset, SHARED_READ_WRITE);
    }

    /**
     * Creates an area in which nothing is mapped.
     *
     * @param flags {@link #READ} and the like
     */
    public Vma(PageTable table, long start, long end, long pageOffset, long flags) {
        long pageMask = VirtualMemory.PAGE_BYTES - 1;
        Check.argument(
                ((start | end) & pageMask) == 0 && start < end,
                "va:0x%x-0x%x is no run of whole pages",
                start,
                end);
        Check.argument(pageOffset >= 0, "page offset %d is negative", pageOffset);
        this.table = table;
        this.start = start;
        this.end = end;
        this.pageOffset = pageOffset;
        this.flags = flags;
    }

    /** First address. */
    public long start() {
        return start;
    }

    /** First address behind it. */
    public long end() {
        return end;
    }

    /** Size in bytes. */
    public long size() {
        return end - start;
    }

    /** Size in pages. */
    @Linux(file = "include/linux/mm.h", symbol = "vma_pages")
    public long pages() {
        return (end - start) >> VirtualMemory.LG2_PAGE;
    }

    /** Offset into the file, in pages. */
    public long pageOffset() {
        return pageOffset;
    }

    /** {@link #READ} and the like. */
    public long flags() {
        return flags;
    }

    /** Sets all flags. */
    @Linux(file = FLAGS, symbol = "vm_flags_reset")
    public void flags(long all) {
        flags = all;
    }

    /** What the driver does for this area, or null. */
    public @Nullable Operations operations() {
        return operations;
    }

    /** Lets a driver do something for this area. */
    public void operations(@Nullable Operations driver) {
        operations = driver;
    }

    /** The table its pages are entered in. */
    public PageTable table() {
        return table;
    }

    /** Whether an address lies in the area. */
    public boolean contains(long va) {
        return Long.compareUnsigned(va - start, end - start) < 0;
    }

    /**
     * Lets the driver map the page at an address, where none is mapped.
     *
     * @param va in the area
     * @return whether a page is there now
     */
    @Linux(file = "mm/memory.c", symbol = "handle_mm_fault")
    public boolean fault(long va, boolean write) {
        if (table.entryOf(va) != PageTable.UNMAPPED) {
            return true;
        }
        Operations driver = operations;
        return driver != null
                && driver.fault(this, va, write)
                && table.entryOf(va) != PageTable.UNMAPPED;
    }

    /** Takes pages away; the next touch of one is a fault again. */
    @Linux(file = "mm/memory.c", symbol = "zap_page_range_single")
    public void zap(long va, long bytes) {
        requireInside(va, bytes);
        table.unmap(va, bytes);
    }

    /** The same pages in an area of another process at the same address, as {@code fork} makes. */
    public Vma copyTo(PageTable other) {
        Vma copy = new Vma(other, start, end, pageOffset, flags);
        copy.operations = operations;
        for (long va = start; va < end; va += VirtualMemory.PAGE_BYTES) {
            long entry = table.entryOf(va);
            if (entry != PageTable.UNMAPPED) {
                other.map(
                        va,
                        PageTable.physOf(entry, 0),
                        VirtualMemory.PAGE_BYTES,
                        PageTable.typeOf(entry));
            }
        }
        if (operations != null) {
            operations.open(copy);
        }
        return copy;
    }

    /** Tells the driver that the area is gone. */
    public void closed() {
        Operations driver = operations;
        if (driver != null) {
            driver.close(this);
        }
    }

    void requireInside(long va, long bytes) {
        if ((va & (VirtualMemory.PAGE_BYTES - 1)) != 0
                || bytes <= 0
                || va < start
                || bytes > end - va) {
            throw new KernelException(
                    Errno.EINVAL,
                    "0x%x bytes at va:0x%x do not fit the area va:0x%x-0x%x in whole pages",
                    bytes,
                    va,
                    start,
                    end);
        }
    }

    void map(long va, long phys, long bytes, MemoryType type) {
        for (long done = 0; done < bytes; done += VirtualMemory.PAGE_BYTES) {
            if (table.entryOf(va + done) != PageTable.UNMAPPED) {
                throw new KernelException(
                        Errno.EBUSY, "va:0x%x of the process is mapped already", va + done);
            }
        }
        table.map(va, phys, bytes, type);
    }
}
