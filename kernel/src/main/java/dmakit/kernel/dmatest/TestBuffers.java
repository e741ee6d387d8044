package dmakit.kernel.dmatest;

import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.Slab;

/** The source or destination buffers of a thread. */
@Linux(file = Dmatest.FILE, symbol = "struct dmatest_data")
final class TestBuffers {
    private static final long UINT_MASK = 0xffff_ffffL;

    private final Slab slab;
    private final long[] raw;
    private final long[] aligned;

    /**
     * Allocates them.
     *
     * @param bytes of each, unsigned
     * @param lg2Align what they are aligned to; as in Linux it is the shift itself that counts
     * @throws KernelException ENOMEM; then none is allocated
     */
    @Linux(file = Dmatest.FILE, symbol = "dmatest_alloc_test_data")
    TestBuffers(Slab slab, int count, int bytes, int lg2Align, Gfp gfp) {
        this.slab = slab;
        raw = new long[count];
        aligned = new long[count];
        try {
            for (int i = 0; i < count; i++) {
                raw[i] = slab.kmalloc((bytes + lg2Align) & UINT_MASK, gfp);
                long mask = Math.max(lg2Align - 1, 0);
                aligned[i] = (raw[i] + mask) & ~mask;
            }
        } catch (KernelException e) {
            free();
            throw e;
        }
    }

    /** Where they begin, in the linear map. */
    long[] addresses() {
        return aligned;
    }

    /** Gives them back. */
    @Linux(file = Dmatest.FILE, symbol = "dmatest_free_test_data")
    void free() {
        for (long each : raw) {
            slab.kfree(each);
        }
    }
}
