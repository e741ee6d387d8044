package dmakit.kernel.mapping;

import dmakit.kernel.Calls;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Findings;
import dmakit.kernel.check.Role;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.DmaParameters;
import dmakit.kernel.dma.DevicePool;
import dmakit.kernel.dma.DmaAddr;
import dmakit.kernel.dma.DmaAttrs;
import dmakit.kernel.dma.DmaBinding;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dma.DmaOps;
import dmakit.kernel.dma.OpenMappings.Kind;
import dmakit.kernel.log.Log;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.machine.Machine;
import dmakit.machine.memory.CpuView;
import dmakit.machine.memory.Ram;
import dmakit.machine.memory.Shadow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What a driver may and may not do with the mapping API; keeps the {@link Ledger} and reports
 * findings. It changes nothing a driver can see.
 */
final class MappingRules {
    /** Ranges left behind by drivers that are remembered. */
    static final int LEFT_BEHIND_COUNT_MAX = 1024;

    private static final long LINE = Ram.LINE_BYTES;
    private static final int CONTENT_ATTRS =
            DmaAttrs.WRITE_COMBINE | DmaAttrs.NO_KERNEL_MAPPING | DmaAttrs.FORCE_CONTIGUOUS;

    private final Calls calls;
    private final Findings findings;
    private final Ledger ledger = new Ledger();
    private final DmaDebug debug;
    private final DmaDebugRules debugRules;
    private final Ram ram;
    private final CpuView caches;

    /** What a search found last; kept so that searches allocate nothing. */
    private final List<Lending> candidates = new ArrayList<>();

    /** What devices still held when their drivers left, oldest first. */
    private final List<Lending> leftBehind = new ArrayList<>();

    private final Map<Device, Masks> masks = new LinkedHashMap<>();
    private @Nullable Failure failedList;
    private DeviceWork work = (_, _, _, _) -> null;

    /** What a driver did about a device's masks. */
    private static final class Masks {
        private boolean set;
        private long refused;
        private long refusedAt;
        private boolean reported;
    }

    private record Failure(Device device, int nents, long site) {}

    MappingRules(Machine machine, Calls calls, Log log) {
        this.calls = calls;
        findings = calls.findings();
        debug = new DmaDebug(findings, log, ledger, machine.cpu());
        debugRules = new DmaDebugRules(debug, ledger);
        ram = machine.ram();
        caches = machine.caches();
    }

    boolean areOn() {
        return findings.isEnabled();
    }

    Ledger ledger() {
        return ledger;
    }

    DmaDebug debug() {
        return debug;
    }

    DmaDebugRules debugRules() {
        return debugRules;
    }

    void work(DeviceWork known) {
        work = known;
    }

    DeviceWork work() {
        return work;
    }

    // Lending.

    void lent(
            Device device,
            Kind kind,
            long dma,
            long phys,
            long va,
            long size,
            DmaDirection direction,
            int attrs) {
        long site = findings.here();
        Lending lending = ledger.fresh(device);
        long reached =
                kind == Kind.RESOURCE
                        ? dma
                        : reached(opsOf(device), kind, dma, phys, size, direction);
        lending.begin(device, kind, dma, phys, reached, va, size, direction, attrs, site);
        lending.internal(calls.isInternal());
        if (!isDebugged(device, kind, va)) {
            lending.hideFromDebug();
        }
        debugRules.lent(lending);
        switch (kind) {
            case SINGLE, LINKED -> {
                checkAllocated(lending);
                checkOverlap(lending);
                lease(lending);
            }
            case PAGES -> {
                // Nobody synced it yet: the driver fills it first, or the device does.
                lease(lending);
                lending.hand(0, size, true);
            }
            case COHERENT, LIST, RESOURCE -> {}
        }
        ledger.add(lending);
    }

    /** Whether Linux makes an entry for it: not for memory of the device's own, nor without va. */
    private static boolean isDebugged(Device device, Kind kind, long va) {
        return switch (kind) {
            case COHERENT -> {
                DevicePool own = device.dma().pool();
                yield va != 0 && (own == null || !own.holds(va));
            }
            case LINKED -> false;
            case SINGLE, LIST, RESOURCE, PAGES -> true;
        };
    }

    /** The physical address that the device's accesses end at; asking an IOMMU would take time. */
    private static long reached(
            DmaOps ops, Kind kind, long dma, long phys, long size, DmaDirection direction) {
        if (!ops.translates()) {
            return ops.toPhys(dma);
        }
        return kind != Kind.COHERENT && ops.copies(phys, size, direction)
                ? Lending.COPIED_ANYWHERE
                : Lending.ANYWHERE;
    }

