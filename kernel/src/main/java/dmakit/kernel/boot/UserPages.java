package dmakit.kernel.boot;

import dmakit.kernel.Calls;
import dmakit.kernel.chardev.UserProcess;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.PageAllocator;

/** Pages of processes, from the page allocator. */
final class UserPages implements UserProcess.AnonymousMemory {
    private static final Gfp ZEROED = Gfp.KERNEL.with(Gfp.ZERO);

    private final Calls calls;
    private final PageAllocator pages;

    UserPages(Calls calls, PageAllocator pages) {
        this.calls = calls;
        this.pages = pages;
    }

    @Override
    public long allocate(long bytes) {
        try (var _ = calls.internally()) {
            return pages.allocPages(ZEROED, PageAllocator.orderFor(bytes));
        }
    }

    @Override
    public void free(long phys, long bytes) {
        try (var _ = calls.internally()) {
            pages.freePages(phys, PageAllocator.orderFor(bytes));
        }
    }
}
