package dmakit.kernel.boot;

import dmakit.kernel.chardev.UserProcess;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.PageAllocator;

/** Pages of processes, from the page allocator. */
final class UserPages implements UserProcess.AnonymousMemory {
    private static final Gfp ZEROED = Gfp.KERNEL.with(Gfp.ZERO);

    private final PageAllocator pages;

    UserPages(PageAllocator pages) {
        this.pages = pages;
    }

    @Override
    public long allocate(long bytes) {
        return pages.allocPages(ZEROED, PageAllocator.orderFor(bytes));
    }

    @Override
    public void free(long phys, long bytes) {
        pages.freePages(phys, PageAllocator.orderFor(bytes));
    }
}
