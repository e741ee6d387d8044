package dmakit.kernel.mm;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.machine.Check;
import dmakit.machine.cpu.MemoryType;
import dmakit.machine.cpu.PageTable;

/** An area of a process's address space, as the {@code mmap} of a driver gets it to fill. */
@Linux(file = "include/linux/mm_types.h", symbol = "vm_area_struct")
public final class Vma {
    private final PageTable table;
    private final long start;
    private final long end;
    private final long pageOffset;

    /**
     * Creates an area in which nothing is mapped.
     *
     * @param table of the process
     * @param start first address, page aligned
     * @param end exclusive, page aligned
     * @param pageOffset offset into the file in pages ({@code vm_pgoff}), at least 0
     */
    public Vma(PageTable table, long start, long end, long pageOffset) {
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
