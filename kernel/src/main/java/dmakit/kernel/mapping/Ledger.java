package dmakit.kernel.mapping;

import dmakit.kernel.device.Device;
import dmakit.kernel.dma.OpenMappings.Kind;
import dmakit.machine.memory.RangeIndex;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * All memory that devices may use now, and what was taken back last. Kept for findings only.
 *
 * <p>What a search answers is sorted: what starts last first, and of the same start the latest.
 */
final class Ledger {
    /** Ranges that were taken back and are remembered, so that a late access can be explained. */
    static final int PAST_COUNT_MAX = 256;

    private final RangeIndex<Lending> byDma = new RangeIndex<>();
    private final RangeIndex<Lending> byPhys = new RangeIndex<>();

    /** Those alone whose device does not use the driver's own memory. */
    private final RangeIndex<Lending> byReached = new RangeIndex<>();

    /** Forgotten ones that are kept to be used again. */
    private static final int SPARE_COUNT_MAX = 4096;

    private final List<Lending> spare = new ArrayList<>();
    private final @Nullable Lending[] past = new @Nullable Lending[PAST_COUNT_MAX];
    private int pastNext;
    private int debugEntryCount;
    private @Nullable Lending first;
    private @Nullable Lending last;

    void add(Lending lending) {
        boolean written = lending.direction().isFromDevice();
        byDma.add(lending.byDma, lending.dma(), lending.size(), written);
        byPhys.add(lending.byPhys, lending.phys(), lending.size(), written);
        if (lending.isBounced()) {
            byReached.add(lending.byReached, lending.reached(), lending.size(), written);
        }
        debugEntryCount += lending.isDebugEntry() ? 1 : 0;
        lending.before = last;
        if (last == null) {
            first = lending;
        } else {
            last.after = lending;
        }
        last = lending;
    }

    void remove(Lending lending, long site) {
        byDma.remove(lending.byDma);
        byPhys.remove(lending.byPhys);
        byReached.remove(lending.byReached);
        Lending before = lending.before;
        Lending after = lending.after;
        if (before == null) {
            first = after;
        } else {
            before.after = after;
        }
        if (after == null) {
            last = before;
        } else {
            after.before = before;
        }
        debugEntryCount -= lending.isDebugEntry() ? 1 : 0;
        lending.before = null;
        lending.after = null;
        lending.end(site);
        Lending forgotten = past[pastNext];
        if (forgotten != null
                && !forgotten.whole().isLeftBehind()
                && spare.size() < SPARE_COUNT_MAX) {
            spare.add(forgotten);
        }
        past[pastNext] = lending;
        pastNext = (pastNext + 1) % PAST_COUNT_MAX;
    }

    /** One to {@link Lending#begin} with: of those that are past and forgotten, or a new one. */
    Lending fresh(Device device) {
        return spare.isEmpty() ? new Lending(device) : spare.removeLast();
    }

    /** How many there are. */
    int count() {
        return byDma.count();
    }

    /** How many of them Linux has an entry for. */
    int debugEntryCount() {
        return debugEntryCount;
    }

    /** What was lent and not taken back, in the order it was lent. */
    List<Lending> live() {
        List<Lending> live = new ArrayList<>(count());
        for (Lending at = first; at != null; at = at.after) {
            live.add(at);
        }
        return live;
    }

    /** Finds what starts at an address for any device; {@code into} is emptied first. */
    void startingAt(long dma, List<Lending> into) {
        byDma.startingAt(dma, into);
    }

    /** What starts at an address for a device, the latest first. */
    List<Lending> startingAt(Device device, long dma) {
        List<Lending> found = new ArrayList<>(1);
        byDma.startingAt(dma, found);
        found.removeIf(lending -> !lending.device().equals(device));
        return found;
    }

    /** What starts at an address for any device but one. */
    @Nullable Lending ofAnother(Device device, long dma) {
        List<Lending> found = new ArrayList<>(1);
        byDma.startingAt(dma, found);
        for (Lending lending : found) {
            if (!lending.device().equals(device)) {
                return lending;
            }
        }
        return null;
    }

    /** What covers an address for a device. */
    List<Lending> covering(Device device, long dma) {
        List<Lending> found = byDma.overlapping(dma, 1);
        if (!found.isEmpty()) {
            found.removeIf(lending -> !lending.device().equals(device));
        }
        return found;
    }

    /** What covers an address, of all devices. */
    List<Lending> byDma(long dma) {
        return byDma.overlapping(dma, 1);
    }

    /** What covers a part of a range of addresses, of all devices. */
    List<Lending> byDma(long dma, long bytes) {
        return byDma.overlapping(dma, bytes);
    }

    /** Whether drivers' memory is lent there; to a device that may write it, if so wanted. */
    boolean isLent(long phys, long bytes, boolean written) {
        return byPhys.isTouched(phys, bytes, written);
    }

    /** What lends drivers' memory there, of all devices. */
    List<Lending> inMemory(long phys, long bytes) {
        return byPhys.overlapping(phys, bytes);
    }

    /** What lets a device reach memory, the driver's own or a bounce buffer. */
    List<Lending> reaching(long phys, long bytes) {
        List<Lending> found = new ArrayList<>(byReached.overlapping(phys, bytes));
        for (Lending lending : byPhys.overlapping(phys, bytes)) {
            // Of what an IOMMU put together from pages only the first is known.
            boolean isWhole = lending.kind() != Kind.COHERENT || lending.isSomewhere();
            if (!lending.isBounced() && isWhole) {
                found.add(lending);
            }
        }
        return found;
    }

    /** Coherent memory that starts at an address of the CPU. */
    @Nullable Lending coherentAt(long va) {
        for (Lending at = first; at != null; at = at.after) {
            if (at.kind() == Kind.COHERENT && at.va() == va) {
                return at;
            }
        }
        return null;
    }

    /** What was taken back last of what fits. */
    @Nullable Lending lastOf(Predicate<Lending> wanted) {
        for (int back = 1; back <= PAST_COUNT_MAX; back++) {
            Lending lending = past[Math.floorMod(pastNext - back, PAST_COUNT_MAX)];
            if (lending == null) {
                return null;
            }
            if (wanted.test(lending)) {
                return lending;
            }
        }
        return null;
    }
}