    private static DmaOps opsOf(Device device) {
        DmaBinding binding = device.dma().binding();
        if (binding == null) {
            throw new IllegalStateException(device + " has no way to memory");
        }
        return binding.ops();
    }

    /** From now on the CPU has to keep off. */
    private void lease(Lending lending) {
        if (ram.shadow().isOn() && lending.size() > 0) {
            lending.lease(ram.shadow());
        }
    }

    private void checkAllocated(Lending made) {
        Shadow.Fault fault = ram.shadow().check(made.phys(), made.size(), false);
        if (fault == null) {
            return;
        }
        String what =
                switch (fault.problem()) {
                    case REDZONE -> "reaches past the end of its object";
                    case FREED -> "is freed";
                    case FREE_PAGE -> "is a free page";
                    case UNKNOWN, DEVICE_WRITES, DEVICE_READS, STALE -> "";
                };
        if (!what.isEmpty()) {
            findings.report(
                            FindingId.MAP_FREED,
                            "mapped phys:0x%x, %d bytes; at byte %d it %s",
                            made.phys(),
                            made.size(),
                            fault.phys() - made.phys(),
                            what)
                    .device(made.device().name())
                    .add();
        }
    }

    void lentList(Device device, Scatterlist sg, int nents, DmaDirection direction, int attrs) {
        long site = findings.here();
        DmaOps ops = opsOf(device);
        SegmentWalk segments = new SegmentWalk(sg);
        Lending first = null;
        Lending segment = null;
        int left = nents;
        for (Scatterlist run = sg; run != null && left > 0; run = run.next()) {
            int count = Math.min(left, run.count());
            for (int i = 0; i < count; i++) {
                checkLength(device, run.length(i));
                boolean startsSegment = segments.isAtStart();
                if (startsSegment) {
                    checkBoundary(device, segments.dma(), segments.length());
                }
                long dma = segments.dma();
                Lending entry = ledger.fresh(device);
                entry.begin(
                        device,
                        Kind.LIST,
                        dma,
                        run.phys(i),
                        reached(ops, Kind.LIST, dma, run.phys(i), run.length(i), direction),
                        0,
                        run.length(i),
                        direction,
                        attrs,
                        site);
                if (startsSegment) {
                    segment = entry;
                    entry.startSegment(segments.length());
                } else {
                    entry.joinSegment(segment);
                }
                segments.advance(run.length(i));
                entry.internal(calls.isInternal());
                debugRules.lent(entry);
                checkAllocated(entry);
                checkOverlap(entry);
                lease(entry);
                first = first == null ? entry : first;
                first.addEntry(entry);
                ledger.add(entry);
            }
            left -= count;
        }
    }

    /**
     * Where the device finds each entry of a mapped list: an IOMMU may have joined several into one
     * segment, and segments are written to the first entries of the list.
     */
    private static final class SegmentWalk {
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

    /** Mapping failed: because of a mask nobody set? */
    void refused(Device device, int nents) {
        if (nents > 0) {
            failedList = new Failure(device, nents, findings.here());
        }
        Masks state = masks.get(device);
        if ((state == null || !state.set)
                && device.dma().dmaMask() == DmaParameters.MASK_32
                && device.dma().busDmaLimit() == 0) {
            findings.report(
                            FindingId.MASK_MISSING,
                            "%s cannot reach the buffer with the default mask of 0x%x, and its"
                                    + " driver set none",
                            device.name(),
                            device.dma().dmaMask())
                    .device(device.name())
                    .add();
        }
    }

    /** Registers of another device could not be mapped. */
    void resourceRefused(Device device, long phys, long size, DmaDirection direction, int attrs) {
        long dma = DmaAddr.MAPPING_ERROR;
        Lending made = new Lending(device);
        made.begin(
                device, Kind.RESOURCE, dma, phys, dma, 0, size, direction, attrs, findings.here());
        debugRules.resourceRefused(made);
    }

    private void checkLength(Device device, long length) {
        long most = Integer.toUnsignedLong(device.dma().maxSegmentSize());
        if (length > most) {
            debugRules.segmentTooLong(device, length, most);
            findings.report(
                            FindingId.SG_SEGMENT_TOO_LONG,
                            "a segment has %d bytes, %s takes %d",
                            length,
                            device.name(),
                            most)
                    .device(device.name())
                    .add();
        }
    }

