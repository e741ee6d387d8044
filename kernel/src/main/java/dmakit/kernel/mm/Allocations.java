package dmakit.kernel.mm;

import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Findings;
import dmakit.kernel.check.Role;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.memory.Ram;
import dmakit.machine.memory.Shadow;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What is allocated, and what was freed lately: memory that is freed rests in quarantine before it
 * is given to anybody else, so that a use after free shows. Nothing is kept while no mistakes are
 * looked for.
 */
final class Allocations {
    /** Objects that rest at the same time. */
    static final int RESTING_COUNT_MAX = 1024;

    /** Bytes that rest at the same time; a larger object does not rest. */
    static final long RESTING_BYTES_MAX = 8L << 20;

    private final Shadow shadow;
    private final Findings findings;
    private final TreeMap<Long, Allocation> live = new TreeMap<>();
    private final TreeMap<Long, Allocation> resting = new TreeMap<>();
    private final ArrayDeque<Rest> queue = new ArrayDeque<>();
    private long restingBytes;

    private record Rest(Allocation object, Consumer<Allocation> giveBack) {}

    Allocations(Ram ram, Findings findings) {
        shadow = ram.shadow();
        this.findings = findings;
    }

    /** Whether allocations are to be told. */
    boolean isOn() {
        return shadow.isOn();
    }

    Findings findings() {
        return findings;
    }

    /** Notes what the driver that calls was given. */
    void add(Allocation.Kind kind, long va, long size, long room, int order) {
        live.put(va, new Allocation(kind, va, size, room, order, findings.here()));
    }

    /** A page of a block that is split now. */
    void split(Allocation block, long va) {
        long page = VirtualMemory.PAGE_BYTES;
        live.put(va, new Allocation(block.kind(), va, page, page, 0, block.site()));
    }

    /** The object that starts at an address, or null. */
    @Nullable Allocation at(long va) {
        return live.get(va);
    }

    /** The object whose room an address lies in, or null. */
    @Nullable Allocation holding(long va) {
        return holding(live, va);
    }

    /** The object in quarantine whose room an address lies in, or null. */
    @Nullable Allocation restingAt(long va) {
        return holding(resting, va);
    }

    /** The last object that starts at or before an address, or null. */
    @Nullable Allocation before(long va) {
        Map.Entry<Long, Allocation> entry = live.floorEntry(va);
        return entry == null ? null : entry.getValue();
    }

    /** The first object that starts behind an address, or null. */
    @Nullable Allocation behind(long va) {
        Map.Entry<Long, Allocation> entry = live.higherEntry(va);
        return entry == null ? null : entry.getValue();
    }

    private static @Nullable Allocation holding(NavigableMap<Long, Allocation> objects, long va) {
        Map.Entry<Long, Allocation> entry = objects.floorEntry(va);
        return entry != null && entry.getValue().holds(va) ? entry.getValue() : null;
    }

    /**
     * A driver frees an object.
     *
     * @param kind of the function it calls
     * @return the object, which is not live any more; null when it must not be freed, which is
     *     reported, or when it is older than the search for mistakes
     */
    @Nullable Allocation take(Allocation.Kind kind, long va) {
        Allocation object = live.get(va);
        if (object == null) {
            reportUnknown(kind, va);
            return null;
        }
        if (object.kind() != kind) {
            findings.report(
                            FindingId.INVALID_FREE,
                            "%s(0x%x) of memory from %s, which %s() frees",
                            kind.free(),
                            va,
                            object.kind().allocate(),
                            object.kind().free())
                    .site(Role.ALLOCATED, object.site())
                    .add();
            return null;
        }
        reportBorrowed(object);
        live.remove(va);
        object.freedAt(findings.here());
        return object;
    }

    /** Whether an address is neither an object's nor lies in one, live or at rest. */
    boolean isUnknown(long va) {
        return holding(va) == null && restingAt(va) == null;
    }

    private void reportUnknown(Allocation.Kind kind, long va) {
        Allocation rests = restingAt(va);
        Allocation inside = holding(va);
        if (rests != null && rests.va() == va) {
            findings.report(
                            FindingId.DOUBLE_FREE,
                            "%s(0x%x) of %d bytes that were freed before",
                            kind.free(),
                            va,
                            rests.size())
                    .site(Role.ALLOCATED, rests.site())
                    .site(Role.FREED, rests.freedAt())
                    .add();
        } else if (inside != null) {
            findings.report(
                            FindingId.INVALID_FREE,
                            "%s(0x%x), %d bytes inside of %d bytes that start at 0x%x",
                            kind.free(),
                            va,
                            va - inside.va(),
                            inside.size(),
                            inside.va())
                    .site(Role.ALLOCATED, inside.site())
                    .add();
        }
    }

    /** Reports the free of what nobody allocated. */
    void reportInvalid(Allocation.Kind kind, long va) {
        findings.report(
                        FindingId.INVALID_FREE,
                        "%s(0x%x), which %s() did not give",
                        kind.free(),
                        va,
                        kind.allocate())
                .add();
    }

    private void reportBorrowed(Allocation object) {
        if (!AddressLayout.isLinear(object.va())) {
            return;
        }
        long phys = object.va() - AddressLayout.LINEAR_BASE;
        for (Shadow.Lease lease : shadow.leasesOf(phys, object.size())) {
            findings.report(
                            FindingId.BUFFER_FREED_WHILE_MAPPED,
                            "%d bytes at 0x%x are freed, and %s still has %d bytes of them mapped",
                            object.size(),
                            object.va(),
                            lease.device(),
                            lease.bytes())
                    .site(Role.ALLOCATED, object.site())
                    .site(Role.MAPPED, lease.site())
                    .device(lease.device())
                    .add();
        }
    }

    /** Lets a freed object rest; its memory is given back when others push it out. */
    void rest(Allocation object, Consumer<Allocation> giveBack) {
        if (object.room() > RESTING_BYTES_MAX) {
            giveBack.accept(object);
            return;
        }
        resting.put(object.va(), object);
        queue.add(new Rest(object, giveBack));
        restingBytes += object.room();
        while (queue.size() > RESTING_COUNT_MAX || restingBytes > RESTING_BYTES_MAX) {
            wakeOldest();
        }
    }

    /**
     * Gives everything back that rests.
     *
     * @return whether there was anything
     */
    boolean wakeAll() {
        boolean any = !queue.isEmpty();
        while (!queue.isEmpty()) {
            wakeOldest();
        }
        return any;
    }

    private void wakeOldest() {
        Rest oldest = queue.remove();
        resting.remove(oldest.object().va());
        restingBytes -= oldest.object().room();
        oldest.giveBack().accept(oldest.object());
    }

    /** Takes the live objects that driver code of some sites allocated, in order of address. */
    List<Allocation> takeLive(LongPredicate ofSite) {
        List<Allocation> found = new ArrayList<>();
        for (Allocation object : live.values()) {
            if (ofSite.test(object.site())) {
                found.add(object);
            }
        }
        found.forEach(object -> live.remove(object.va()));
        return found;
    }
}
