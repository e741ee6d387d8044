package dmakit.hardware.smmu;

import dmakit.machine.bus.Translation;

/**
 * One input of the SMMU: the accesses of one stream id.
 *
 * <p>It remembers the last translation that it read through and the last that it wrote through, as
 * a micro TLB does; both are forgotten with whatever may have changed them.
 */
final class Stream implements Translation {
    private final Smmu smmu;
    private final int id;
    private final Translation untranslated;
    private final Micro forReads = new Micro();
    private final Micro forWrites = new Micro();
    private Route route = Route.Through.ALL;

    /** The configuration that {@link #route} follows from; never that of a real one at first. */
    private long routeSeen = -1;

    /** One remembered translation. */
    private static final class Micro {
        /** The state of the SMMU it holds in; never that of a real one at first. */
        private long seen = -1;

        private long base;
        private long offsetMask;
        private long phys;
    }

    Stream(Smmu smmu, int id, Translation untranslated) {
        this.smmu = smmu;
        this.id = id;
        this.untranslated = untranslated;
    }

    @Override
    public long toPhys(long address, boolean write) {
        Micro micro = write ? forWrites : forReads;
        if (micro.seen == smmu.changes() && (address & ~micro.offsetMask) == micro.base) {
            return micro.phys | (address & micro.offsetMask);
        }
        return translate(micro, address, write);
    }

    @Override
    public long contiguousFrom(long address, boolean write) {
        Micro micro = write ? forWrites : forReads;
        if (micro.seen == smmu.changes() && (address & ~micro.offsetMask) == micro.base) {
            return micro.offsetMask + 1 - (address & micro.offsetMask);
        }
        return switch (route()) {
            case Route.Through _ -> untranslated.contiguousFrom(address, write);
            case Route.Refused _ -> 0;
            case Route.ToBank to -> {
                int entry = smmu.entryFor(to, address, write);
                yield entry == Iotlb.NONE ? 0 : leftIn(smmu.iotlb().lg2Size(entry), address);
            }
        };
    }

    private static long leftIn(int lg2Size, long address) {
        long size = 1L << lg2Size;
        return size - (address & (size - 1));
    }

    private long translate(Micro micro, long address, boolean write) {
        return switch (route()) {
            case Route.Through _ -> untranslated.toPhys(address, write);
            case Route.Refused _ -> NONE;
            case Route.ToBank to -> {
                int entry = smmu.entryFor(to, address, write);
                if (entry == Iotlb.NONE) {
                    yield NONE;
                }
                long offsetMask = (1L << smmu.iotlb().lg2Size(entry)) - 1;
                micro.offsetMask = offsetMask;
                micro.base = address & ~offsetMask;
                micro.phys = smmu.iotlb().physOf(entry);
                micro.seen = smmu.isSettled() ? smmu.changes() : -1;
                yield micro.phys | (address & offsetMask);
            }
        };
    }

    private Route route() {
        if (routeSeen != smmu.configuration()) {
            route = smmu.routeOf(id);
            routeSeen = smmu.configuration();
        }
        return route;
    }

    @Override
    public void refused(long address, boolean write) {
        switch (route()) {
            case Route.Through _ -> untranslated.refused(address, write);
            case Route.Refused refused -> smmu.recordGlobal(refused.why(), address, write, id);
            case Route.ToBank to -> smmu.recordContext(to, address, write, id);
        }
    }
}
