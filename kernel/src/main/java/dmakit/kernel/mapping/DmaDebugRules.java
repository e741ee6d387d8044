package dmakit.kernel.mapping;

import dmakit.kernel.Linux;
import dmakit.kernel.check.DmaDebugText;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaAddr;
import dmakit.kernel.dma.DmaAttrs;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dma.OpenMappings.Kind;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.machine.memory.Ram;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which calls {@code CONFIG_DMA_API_DEBUG} objects to, and how: with the kernel's own way to find
 * the entry that a call is about, which knows less than {@link MappingRules} do. It changes no
 * entry.
 */
final class DmaDebugRules {
    /** Entries that may begin in one cache line beside the first, before the kernel warns. */
    @Linux(file = "kernel/dma/debug.c", symbol = "ACTIVE_CACHELINE_MAX_OVERLAP")
    static final int OVERLAP_COUNT_MAX = 7;

    /** Refused mappings of registers that are remembered; the kernel remembers all. */
    static final int REFUSED_COUNT_MAX = 1024;

    private static final String AT = " [device address=0x%016x] [size=%d bytes]";

    /** The one bus here that tells when a driver leaves. */
    @Linux(file = "drivers/pci/pci-driver.c", symbol = "dma_debug_add_bus")
    private static final String WATCHED_BUS = "pci";

    private static final String SYNCED = "synced";

    private final DmaDebug debug;
    private final Ledger ledger;
    private final Deque<Lending> refused = new ArrayDeque<>();
    private boolean warnedOfOverlaps;

    DmaDebugRules(DmaDebug debug, Ledger ledger) {
        this.debug = debug;
        this.ledger = ledger;
    }

    /** What a driver says of the mapping it gives back or syncs. */
    private record Call(
            Device device, long dma, long size, Kind kind, DmaDirection direction, int nents) {}

    // Lending.

    /** There is one more entry; called before the ledger has it. */
    @Linux(file = "kernel/dma/debug.c", symbol = "add_dma_entry")
    void lent(Lending made) {
        if (!debug.isOn() || !made.isDebugEntry()) {
            return;
        }
        debug.used(ledger.debugEntryCount() + 1);
        long line = made.phys() & -Ram.LINE_BYTES;
        if (made.direction() != DmaDirection.TO_DEVICE
                && ledger.isLent(line, Ram.LINE_BYTES, true)) {
            checkOverlap(made);
        }
    }

    @Linux(file = "kernel/dma/debug.c", symbol = "active_cacheline_insert")
    private void checkOverlap(Lending made) {
        int others = 0;
        long line = made.phys() & -Ram.LINE_BYTES;
        for (Lending other : ledger.inMemory(line, Ram.LINE_BYTES)) {
            if (other.isDebugEntry()
                    && other.direction() != DmaDirection.TO_DEVICE
                    && debug.lineOf(other) == debug.lineOf(made)) {
                others++;
            }
        }
        if (others > OVERLAP_COUNT_MAX && !warnedOfOverlaps) {
            warnedOfOverlaps = true;
            debug.warn(
                    null,
                    "exceeded %d overlapping mappings of cacheline 0x%016x"
                            .formatted(OVERLAP_COUNT_MAX, debug.lineOf(made)));
        }
        if (others > 0
                && (made.attrs() & DmaAttrs.SKIP_CPU_SYNC) == 0
                && !debug.hasBounceBuffers(made.device())) {
            debug.report(made.device(), made, DmaDebugText.OVERLAPPING, "");
        }
    }

    /** Registers were not mapped; the kernel makes an entry all the same. */
    @Linux(file = "kernel/dma/debug.c", symbol = "debug_dma_map_resource")
    void resourceRefused(Lending made) {
        if (debug.isOn() && refused.size() < REFUSED_COUNT_MAX) {
            refused.addLast(made);
        }
    }

    /** The driver asks whether a mapping that failed did. */
    @Linux(file = "kernel/dma/debug.c", symbol = "debug_dma_mapping_error")
    void errorTested(Device device) {
        for (Lending entry : refused) {
            if (entry.device().equals(device) && !entry.isErrorChecked()) {
                entry.checkError();
                return;
            }
        }
    }

    @Linux(file = "kernel/dma/debug.c", symbol = "check_sg_segment")
    void segmentTooLong(Device device, long length, long most) {
        if (debug.isOn()) {
            debug.report(
                    device,
                    null,
                    DmaDebugText.SEGMENT_TOO_LONG,
                    " [len=%d] [max=%d]",
                    length,
                    most);
        }
    }

    @Linux(file = "kernel/dma/debug.c", symbol = "check_sg_segment")
    void segmentAcross(Device device, long start, long length, long boundary) {
        if (debug.isOn()) {
            debug.report(
                    device,
                    null,
                    DmaDebugText.SEGMENT_ACROSS,
                    " [start=0x%016x] [end=0x%016x] [boundary=0x%016x]",
                    start,
                    start + length - 1,
                    boundary);
        }
    }

