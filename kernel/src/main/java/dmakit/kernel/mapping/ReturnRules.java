package dmakit.kernel.mapping;

import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Findings;
import dmakit.kernel.check.Role;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaAddr;
import dmakit.kernel.dma.DmaAttrs;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dma.OpenMappings.Kind;
import dmakit.machine.Machine;
import dmakit.machine.memory.CpuView;
import dmakit.machine.memory.Ram;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a driver takes back what it lent. */
final class ReturnRules {
    private static final long LINE = Ram.LINE_BYTES;
    private static final int CONTENT_ATTRS =
            DmaAttrs.WRITE_COMBINE | DmaAttrs.NO_KERNEL_MAPPING | DmaAttrs.FORCE_CONTIGUOUS;

    private final MappingRules rules;
    private final Findings findings;
    private final MappingReports reports;
    private final Ledger ledger;
    private final LeakRules leaks;
    private final Ram ram;
    private final CpuView caches;

    /** What a search found last; kept so that searches allocate nothing. */
    private final List<Lending> candidates = new ArrayList<>();

    private @Nullable Failure failedList;

    private record Failure(Device device, int nents, long site) {}

    ReturnRules(
            MappingRules rules,
            Findings findings,
            MappingReports reports,
            LeakRules leaks,
            Machine machine) {
        this.rules = rules;
        this.findings = findings;
        this.reports = reports;
        this.leaks = leaks;
        ledger = rules.ledger();
        ram = machine.ram();
        caches = machine.caches();
    }

    /** A list could not be mapped: giving it back is a mistake of its own. */
    void listRefused(Device device, int nents) {
        failedList = new Failure(device, nents, findings.here());
    }

    /**
     * The driver takes a mapping back.
     *
     * @param size in bytes; of a list, its entries
     * @return what it takes back, or null when there is nothing that could be meant
     */
    @Nullable Lending takenBack(
            Device device, long dma, long size, Kind kind, DmaDirection direction, int attrs) {
        Lending found =
                dma == DmaAddr.MAPPING_ERROR ? null : best(device, dma, size, kind, direction);
        if (found == null) {
            found = leaks.takeLeftBehind(device, dma, size, kind, direction);
            if (found != null) {
                return found;
            }
        }
        rules.debugRules().unmapped(found, device, dma, size, kind, direction);
        if (found == null) {
            reportUnknown(device, dma, size, kind);
            return null;
        }
        compare(found, size, kind, direction, attrs);
        checkErrorTested(found, "unmapped");
        checkIdle(found, "unmapped");
        forget(found);
        return found;
    }

    /** Coherent memory is freed; answers the allocation that is meant, or null. */
    @Nullable Lending freed(Device device, long size, long va, long dma, int attrs) {
        boolean hasVa = (attrs & DmaAttrs.NO_KERNEL_MAPPING) == 0;
        Lending found = best(device, dma, size, Kind.COHERENT, DmaDirection.BIDIRECTIONAL);
        if (found == null || found.kind() != Kind.COHERENT) {
            Lending byVa = hasVa ? ledger.coherentAt(va) : null;
            if (byVa == null) {
                return takenBack(
                        device, dma, size, Kind.COHERENT, DmaDirection.BIDIRECTIONAL, attrs);
            }
            if (byVa.device().equals(device)) {
                reports.add(
                        byVa,
                        FindingId.FREE_COHERENT_MISMATCH,
                        "freed with handle dma:0x%x, allocated dma:0x%x",
                        dma,
                        byVa.dma());
            } else {
                reports.add(
                        byVa,
                        FindingId.FREE_COHERENT_MISMATCH,
                        "freed for %s, allocated for %s",
                        device.name(),
                        byVa.device().name());
            }
            forget(byVa);
            return byVa;
        }
        if (hasVa && found.va() != va) {
            reports.add(
                    found,
                    FindingId.FREE_COHERENT_MISMATCH,
                    "freed with CPU address 0x%x, allocated 0x%x",
                    va,
                    found.va());
        }
        compare(found, size, Kind.COHERENT, DmaDirection.BIDIRECTIONAL, attrs);
        checkIdle(found, "freed");
        forget(found);
        return found;
    }

