package dmakit.kernel.coherent;

import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dma.DevicePool;
import dmakit.kernel.mm.Vma;
import org.jspecify.annotations.Nullable;

/**
 * A pool as one device sees it.
 *
 * @param pool may be shared with other devices
 * @param base where the device sees the pool's first byte
 * @param isExclusive whether nothing else is tried when it is full
 * @param isDeclared whether it is the device's alone, and ends with it
 */
record DeviceCoherentPool(CoherentPool pool, long base, boolean isExclusive, boolean isDeclared)
        implements DevicePool {
    @Override
    public @Nullable CoherentBuffer alloc(long size) {
        long offset = pool.take(size);
        return offset == CoherentPool.NONE
                ? null
                : new CoherentBuffer(pool.vaAt(offset), base + offset, size);
    }

    @Override
    public boolean holds(long va) {
        return pool.holds(va);
    }

    @Override
    public void free(long va, long size) {
        pool.give(va, size);
    }

    @Override
    public long toPhys(long dma) {
        return pool.phys() + (dma - base);
    }

    @Override
    public void mmap(Vma vma, long va, long size) {
        pool.mmap(vma, va, size);
    }
}
