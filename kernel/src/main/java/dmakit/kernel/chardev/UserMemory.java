package dmakit.kernel.chardev;

import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.machine.cpu.PageTable;

/**
 * The memory of one process, as the kernel reaches it. A process of the simulation has simulated
 * pages; a native one has its own, of which the kernel sees copies.
 *
 * <p>Nothing here takes addresses for valid: what the process cannot reach is not copied.
 */
public interface UserMemory {
    /**
     * Whether a range may belong to a process at all, mapped or not.
     *
     * @param bytes at least 0
     */
    @Linux(file = "include/asm-generic/access_ok.h", symbol = "access_ok")
    boolean isUser(long va, long bytes);

    /**
     * Copies from the process.
     *
     * @param length at least 0
     * @return how many bytes there were before the first one the process cannot read
     */
    int load(long va, byte[] into, int offset, int length);

    /**
     * Copies to the process.
     *
     * @param length at least 0
     * @return how many bytes there were before the first one the process cannot write
     */
    int store(long va, byte[] from, int offset, int length);

    /**
     * The table in which a driver's pages are entered for an area of the process. Who has to map
     * them elsewhere too observes it.
     *
     * @param start page aligned
     * @param bytes a multiple of the page size
     */
    PageTable tableFor(long start, long bytes);

    /**
     * Fixes pages in simulated memory, so that a device reaches what the process sees, until {@link
     * #unpin}. A page may be pinned several times.
     *
     * @param va page aligned
     * @param into takes the physical address of each page; its length is the number of pages
     * @param write whether the device writes them
     * @return how many pages, from the first on; fewer where the process has none that it may use
     *     so
     * @throws KernelException {@code EFAULT} when there is not even the first, {@code ENOMEM}
     */
    @Linux(file = "mm/gup.c", symbol = "pin_user_pages")
    int pin(long va, long[] into, boolean write);

    /**
     * Undoes {@link #pin} for one page.
     *
     * @param phys its physical address
     * @param dirty whether a device or driver wrote to it
     */
    @Linux(file = "mm/gup.c", symbol = "unpin_user_page")
    void unpin(long phys, boolean dirty);
}