    private @Nullable Lending best(
            Device device, long dma, long size, Kind kind, DmaDirection direction) {
        Lending best = null;
        int bestScore = -1;
        ledger.startingAt(dma, candidates);
        for (int i = 0; i < candidates.size(); i++) {
            Lending lending = candidates.get(i);
            if (!lending.device().equals(device) || !lending.whole().equals(lending)) {
                continue;
            }
            int score =
                    (lending.kind() == kind ? 4 : 0)
                            + (lending.returnSize() == size ? 2 : 0)
                            + (lending.direction() == direction ? 1 : 0);
            if (score > bestScore) {
                best = lending;
                bestScore = score;
            }
        }
        return best;
    }

    private void compare(Lending found, long size, Kind kind, DmaDirection direction, int attrs) {
        if (found.kind() != kind) {
            reports.add(
                    found,
                    FindingId.UNMAP_TYPE,
                    "mapped as %s, given back as %s",
                    found.kindText(),
                    Lending.textOf(kind));
            return;
        }
        if (found.returnSize() != size) {
            switch (kind) {
                case LIST ->
                        reports.add(
                                found,
                                FindingId.UNMAP_SG_NENTS,
                                "unmapped %d entries, mapped %d",
                                size,
                                found.returnSize());
                case COHERENT ->
                        reports.add(
                                found,
                                FindingId.FREE_COHERENT_MISMATCH,
                                "freed %d bytes, allocated %d",
                                size,
                                found.size());
                case PAGES ->
                        reports.add(
                                found,
                                FindingId.FREE_COHERENT_MISMATCH,
                                "freed %d bytes, allocated %d",
                                size,
                                found.size());
                case SINGLE, RESOURCE, LINKED ->
                        reports.add(
                                found,
                                FindingId.UNMAP_SIZE,
                                "unmapped %d bytes, mapped %d",
                                size,
                                found.size());
            }
        }
        if (kind != Kind.COHERENT && found.direction() != direction) {
            reports.add(
                    found,
                    FindingId.UNMAP_DIRECTION,
                    "unmapped %s, mapped %s",
                    direction,
                    found.direction());
        }
        if (((found.attrs() ^ attrs) & CONTENT_ATTRS) != 0) {
            reports.add(
                    found,
                    FindingId.UNMAP_ATTRS,
                    "given back with attributes 0x%x, lent with 0x%x",
                    attrs & CONTENT_ATTRS,
                    found.attrs() & CONTENT_ATTRS);
        }
    }

    private void reportUnknown(Device device, long dma, long size, Kind kind) {
        Failure failed = failedList;
        if (kind == Kind.LIST
                && failed != null
                && failed.device().equals(device)
                && failed.nents() == size) {
            findings.report(
                            FindingId.MAP_ERROR_UNCHECKED,
                            "unmapped a list of %d entries that dma_map_sg had refused",
                            size)
                    .site(Role.MAPPED, failed.site())
                    .device(device.name())
                    .add();
            return;
        }
        String what = kind == Kind.COHERENT ? "freed" : "unmapped";
        if (dma == DmaAddr.MAPPING_ERROR) {
            findings.report(FindingId.UNMAP_UNKNOWN, "%s DMA_MAPPING_ERROR", what)
                    .device(device.name())
                    .add();
            return;
        }
        Lending other = ledger.ofAnother(device, dma);
        if (other != null) {
            findings.report(
                            kind == Kind.COHERENT
                                    ? FindingId.FREE_COHERENT_MISMATCH
                                    : FindingId.UNMAP_UNKNOWN,
                            "%s dma:0x%x for %s, it is of %s",
                            what,
                            dma,
                            device.name(),
                            other.device().name())
                    .site(Role.MAPPED, other.site())
                    .device(device.name())
                    .add();
            return;
        }
        List<Lending> around = ledger.covering(device, dma);
        if (!around.isEmpty()) {
            Lending in = around.getFirst();
            reports.add(
                    in,
                    FindingId.UNMAP_UNKNOWN,
                    "%s dma:0x%x, %d bytes into the %s at dma:0x%x",
                    what,
                    dma,
                    dma - in.dma(),
                    in.kind() == Kind.COHERENT ? "allocation" : "mapping",
                    in.dma());
            return;
        }
        Lending before = ledger.lastOf(past -> past.dma() == dma && past.device().equals(device));
        if (before != null) {
            findings.report(
                            FindingId.UNMAP_UNKNOWN,
                            "%s dma:0x%x, %d bytes, which was given back before",
                            what,
                            dma,
                            before.size())
                    .site(Role.MAPPED, before.site())
                    .site(Role.FREED, before.freedAt())
                    .device(device.name())
                    .add();
            return;
        }
        findings.report(FindingId.UNMAP_UNKNOWN, "%s dma:0x%x, never mapped", what, dma)
                .device(device.name())
                .add();
    }

