package dmakit.kernel.dma;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.Linux;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.PageAllocator;
import dmakit.kernel.mm.VirtualMemory;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;

/**
 * {@link DmaPages} of a back end that reaches any page by a mapping: pages of the buddy allocator
 * that are mapped without care for caches.
 */
@Linux(file = "kernel/dma/ops_helpers.c", symbol = "dma_common_alloc_pages")
public final class CommonPages {
    private final PageAllocator pages;
    private final Cpu cpu;

    /** Takes pages from an allocator. */
    public CommonPages(PageAllocator pages, Cpu cpu) {
        this.pages = pages;
        this.cpu = cpu;
    }

    /**
     * Allocates and maps; as {@link DmaOps#allocPages}.
     *
     * @param ops the device's back end
     * @throws DmaException ENOMEM when there are no pages, or no address for them
     */
    public DmaPages alloc(DmaOps ops, long size, DmaDirection direction, Gfp gfp) {
        long bytes = VirtualMemory.pageAlign(size);
        int order = PageAllocator.orderFor(bytes);
        long page = pages.take(gfp.without(Gfp.ZERO), order);
        if (page == PageAllocator.NONE) {
            throw new DmaException(Errno.ENOMEM, "no 0x%x contiguous bytes", bytes);
        }
        long dma = ops.map(page, bytes, direction, DmaAttrs.SKIP_CPU_SYNC);
        if (dma == DmaAddr.MAPPING_ERROR) {
            pages.give(page, order);
            throw new DmaException(Errno.ENOMEM, "no address for 0x%x bytes", bytes);
        }
        cpu.fill(AddressLayout.LINEAR_BASE + page, bytes, (byte) 0);
        return new DmaPages(page, dma, size);
    }

    /** Unmaps and frees. */
    @Linux(file = "kernel/dma/ops_helpers.c", symbol = "dma_common_free_pages")
    public void free(DmaOps ops, DmaPages given, DmaDirection direction) {
        long bytes = VirtualMemory.pageAlign(given.size());
        ops.unmap(given.dma(), bytes, direction, DmaAttrs.SKIP_CPU_SYNC);
        pages.give(given.page(), PageAllocator.orderFor(bytes));
    }
}