    /** The driver maps what has no page. */
    @Linux(file = "kernel/dma/debug.c", symbol = "debug_dma_map_single")
    void invalidArea(Device device, long va, long size) {
        if (debug.isOn()) {
            debug.report(
                    device, null, DmaDebugText.INVALID_AREA, " [addr=%016x] [len=%d]", va, size);
        }
    }

    // Taking back.

    /**
     * The driver gives back a range; lists and coherent memory have functions of their own.
     *
     * @param found what it means, as far as anybody can tell
     */
    void unmapped(
            @Nullable Lending found,
            Device device,
            long dma,
            long size,
            Kind kind,
            DmaDirection direction) {
        boolean fits =
                found != null
                        && found.isErrorChecked()
                        && found.segmentBytes() == size
                        && found.kind() == kind
                        && found.direction() == direction;
        if (!fits && debug.isOn() && (kind == Kind.SINGLE || kind == Kind.RESOURCE)) {
            checkUnmap(new Call(device, dma, size, kind, direction, 0), DmaDebug.NO_PHYS);
        }
    }

    /** Coherent memory is freed. */
    @Linux(file = "kernel/dma/debug.c", symbol = "debug_dma_free_coherent")
    void freed(Device device, long size, long va, long dma) {
        long phys = debug.isOn() ? debug.physOf(va) : DmaDebug.NO_PHYS;
        if (phys != DmaDebug.NO_PHYS) {
            DmaDirection both = DmaDirection.BIDIRECTIONAL;
            checkUnmap(new Call(device, dma, size, Kind.COHERENT, both, 0), phys);
        }
    }

    /** Pages are given back; called before they are forgotten. */
    @Linux(file = "kernel/dma/debug.c", symbol = "debug_dma_free_pages")
    void pagesFreed(Device device, long page, long size, long dma, DmaDirection direction) {
        if (debug.isOn()) {
            checkUnmap(new Call(device, dma, size, Kind.PAGES, direction, 0), page);
        }
    }

    /** A list is given back; called before its entries are forgotten. */
    @Linux(file = "kernel/dma/debug.c", symbol = "debug_dma_unmap_sg")
    void unmappedList(Device device, Scatterlist sg, int nents, DmaDirection direction) {
        if (!debug.isOn() || isWhole(device, sg, nents, direction)) {
            return;
        }
        int mapped = 0;
        int index = 0;
        for (Scatterlist run = sg; run != null && index < nents; run = run.next()) {
            for (int i = 0; i < run.count() && index < nents; i++, index++) {
                Call call = entryOf(device, run, i, nents, direction);
                if (index == 0) {
                    mapped = mappedEntries(call);
                } else if (mapped != 0 && index >= mapped) {
                    return;
                }
                checkUnmap(call, DmaDebug.NO_PHYS);
            }
        }
    }

    /** Whether a list is one that was mapped, with all its addresses as they were. */
    private boolean isWhole(Device device, Scatterlist sg, int nents, DmaDirection direction) {
        List<Lending> candidates = ledger.startingAt(device, sg.dmaAddress(0));
        if (candidates.size() != 1) {
            return false;
        }
        List<Lending> entries = candidates.getFirst().entries();
        if (entries.size() != nents || candidates.getFirst().direction() != direction) {
            return false;
        }
        Scatterlist run = sg;
        int i = 0;
        for (Lending entry : entries) {
            if (!entry.isDebugEntry()) {
                continue;
            }
            if (i == run.count()) {
                Scatterlist next = run.next();
                if (next == null) {
                    return false;
                }
                run = next;
                i = 0;
            }
            if (entry.dma() != run.dmaAddress(i) || entry.segmentBytes() != run.dmaLength(i)) {
                return false;
            }
            i++;
        }
        return true;
    }

    private static Call entryOf(
            Device device, Scatterlist run, int i, int nents, DmaDirection direction) {
        return new Call(device, run.dmaAddress(i), run.dmaLength(i), Kind.LIST, direction, nents);
    }

    /** How many entries the list has whose first entry is given back or synced; 0 when unknown. */
    @Linux(file = "kernel/dma/debug.c", symbol = "get_nr_mapped_entries")
    private int mappedEntries(Call first) {
        Lending entry = find(first, startingAt(first));
        return entry == null ? 0 : segmentsOf(entry.whole());
    }

    private static int segmentsOf(Lending list) {
        int count = 0;
        for (Lending entry : list.entries()) {
            count += entry.isDebugEntry() ? 1 : 0;
        }
        return count;
    }