    private void checkBoundary(Device device, long start, long length) {
        long boundary = device.dma().segmentBoundaryMask();
        if (length > 0 && ((start ^ (start + length - 1)) & ~boundary) != 0) {
            debugRules.segmentAcross(device, start, length, boundary);
            findings.report(
                            FindingId.SG_BOUNDARY,
                            "segment dma:0x%x of %d bytes crosses a boundary of %s, mask 0x%x",
                            start,
                            length,
                            device.name(),
                            boundary)
                    .device(device.name())
                    .add();
        }
    }

    /** Lines two devices use, one of them to write: the other's bytes there may be lost. */
    private void checkOverlap(Lending made) {
        if (made.size() == 0 || (made.attrs() & DmaAttrs.SKIP_CPU_SYNC) != 0) {
            return;
        }
        // A bounce buffer shares no line with anybody.
        boolean snoops = made.device().dma().isCoherent() || made.isBounced();
        long first = snoops ? made.phys() : made.phys() & -LINE;
        long end = made.phys() + made.size();
        long last = snoops ? end : (end + LINE - 1) & -LINE;
        if (!ledger.isLent(first, last - first, !made.direction().isFromDevice())) {
            return;
        }
        for (Lending other : ledger.inMemory(first, last - first)) {
            boolean streaming = other.kind() == Kind.SINGLE || other.kind() == Kind.LIST;
            boolean written = made.direction().isFromDevice() || other.direction().isFromDevice();
            boolean same = made.device().equals(other.device());
            boolean bytes = other.phys() < end && made.phys() < other.phys() + other.size();
            // The kernel's own chains lend one page to several operations, in order.
            boolean chained = made.isInternal() && other.isInternal();
            if (streaming
                    && !chained
                    && written
                    && other.size() > 0
                    && (other.attrs() & DmaAttrs.SKIP_CPU_SYNC) == 0
                    && (bytes ? same : !other.isBounced())) {
                findings.report(
                                FindingId.MAP_OVERLAP,
                                "mapping of phys:0x%x, %d bytes %s shares %s with a live one of"
                                        + " phys:0x%x, %d bytes %s",
                                made.phys(),
                                made.size(),
                                made.direction(),
                                bytes ? "bytes" : "a cache line",
                                other.phys(),
                                other.size(),
                                other.direction())
                        .site(Role.MAPPED, other.site())
                        .device(made.device().name())
                        .add();
                return;
            }
        }
    }

    // Taking back.

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
            found = takeLeftBehind(device, dma, size, kind, direction);
            if (found != null) {
                return found;
            }
        }
        debugRules.unmapped(found, device, dma, size, kind, direction);
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

