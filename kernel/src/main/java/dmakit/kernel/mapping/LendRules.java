package dmakit.kernel.mapping;

import dmakit.kernel.Calls;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Findings;
import dmakit.kernel.check.Role;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DevicePool;
import dmakit.kernel.dma.DmaAddr;
import dmakit.kernel.dma.DmaAttrs;
import dmakit.kernel.dma.DmaBinding;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dma.DmaOps;
import dmakit.kernel.dma.OpenMappings.Kind;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.machine.memory.Ram;
import dmakit.machine.memory.Shadow;

/** What a driver may lend, and what it lent. */
final class LendRules {
    private static final long LINE = Ram.LINE_BYTES;

    private final Calls calls;
    private final Findings findings;
    private final Ledger ledger;
    private final DmaDebugRules debugRules;
    private final Ram ram;

    LendRules(Calls calls, Ledger ledger, DmaDebugRules debugRules, Ram ram) {
        this.calls = calls;
        this.ledger = ledger;
        this.debugRules = debugRules;
        this.ram = ram;
        findings = calls.findings();
    }

    /** The driver lent a range. */
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

    /** The driver lent a list; the device's view of it is set. */
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

    /** Registers of another device could not be mapped. */
    void resourceRefused(Device device, long phys, long size, DmaDirection direction, int attrs) {
        long dma = DmaAddr.MAPPING_ERROR;
        Lending made = new Lending(device);
        made.begin(
                device, Kind.RESOURCE, dma, phys, dma, 0, size, direction, attrs, findings.here());
        debugRules.resourceRefused(made);
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
}
