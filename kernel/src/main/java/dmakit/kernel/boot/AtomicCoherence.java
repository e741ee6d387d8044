package dmakit.kernel.boot;

import dmakit.kernel.direct.AtomicPools;
import dmakit.kernel.iommu.AtomicMemory;
import dmakit.kernel.iommu.IommuBlock;
import dmakit.kernel.mm.Gfp;
import org.jspecify.annotations.Nullable;

/** The pools of direct mapping serve devices behind an IOMMU too, wherever their memory lies. */
record AtomicCoherence(AtomicPools pools) implements AtomicMemory {
    @Override
    public @Nullable IommuBlock take(long size, Gfp gfp, String device) {
        AtomicPools.Range range = pools.take(size, gfp, device, (_, _) -> true);
        return range == null ? null : new IommuBlock(range.va(), range.phys());
    }

    @Override
    public boolean give(long va, long size) {
        return pools.give(va, size);
    }
}
