package dmakit.cmodule.user;

import dmakit.kernel.boot.Kernel;
import dmakit.kernel.mm.Gfp;
import dmakit.machine.memory.Ram;
import java.util.function.LongSupplier;

/** Pages of the simulated machine that take the place of a program's own. */
final class SharedPages {
    private static final Gfp MOVABLE = Gfp.KERNEL.with(Gfp.ZERO);

    private final Kernel kernel;
    private final Ram ram;

    SharedPages(Kernel kernel) {
        this.kernel = kernel;
        ram = kernel.machine().ram();
    }

    /**
     * A page.
     *
     * @return its physical address
     * @throws dmakit.kernel.KernelException {@code ENOMEM}
     */
    long allocate() {
        return internally(() -> kernel.mm().pages().allocPages(MOVABLE, 0));
    }

    /** Gives a page back. */
    void free(long phys) {
        internally(() -> {
            kernel.mm().pages().freePages(phys, 0);
            return 0;
        });
    }

    /**
     * Stores the contents of a page, as the CPU does.
     *
     * @return where the page lies in the segment of RAM that the CPU sees
     */
    long fill(long phys, byte[] contents) {
        long offset = offsetOf(phys);
        kernel.machine().caches().store(offset, contents, 0, contents.length);
        return offset;
    }

    /** Where a page lies in the segments of RAM. */
    long offsetOf(long phys) {
        return ram.offsetOf(phys);
    }

    private long internally(LongSupplier action) {
        try (var _ = kernel.calls().internally()) {
            return action.getAsLong();
        }
    }
}