    private void forget(Lending first) {
        long here = findings.here();
        if (first.entries().isEmpty()) {
            checkSharedLines(first);
            ledger.remove(first, here);
        }
        List<Lending> entries = first.entries();
        for (int i = 0; i < entries.size(); i++) {
            checkSharedLines(entries.get(i));
            ledger.remove(entries.get(i), here);
        }
    }

    void errorTested(Device device, long dma) {
        if (dma == DmaAddr.MAPPING_ERROR) {
            rules.debugRules().errorTested(device);
            return;
        }
        ledger.startingAt(dma, candidates);
        Lending other = null;
        boolean own = false;
        for (int i = 0; i < candidates.size(); i++) {
            Lending lending = candidates.get(i);
            if (lending.device().equals(device)) {
                own = true;
                if (!lending.isErrorChecked()) {
                    lending.checkError();
                    return;
                }
            } else {
                other = other == null ? lending : other;
            }
        }
        if (!own && other != null) {
            other.checkErrorElsewhere();
        }
    }

    /** A mapping is used or given back. */
    void checkErrorTested(Lending lending, String what) {
        if (lending.takeUnchecked()) {
            uncheckedUse(lending, what, findings.here(), "");
        }
    }

    /** The place to mend is where it was mapped; where it was used or given back is told beside. */
    void uncheckedUse(Lending lending, String what, long where, String channel) {
        findings.report(
                        FindingId.MAP_ERROR_UNCHECKED,
                        "dma:0x%x, %d bytes mapped as %s, was %s without dma_mapping_error()",
                        lending.dma(),
                        lending.size(),
                        lending.kindText(),
                        what)
                .at(lending.site())
                .site(what.equals("used") ? Role.SUBMITTED : Role.FREED, where)
                .device(lending.device().name())
                .channel(channel)
                .add();
    }

    /** A transfer that still runs loses its memory. */
    private void checkIdle(Lending first, String what) {
        if (first.isInternal()) {
            return; // a chain of the kernel's own has other mappings of the same page
        }
        if (first.entries().isEmpty()) {
            checkIdleRange(first, first, what);
        }
        for (Lending entry : first.entries()) {
            if (checkIdleRange(entry, first, what)) {
                return;
            }
        }
    }

    private boolean checkIdleRange(Lending range, Lending whole, String what) {
        DeviceWork.Request transfer =
                rules.work().using(range.device(), range.dma(), range.size(), true);
        if (transfer == null) {
            return false;
        }
        range.endInUse();
        findings.report(
                        FindingId.TERMINATE_MISSING,
                        "dma:0x%x, %d bytes, is %s while a transfer of %s uses it",
                        range.dma(),
                        range.size(),
                        what,
                        transfer.channel())
                .site(Role.MAPPED, whole.site())
                .site(Role.SUBMITTED, transfer.submittedAt())
                .device(range.device().name())
                .channel(transfer.channel())
                .add();
        return true;
    }

    /**
     * Where a device that does not snoop wrote into a line whose other bytes the CPU changed since,
     * giving the line back loses one or the other.
     */
    void checkSharedLines(Lending lending) {
        if (lending.kind() == Kind.COHERENT
                || lending.kind() == Kind.RESOURCE
                || !lending.direction().isFromDevice()
                || lending.device().dma().isCoherent()
                || lending.isBounced()
                || lending.size() == 0
                || (lending.attrs() & DmaAttrs.SKIP_CPU_SYNC) != 0) {
            return;
        }
        long start = lending.phys();
        long end = start + lending.size();
        if (neighbourChanged(start & -LINE, start)
                || neighbourChanged(end, (end + LINE - 1) & -LINE)) {
            reports.add(
                    lending,
                    FindingId.MAP_CACHELINE_SHARED,
                    "the CPU wrote beside phys:0x%x, %d bytes %s, into a cache line it shares",
                    start,
                    lending.size(),
                    lending.direction());
        }
    }

    private boolean neighbourChanged(long from, long to) {
        long offset = from == to ? Ram.NOT_RAM : ram.offsetOf(from, to - from);
        return offset != Ram.NOT_RAM && caches.isDirtyWithin(offset, to - from);
    }
}
