package dmakit.kernel.dma;

import dmakit.kernel.Errno;
import dmakit.kernel.scatterlist.Scatterlist;

/** A list as so many ranges, for back ends that treat its entries one by one. */
public final class EntryByEntry {
    private EntryByEntry() {}

    /**
     * Lends each entry; as {@link DmaOps#mapSg}.
     *
     * @return {@code nents}, or {@code -EIO} and nothing is mapped
     */
    public static int map(
            DmaOps ops, Scatterlist sg, int nents, DmaDirection direction, int attrs) {
        int left = nents;
        for (Scatterlist run = sg; run != null && left > 0; run = run.next()) {
            int count = Math.min(left, run.count());
            for (int i = 0; i < count; i++) {
                long size = run.length(i);
                long dma = ops.map(run.phys(i), size, direction, attrs);
                if (dma == DmaAddr.MAPPING_ERROR) {
                    int mapped = nents - left + i;
                    unmap(ops, sg, mapped, direction, attrs | DmaAttrs.SKIP_CPU_SYNC);
                    return -Errno.EIO.number();
                }
                run.setDma(i, dma, size);
            }
            left -= count;
        }
        return nents;
    }

    /** Takes each entry back; as {@link DmaOps#unmapSg}. */
    public static void unmap(
            DmaOps ops, Scatterlist sg, int nents, DmaDirection direction, int attrs) {
        int left = nents;
        for (Scatterlist run = sg; run != null && left > 0; run = run.next()) {
            int count = Math.min(left, run.count());
            for (int i = 0; i < count; i++) {
                ops.unmap(run.dmaAddress(i), run.dmaLength(i), direction, attrs);
            }
            left -= count;
        }
    }

    /** As {@link DmaOps#syncSgForCpu}. */
    public static void syncForCpu(DmaOps ops, Scatterlist sg, int nents, DmaDirection direction) {
        int left = nents;
        for (Scatterlist run = sg; run != null && left > 0; run = run.next()) {
            int count = Math.min(left, run.count());
            for (int i = 0; i < count; i++) {
                ops.syncForCpu(run.dmaAddress(i), run.length(i), direction);
            }
            left -= count;
        }
    }

    /** As {@link DmaOps#syncSgForDevice}. */
    public static void syncForDevice(
            DmaOps ops, Scatterlist sg, int nents, DmaDirection direction) {
        int left = nents;
        for (Scatterlist run = sg; run != null && left > 0; run = run.next()) {
            int count = Math.min(left, run.count());
            for (int i = 0; i < count; i++) {
                ops.syncForDevice(run.dmaAddress(i), run.length(i), direction);
            }
            left -= count;
        }
    }
}