    private @Nullable Lending takeLeftBehind(
            Device device, long dma, long size, Kind kind, DmaDirection direction) {
        for (Lending lending : leftBehind) {
            if (lending.dma() == dma
                    && lending.device().equals(device)
                    && lending.kind() == kind
                    && sizeOf(lending) == size
                    && lending.direction() == direction) {
                leftBehind.remove(lending);
                lending.leftBehind(false);
                return lending;
            }
        }
        return null;
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
                            + (sizeOf(lending) == size ? 2 : 0)
                            + (lending.direction() == direction ? 1 : 0);
            if (score > bestScore) {
                best = lending;
                bestScore = score;
            }
        }
        return best;
    }

    private static long sizeOf(Lending lending) {
        return lending.kind() == Kind.LIST ? lending.entries().size() : lending.size();
    }

    private void compare(Lending found, long size, Kind kind, DmaDirection direction, int attrs) {
        if (found.kind() != kind) {
            reportOf(
                    found,
                    FindingId.UNMAP_TYPE,
                    "mapped as %s, given back as %s",
                    found.kindText(),
                    kindText(kind));
            return;
        }
        if (sizeOf(found) != size) {
            switch (kind) {
                case LIST ->
                        reportOf(
                                found,
                                FindingId.UNMAP_SG_NENTS,
                                "unmapped %d entries, mapped %d",
                                size,
                                sizeOf(found));
                case COHERENT ->
                        reportOf(
                                found,
                                FindingId.FREE_COHERENT_MISMATCH,
                                "freed %d bytes, allocated %d",
                                size,
                                found.size());
                case PAGES ->
                        reportOf(
                                found,
                                FindingId.FREE_COHERENT_MISMATCH,
                                "freed %d bytes, allocated %d",
                                size,
                                found.size());
                case SINGLE, RESOURCE, LINKED ->
                        reportOf(
                                found,
                                FindingId.UNMAP_SIZE,
                                "unmapped %d bytes, mapped %d",
                                size,
                                found.size());
            }
        }
        if (kind != Kind.COHERENT && found.direction() != direction) {
            reportOf(
                    found,
                    FindingId.UNMAP_DIRECTION,
                    "unmapped %s, mapped %s",
                    direction,
                    found.direction());
        }
        if (((found.attrs() ^ attrs) & CONTENT_ATTRS) != 0) {
            reportOf(
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
            reportOf(
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
                reportOf(
                        byVa,
                        FindingId.FREE_COHERENT_MISMATCH,
                        "freed with handle dma:0x%x, allocated dma:0x%x",
                        dma,
                        byVa.dma());
            } else {
                reportOf(
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
            reportOf(
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

    void errorTested(Device device, long dma) {
        if (dma == DmaAddr.MAPPING_ERROR) {
            debugRules.errorTested(device);
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
        DeviceWork.Request transfer = work.using(range.device(), range.dma(), range.size(), true);
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
            reportOf(
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

    // Sync.

    void synced(Device device, long dma, long size, DmaDirection direction) {
        List<Lending> covering = ledger.covering(device, dma);
        Lending whole = null;
        Lending coherent = null;
        Lending part = null;
        for (Lending lending : covering) {
            if (lending.kind() == Kind.COHERENT) {
                coherent = lending;
            } else if (lending.containsDma(dma, size)) {
                whole = whole == null || lending.direction() == direction ? lending : whole;
            } else {
                part = lending;
            }
        }
        if (whole != null) {
            checkSyncDirection(whole, direction);
        } else if (part != null) {
            reportOf(
                    part,
                    FindingId.SYNC_RANGE,
                    "synced %d bytes at offset %d of a mapping of %d",
                    size,
                    dma - part.dma(),
                    part.size());
        } else if (coherent != null) {
            reportOf(
                    coherent,
                    FindingId.SYNC_UNMAPPED,
                    "synced dma:0x%x, which is coherent memory and needs none",
                    dma);
        } else {
            reportSyncUnknown(device, dma, size);
        }
    }

    void syncedList(Device device, Scatterlist sg, int nents, DmaDirection direction) {
        Lending list = listAt(device, sg);
        if (list == null) {
            reportSyncUnknown(device, sg.dmaAddress(0), sg.length(0));
            return;
        }
        if (list.entries().size() != nents) {
            reportOf(
                    list,
                    FindingId.UNMAP_SG_NENTS,
                    "synced %d entries, mapped %d",
                    nents,
                    list.entries().size());
        }
        checkSyncDirection(list, direction);
    }

    private void checkSyncDirection(Lending lending, DmaDirection direction) {
        if (lending.direction() != DmaDirection.BIDIRECTIONAL && lending.direction() != direction) {
            reportOf(
                    lending,
                    FindingId.SYNC_DIRECTION,
                    "synced %s, mapped %s",
                    direction,
                    lending.direction());
        }
    }

    private void reportSyncUnknown(Device device, long dma, long size) {
        Lending other = ledger.ofAnother(device, dma);
        if (other != null) {
            reportOf(
                    other,
                    FindingId.SYNC_UNMAPPED,
                    "synced dma:0x%x for %s, it is mapped for %s",
                    dma,
                    device.name(),
                    other.device().name());
            return;
        }
        Lending before =
                ledger.lastOf(past -> past.device().equals(device) && past.containsDma(dma, size));
        if (before != null) {
            findings.report(
                            FindingId.SYNC_UNMAPPED,
                            "synced dma:0x%x, %d bytes, after it was unmapped",
                            dma,
                            size)
                    .site(Role.MAPPED, before.site())
                    .site(Role.FREED, before.freedAt())
                    .device(device.name())
                    .add();
            return;
        }
        findings.report(FindingId.SYNC_UNMAPPED, "synced dma:0x%x, never mapped", dma)
                .device(device.name())
                .add();
    }

    /**
     * The CPU may use a part of what is mapped, or may not any more; after caches were cared for.
     */
    void handedTo(Device device, long dma, long size, boolean toCpu) {
        if (!areOn()) {
            return;
        }
        for (Lending lending : ledger.covering(device, dma)) {
            if (lending.kind() != Kind.COHERENT) {
                lending.hand(dma - lending.dma(), size, toCpu);
            }
        }
    }

    /** As {@link #handedTo}, a whole list. */
    void listHandedTo(Device device, Scatterlist sg, int nents, boolean toCpu) {
        Lending list = areOn() ? listAt(device, sg) : null;
        if (list == null) {
            return;
        }
        List<Lending> entries = list.entries();
        for (int i = 0; i < Math.min(nents, entries.size()); i++) {
            Lending entry = entries.get(i);
            entry.hand(0, entry.size(), toCpu);
        }
    }

    private @Nullable Lending listAt(Device device, Scatterlist sg) {
        for (Lending lending : ledger.startingAt(device, sg.dmaAddress(0))) {
            if (lending.kind() == Kind.LIST && lending.whole().equals(lending)) {
                return lending;
            }
        }
        return null;
    }

    // Masks and memory that cannot be lent.

    void maskSet(Device device) {
        Masks state = masks.computeIfAbsent(device, _ -> new Masks());
        state.set = true;
        state.refusedAt = 0;
    }

    void maskRefused(Device device, long mask) {
        Masks state = masks.computeIfAbsent(device, _ -> new Masks());
        state.refused = mask;
        state.refusedAt = findings.here();
        state.reported = false;
    }

    /** The device is used: was the mask that its driver wanted refused, and that ignored? */
    void checkMask(Device device) {
        Masks state = masks.get(device);
        if (state != null && state.refusedAt != 0 && !state.reported) {
            state.reported = true;
            findings.report(
                            FindingId.MASK_UNSUPPORTED,
                            "%s is used for DMA although a mask of 0x%x was refused",
                            device.name(),
                            state.refused)
                    .site(Role.ALLOCATED, state.refusedAt)
                    .device(device.name())
                    .add();
        }
    }

    void rejected(FindingId id, Device device, long va, long size) {
        findings.report(
                        id,
                        "mapped 0x%x, %d bytes, which is %s",
                        va,
                        size,
                        switch (id) {
                            case MAP_STACK -> "on the stack";
                            case MAP_VMALLOC -> "memory of vmalloc";
                            case MAP_TEXT -> "in the image of the module or kernel";
                            case MAP_USER -> "an address of user space";
                            default -> "no memory of the kernel";
                        })
                .device(device.name())
                .add();
    }

    void noDirection(Device device, String function, int direction) {
        findings.report(
                        FindingId.DIRECTION_NONE,
                        "%s with direction %d, wanted 0, 1 or 2",
                        function,
                        direction)
                .device(device.name())
                .add();
    }

    // Ends.

    /** Reports what a device still has. */
    void checkGivenBack(Device device, LongPredicate sites) {
        for (Lending lending : ledger.live()) {
            if (lending.device().equals(device)
                    && lending.whole().equals(lending)
                    && sites.test(lending.site())) {
                reportLeak(lending, "its driver left");
                leaveBehind(lending);
            }
        }
    }

    /** In Linux nothing is taken from it then: giving it back later is no further mistake. */
    private void leaveBehind(Lending lending) {
        if (leftBehind.size() == LEFT_BEHIND_COUNT_MAX) {
            leftBehind.removeFirst().leftBehind(false);
        }
        lending.leftBehind(true);
        leftBehind.add(lending);
    }

    /** Reports what a module leaves behind: what is still lent at sites of its own. */
    void checkLeft(LongPredicate sites) {
        for (Lending lending : ledger.live()) {
            if (lending.whole().equals(lending)
                    && !lending.isInternal()
                    && sites.test(lending.site())) {
                reportLeak(lending, "the module was unloaded");
            }
        }
    }

    private void reportLeak(Lending lending, String when) {
        findings.report(
                        FindingId.UNMAP_MISSING,
                        "%s is still %s when %s",
                        lending,
                        lending.kind() == Kind.COHERENT ? "allocated" : "mapped",
                        when)
                .at(lending.site())
                .device(lending.device().name())
                .add();
        if (lending.entries().isEmpty()) {
            ledger.remove(lending, 0);
        }
        for (Lending entry : lending.entries()) {
            ledger.remove(entry, 0);
        }
    }

    private void reportOf(Lending lending, FindingId id, String format, Object... values) {
        findings.report(id, format, values)
                .site(
                        lending.kind() == Kind.COHERENT ? Role.ALLOCATED : Role.MAPPED,
                        lending.site())
                .device(lending.device().name())
                .add();
    }

    private static String kindText(Kind kind) {
        return switch (kind) {
            case COHERENT -> "coherent";
            case SINGLE -> "single";
            case LIST -> "sg list";
            case RESOURCE -> "resource";
            case PAGES -> "pages";
            case LINKED -> "linked";
        };
    }
}
