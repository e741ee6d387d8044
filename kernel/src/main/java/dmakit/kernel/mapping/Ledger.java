package dmakit.kernel.mapping;

import dmakit.kernel.device.Device;
import dmakit.kernel.dma.OpenMappings.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** All memory that devices may use now, and what was taken back last. Kept for findings only. */
final class Ledger {
    /** Ranges that were taken back and are remembered, so that a late access can be explained. */
    static final int PAST_COUNT_MAX = 256;

    private final RangeIndex byDma = new RangeIndex(RangeIndex.Chain.BY_DMA);
    private final RangeIndex byPhys = new RangeIndex(RangeIndex.Chain.BY_PHYS);
    private final Set<Lending> live = new LinkedHashSet<>();
    private final Deque<Lending> past = new ArrayDeque<>();

    void add(Lending lending) {
        byDma.add(lending);
        byPhys.add(lending);
        live.add(lending);
    }

    void remove(Lending lending, long site) {
        byDma.remove(lending);
        byPhys.remove(lending);
        live.remove(lending);
        lending.end(site);
        past.addFirst(lending);
        if (past.size() > PAST_COUNT_MAX) {
            past.removeLast();
        }
    }

    /** What was lent and not taken back, in the order it was lent. */
    Collection<Lending> live() {
        return live;
    }

    /** What starts at an address for a device, the latest first. */
    List<Lending> startingAt(Device device, long dma) {
        List<Lending> found = new ArrayList<>(1);
        for (Lending lending : byDma.overlapping(dma, 1)) {
            if (lending.dma() == dma && lending.device().equals(device)) {
                found.add(lending);
            }
        }
        return found;
    }

    /** What starts at an address for any device but one. */
    @Nullable Lending ofAnother(Device device, long dma) {
        for (Lending lending : byDma.overlapping(dma, 1)) {
            if (lending.dma() == dma && !lending.device().equals(device)) {
                return lending;
            }
        }
        return null;
    }

    /** What covers an address for a device. */
    List<Lending> covering(Device device, long dma) {
        List<Lending> found = new ArrayList<>(1);
        for (Lending lending : byDma.overlapping(dma, 1)) {
            if (lending.device().equals(device)) {
                found.add(lending);
            }
        }
        return found;
    }

    /** What covers an address, of all devices. */
    List<Lending> byDma(long dma) {
        return byDma.overlapping(dma, 1);
    }

    /** What covers physical bytes, of all devices. */
    List<Lending> inMemory(long phys, long bytes) {
        return byPhys.overlapping(phys, bytes);
    }

    /** Coherent memory that starts at an address of the CPU. */
    @Nullable Lending coherentAt(long va) {
        for (Lending lending : live) {
            if (lending.kind() == Kind.COHERENT && lending.va() == va) {
                return lending;
            }
        }
        return null;
    }

    /** What was taken back last of what fits. */
    @Nullable Lending lastOf(Predicate<Lending> wanted) {
        for (Lending lending : past) {
            if (wanted.test(lending)) {
                return lending;
            }
        }
        return null;
    }
}