    @Linux(file = "kernel/dma/debug.c", symbol = "check_unmap")
    private void checkUnmap(Call call, long phys) {
        Device device = call.device();
        Lending entry = find(call, startingAt(call));
        if (entry == null) {
            if (call.dma() == DmaAddr.MAPPING_ERROR) {
                debug.report(device, null, DmaDebugText.INVALID_ADDRESS, "");
            } else {
                debug.report(device, null, DmaDebugText.NOT_ALLOCATED, AT, call.dma(), call.size());
            }
            return;
        }
        refused.remove(entry);
        if (call.size() != entry.segmentBytes()) {
            debug.report(
                    device,
                    entry,
                    DmaDebugText.OTHER_SIZE,
                    " [device address=0x%016x] [map size=%d bytes] [unmap size=%d bytes]",
                    call.dma(),
                    entry.segmentBytes(),
                    call.size());
        }
        if (call.kind() != entry.kind()) {
            debug.report(
                    device,
                    entry,
                    DmaDebugText.OTHER_FUNCTION,
                    AT + " [mapped as %s] [unmapped as %s]",
                    call.dma(),
                    call.size(),
                    DmaDebug.typeOf(entry.kind()),
                    DmaDebug.typeOf(call.kind()));
        } else if (isAllocated(entry.kind()) && phys != debug.physOf(entry)) {
            debug.report(
                    device,
                    entry,
                    DmaDebugText.OTHER_CPU_ADDRESS,
                    AT + " [cpu alloc address=0x0x%016x] [cpu free address=0x0x%016x]",
                    call.dma(),
                    call.size(),
                    debug.physOf(entry),
                    phys);
        }
        if (call.kind() == Kind.LIST && call.nents() != nentsOf(entry)) {
            debug.report(
                    device,
                    entry,
                    DmaDebugText.OTHER_ENTRY_COUNT,
                    " [map count=%d] [unmap count=%d]",
                    nentsOf(entry),
                    call.nents());
        }
        if (call.direction() != entry.direction()) {
            reportDirections(DmaDebugText.OTHER_DIRECTION, call, call.size(), entry, "unmapped");
        }
        if (DmaDebug.wantsErrorCheck(entry) && !entry.isErrorChecked()) {
            debug.report(
                    device,
                    entry,
                    DmaDebugText.ERROR_UNCHECKED,
                    "[device address=0x%016x] [size=%d bytes] [mapped as %s]",
                    call.dma(),
                    call.size(),
                    DmaDebug.typeOf(entry.kind()));
        }
    }

    private static boolean isAllocated(Kind kind) {
        return switch (kind) {
            case COHERENT, PAGES -> true;
            case SINGLE, LIST, RESOURCE, LINKED -> false;
        };
    }

    // Sync.

    /** A range is synced. */
    void synced(Device device, long dma, long size, DmaDirection direction, boolean toCpu) {
        if (debug.isOn()) {
            checkSync(new Call(device, dma, size, Kind.SINGLE, direction, 0), toCpu);
        }
    }

    /** A list is synced; one whose first entry is not known is not looked at. */
    @Linux(file = "kernel/dma/debug.c", symbol = "debug_dma_sync_sg_for_cpu")
    void syncedList(
            Device device, Scatterlist sg, int nents, DmaDirection direction, boolean toCpu) {
        if (!debug.isOn()) {
            return;
        }
        int count = 0;
        int index = 0;
        for (Scatterlist run = sg; run != null && index < nents; run = run.next()) {
            for (int i = 0; i < run.count() && index < nents; i++, index++) {
                Call call = entryOf(device, run, i, nents, direction);
                if (index == 0) {
                    count = mappedEntries(call);
                }
                if (index >= count) {
                    return;
                }
                checkSync(call, toCpu);
            }
        }
    }

    @Linux(file = "kernel/dma/debug.c", symbol = "check_sync")
    private void checkSync(Call call, boolean toCpu) {
        Lending entry = findAround(call);
        if (entry == null) {
            debug.report(
                    call.device(),
                    null,
                    DmaDebugText.SYNC_NOT_ALLOCATED,
                    AT,
                    call.dma(),
                    call.size());
            return;
        }
        DmaDirection mapped = entry.direction();
        if (mapped == DmaDirection.BIDIRECTIONAL) {
            return;
        }
        long bytes = entry.segmentBytes();
        if (call.direction() != mapped) {
            reportDirections(DmaDebugText.SYNC_OTHER_DIRECTION, call, bytes, entry, SYNCED);
            if (toCpu && mapped == DmaDirection.TO_DEVICE) {
                reportDirections(DmaDebugText.SYNC_READ_ONLY, call, bytes, entry, SYNCED);
            } else if (!toCpu && mapped == DmaDirection.FROM_DEVICE) {
                reportDirections(DmaDebugText.SYNC_WRITE_ONLY, call, bytes, entry, SYNCED);
            }
        }
        if (call.kind() == Kind.LIST && call.nents() != nentsOf(entry)) {
            debug.report(
                    call.device(),
                    entry,
                    DmaDebugText.SYNC_OTHER_ENTRY_COUNT,
                    " [map count=%d] [sync count=%d]",
                    nentsOf(entry),
                    call.nents());
        }
    }

