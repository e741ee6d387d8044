package dmakit.kernel.mm;

import dmakit.kernel.Linux;

/**
 * Pages that count as free and are given out by somebody else, for contiguous allocations alone.
 *
 * <p>Linux lends such pages to processes and moves them away when they are wanted. Here they stay
 * idle, so that no allocation waits for a move.
 */
@Linux(file = "include/linux/mmzone.h", symbol = "MIGRATE_CMA")
public interface ContiguousMemory {
    /** Physical address of the first page. */
    long base();

    /** Size in bytes. */
    long size();

    /** Pages that nobody has now. */
    long freePages();

    /** Whether nobody has the page at a physical address inside. */
    boolean isFree(long phys);
}
