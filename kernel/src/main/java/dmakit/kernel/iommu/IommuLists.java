package dmakit.kernel.iommu;

import dmakit.kernel.Errno;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaAddr;
import dmakit.kernel.scatterlist.Scatterlist;

/**
 * Lists of segments behind an IOMMU: all of them lie in one range of addresses, each in granules of
 * its own; where one ends with a granule and the next begins with one, the device sees one segment,
 * unless it could not take it.
 *
 * <p>While a list is mapped, an entry's view of the device holds how many bytes its granules have.
 */
@Linux(file = "drivers/iommu/dma-iommu.c", symbol = "iommu_dma_map_sg")
final class IommuLists {
    private final IommuMaster master;
    private final Device device;
    private final IovaSpace space;
    private final long granuleMask;

    IommuLists(IommuMaster master, IovaSpace space) {
        this.master = master;
        this.space = space;
        device = master.device();
        granuleMask = space.granuleMask();
    }

    /**
     * Maps a list.
     *
     * @return how many segments the device sees, or a negative error number: EINVAL or ENOMEM
     */
    int map(Scatterlist sg, int nents, int prot) {
        long bytes = layOut(sg, nents);
        if (bytes < 0) {
            forget(sg, nents);
            return -Errno.EINVAL.number();
        }
        if (bytes == 0) {
            return joined(sg, nents, 0);
        }
        long iova = space.take(device, bytes, device.dma().dmaMask(), master);
        if (iova == IovaDomain.NONE) {
            forget(sg, nents);
            return -Errno.ENOMEM.number();
        }
        long mapped = space.mapLaidOut(iova, sg, nents, prot);
        if (mapped < 0) {
            space.give(iova, bytes);
            forget(sg, nents);
            return -(mapped == -Errno.ENOMEM.number() ? Errno.ENOMEM : Errno.EINVAL).number();
        }
        return joined(sg, nents, iova);
    }

    /**
     * Notes how many bytes each entry's granules have. Before an entry that would lie across a
     * boundary of the device's segments, the one before it is made longer.
     *
     * @return bytes of all granules, or -1 when one has too many
     */
    private long layOut(Scatterlist sg, int nents) {
        long mask = device.dma().segmentBoundaryMask();
        long total = 0;
        Scatterlist previousRun = sg;
        int previous = 0;
        int left = nents;
        for (Scatterlist run = sg; run != null && left > 0; run = run.next()) {
            int count = Math.min(left, run.count());
            for (int i = 0; i < count; i++) {
                long bytes =
                        (run.length(i) + (run.phys(i) & granuleMask) + granuleMask) & ~granuleMask;
                if (bytes > Scatterlist.LENGTH_MAX) {
                    return -1;
                }
                // Without a segment before it there is nothing to pad: 0 is on every boundary.
                long pad = (mask - total + 1) & mask;
                if (pad != 0 && Long.compareUnsigned(pad, bytes - 1) < 0) {
                    previousRun.setDma(previous, 0, previousRun.dmaLength(previous) + pad);
                    total += pad;
                }
                run.setDma(i, 0, bytes);
                total += bytes;
                previousRun = run;
                previous = i;
            }
            left -= count;
        }
        return total;
    }

    /** Sets the device's view: joined segments in the first entries, nothing in the others. */
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "__finalise_sg")
    private int joined(Scatterlist sg, int nents, long iova) {
        long boundaryMask = device.dma().segmentBoundaryMask();
        long longest = Integer.toUnsignedLong(device.dma().maxSegmentSize());
        Scatterlist outRun = sg;
        int out = -1;
        int segments = 0;
        long joinable = 0;
        long at = iova;
        int left = nents;
        for (Scatterlist run = sg; run != null && left > 0; run = run.next()) {
            int count = Math.min(left, run.count());
            for (int i = 0; i < count; i++) {
                long inGranule = run.phys(i) & granuleMask;
                long length = run.length(i);
                long granules = run.dmaLength(i);
                run.setDma(i, DmaAddr.MAPPING_ERROR, 0);
                boolean joins =
                        joinable != 0
                                && inGranule == 0
                                && (at & boundaryMask) != 0
                                && joinable + length <= longest;
                if (joins) {
                    joinable += length;
                    outRun.setDma(out, outRun.dmaAddress(out), joinable);
                } else {
                    out++;
                    while (out == outRun.count()) {
                        outRun = nextOf(outRun);
                        out = 0;
                    }
                    joinable = length;
                    outRun.setDma(out, at + inGranule, length);
                    segments++;
                }
                at += granules;
                if (length + inGranule < granules) {
                    joinable = 0;
                }
            }
            left -= count;
        }
        return segments;
    }

    private static Scatterlist nextOf(Scatterlist run) {
        Scatterlist next = run.next();
        if (next == null) {
            throw new IllegalStateException("more segments than entries");
        }
        return next;
    }

    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "__invalidate_sg")
    private static void forget(Scatterlist sg, int nents) {
        int left = nents;
        for (Scatterlist run = sg; run != null && left > 0; run = run.next()) {
            int count = Math.min(left, run.count());
            for (int i = 0; i < count; i++) {
                run.setDma(i, DmaAddr.MAPPING_ERROR, 0);
            }
            left -= count;
        }
    }

    /** Unmaps a list: from its first segment to the last the device sees. */
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "iommu_dma_unmap_sg")
    void unmap(Scatterlist sg, int nents) {
        long start = sg.dmaAddress(0);
        long end = start;
        int left = nents;
        for (Scatterlist run = sg; run != null && left > 0; run = run.next()) {
            int count = Math.min(left, run.count());
            for (int i = 0; i < count && run.dmaLength(i) != 0; i++) {
                end = run.dmaAddress(i) + run.dmaLength(i);
            }
            left -= count;
        }
        if (end != start) {
            long iova = start & ~granuleMask;
            space.unmap(iova, ((end + granuleMask) & ~granuleMask) - iova);
        }
    }
}