    private void reportDirections(
            DmaDebugText text, Call call, long size, Lending entry, String done) {
        debug.report(
                call.device(),
                entry,
                text,
                AT + " [mapped with DMA_%s] [%s with DMA_%s]",
                call.dma(),
                size,
                entry.direction(),
                done,
                call.direction());
    }

    // The end.

    /** The driver of a device has left it. */
    @Linux(file = "kernel/dma/debug.c", symbol = "dma_debug_device_change")
    void released(Device device) {
        if (!debug.isOn() || !device.subsystem().equals(WATCHED_BUS)) {
            return;
        }
        int count = 0;
        Lending last = null;
        for (Lending entry : entriesOf(device)) {
            count++;
            if (last == null || DmaDebug.bucketOf(entry) >= DmaDebug.bucketOf(last)) {
                last = entry;
            }
        }
        if (last != null) {
            debug.reportUnbound(
                    device,
                    last,
                    DmaDebugText.PENDING,
                    " [count=%d]\nOne of leaked entries details:"
                            + AT
                            + " [mapped with DMA_%s] [mapped as %s]",
                    count,
                    last.dma(),
                    last.segmentBytes(),
                    last.direction(),
                    DmaDebug.typeOf(last.kind()));
        }
    }

    // Entries.

    /** The number of entries of the list an entry is of; 0 for others. */
    private static int nentsOf(Lending entry) {
        return entry.kind() == Kind.LIST ? entry.whole().entries().size() : 0;
    }

    /** All of a device, oldest first. */
    private List<Lending> entriesOf(Device device) {
        List<Lending> entries = new ArrayList<>();
        for (Lending entry : ledger.live()) {
            if (entry.device().equals(device) && entry.isDebugEntry()) {
                entries.add(entry);
            }
        }
        for (Lending entry : refused) {
            if (entry.device().equals(device)) {
                entries.add(entry);
            }
        }
        return entries;
    }

    private List<Lending> startingAt(Call call) {
        List<Lending> entries = ledger.startingAt(call.device(), call.dma());
        entries.removeIf(entry -> !entry.isDebugEntry());
        for (Lending entry : refused) {
            if (entry.device().equals(call.device()) && entry.dma() == call.dma()) {
                entries.add(entry);
            }
        }
        return entries;
    }

    /** The entry that fits in all, or the only one there is: of several that fit less, none. */
    @Linux(file = "kernel/dma/debug.c", symbol = "__hash_bucket_find")
    private static @Nullable Lending find(Call call, List<Lending> entries) {
        for (Lending entry : entries) {
            if (entry.segmentBytes() == call.size()
                    && entry.kind() == call.kind()
                    && entry.direction() == call.direction()
                    && nentsOf(entry) == call.nents()) {
                return entry;
            }
        }
        return entries.size() == 1 ? entries.getFirst() : null;
    }

    /**
     * The entry that contains a range. The kernel's table has a bucket for every 8 KiB, and it
     * looks for one that fits in each, from the range's own downwards.
     */
    @Linux(file = "kernel/dma/debug.c", symbol = "bucket_find_contain")
    private @Nullable Lending findAround(Call call) {
        List<Lending> covering = ledger.covering(call.device(), call.dma());
        if (covering.size() == 1) {
            Lending entry = covering.getFirst().segment();
            return entry.isDebugEntry() && contains(entry, call) ? entry : null;
        }
        NavigableMap<Integer, List<Lending>> byDistance = new TreeMap<>();
        for (Lending part : covering) {
            Lending entry = part.segment();
            if (entry.isDebugEntry() && contains(entry, call)) {
                int distance =
                        Math.floorMod(
                                DmaDebug.bucketOf(call.dma()) - DmaDebug.bucketOf(entry.dma()),
                                DmaDebug.BUCKET_COUNT);
                byDistance.computeIfAbsent(distance, _ -> new ArrayList<>(1)).add(entry);
            }
        }
        for (List<Lending> bucket : byDistance.values()) {
            Lending entry = find(call, bucket);
            if (entry != null) {
                return entry;
            }
        }
        return null;
    }

    @Linux(file = "kernel/dma/debug.c", symbol = "containing_match")
    private static boolean contains(Lending entry, Call call) {
        long offset = call.dma() - entry.dma();
        return Long.compareUnsigned(offset, entry.segmentBytes()) <= 0
                && Long.compareUnsigned(call.size(), entry.segmentBytes() - offset) <= 0;
    }
}
