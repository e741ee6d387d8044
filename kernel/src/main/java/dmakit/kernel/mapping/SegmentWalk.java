package dmakit.kernel.mapping;

import dmakit.kernel.scatterlist.Scatterlist;

/**
 * Where the device finds each entry of a mapped list: an IOMMU may have joined several into one
 * segment, and segments are written to the first entries of the list.
 */
final class SegmentWalk {
    private Scatterlist run;
    private int at;
    private long used;

    SegmentWalk(Scatterlist sg) {
        run = sg;
    }

    boolean isAtStart() {
        return used == 0;
    }

    long dma() {
        return run.dmaAddress(at) + used;
    }

    long length() {
        return run.dmaLength(at);
    }

    void advance(long bytes) {
        used += bytes;
        if (used >= length()) {
            used = 0;
            at++;
            Scatterlist next = run.next();
            if (at == run.count() && next != null) {
                run = next;
                at = 0;
            }
        }
    }
}
