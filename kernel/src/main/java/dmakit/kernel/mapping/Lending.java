package dmakit.kernel.mapping;

import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaAttrs;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dma.OpenMappings.Kind;
import dmakit.machine.memory.RangeIndex;
import dmakit.machine.memory.Shadow;
import dmakit.machine.memory.Shadow.Use;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One range of memory that a device may use, while mistakes are looked for: a mapping, an entry of
 * a mapped list, or coherent memory.
 */
public final class Lending {
    /** What {@link #reached} is behind an IOMMU, which alone knows where each page is. */
    static final long ANYWHERE = -1;

    /** The same for a copy of the driver's memory. */
    static final long COPIED_ANYWHERE = -2;

    private Device device;
    private Kind kind = Kind.SINGLE;
    private long dma;
    private long phys;
    private long reached;
    private long va;
    private long size;
    private DmaDirection direction = DmaDirection.NONE;
    private int attrs;
    private long site;
    private @Nullable List<Lending> entries;
    private @Nullable Lending list;
    private boolean errorChecked;
    private boolean errorCheckedElsewhere;
    private boolean uncheckedReported;
    private Shadow.@Nullable Lease lease;
    private long freedAt;
    private boolean ended;
    private boolean endedInUse;
    private boolean leftBehind;
    private boolean internal;
    private long segmentBytes;
    private @Nullable Lending segment;
    private boolean hiddenFromDebug;

    /** Neighbours among all that are live. */
    @Nullable Lending before;

    @Nullable Lending after;

    /** Where the ledger finds it. */
    final RangeIndex.Entry<Lending> byDma = new RangeIndex.Entry<>(this);

    final RangeIndex.Entry<Lending> byPhys = new RangeIndex.Entry<>(this);
    final RangeIndex.Entry<Lending> byReached = new RangeIndex.Entry<>(this);

    /** Creates one that stands for nothing until it {@link #begin}s. */
    Lending(Device device) {
        this.device = device;
    }

    /** It stands for memory that is lent from now on; what it stood for before is forgotten. */
    void begin(
            Device borrower,
            Kind how,
            long dmaAddress,
            long physical,
            long reachedAt,
            long virtual,
            long bytes,
            DmaDirection way,
            int attributes,
            long where) {
        device = borrower;
        kind = how;
        dma = dmaAddress;
        phys = physical;
        reached = reachedAt;
        va = virtual;
        size = bytes;
        direction = way;
        attrs = attributes;
        site = where;
        if (entries != null) {
            entries.clear();
        }
        list = null;
        errorChecked = false;
        errorCheckedElsewhere = false;
        uncheckedReported = false;
        freedAt = 0;
        ended = false;
        endedInUse = false;
        leftBehind = false;
        internal = false;
        segmentBytes = bytes;
        segment = null;
        hiddenFromDebug = false;
    }

    /** Whose it is. */
    public Device device() {
        return device;
    }

    /** How it was lent. */
    public Kind kind() {
        return kind;
    }

    /** Where the device finds it. */
    public long dma() {
        return dma;
    }

    /** The physical address of the driver's memory. */
    public long phys() {
        return phys;
    }

    /**
     * The physical address at which the device's accesses end: that of the bounce buffer where
     * there is one; {@link #ANYWHERE} or {@link #COPIED_ANYWHERE} behind an IOMMU.
     */
    public long reached() {
        return reached;
    }

    /** Whether it is known where the device's accesses end. */
    boolean isSomewhere() {
        return reached != ANYWHERE && reached != COPIED_ANYWHERE;
    }

    /** Whether the device uses a copy of the driver's memory. */
    public boolean isBounced() {
        return reached != phys && reached != ANYWHERE;
    }

    /** Where the CPU finds coherent memory; 0 for mappings. */
    public long va() {
        return va;
    }

    /** Its size in bytes; of an entry of a list, that entry's. */
    public long size() {
        return size;
    }

    /** Which way the bytes go. */
    public DmaDirection direction() {
        return direction;
    }

    /** Its attributes, of {@link DmaAttrs}. */
    public int attrs() {
        return attrs;
    }

    /** Where the driver asked for it. */
    public long site() {
        return site;
    }

    /** Where it was taken back; 0 while it is live, or when nobody knows. */
    public long freedAt() {
        return freedAt;
    }

    /** Whether it was not taken back yet. */
    public boolean isLive() {
        return !ended;
    }

    /** Whether a transfer was running in it when it was taken back. */
    boolean endedInUse() {
        return endedInUse;
    }

    void endInUse() {
        endedInUse = true;
    }

    /**
     * Whether its device's driver left, which was told of, and who has it may still give it back.
     */
    boolean isLeftBehind() {
        return leftBehind;
    }

    void leftBehind(boolean value) {
        leftBehind = value;
    }

    /** Whether the kernel asked for it itself, on a driver's behalf. */
    boolean isInternal() {
        return internal;
    }

    void internal(boolean value) {
        internal = value;
    }

    void end(long where) {
        ended = true;
        freedAt = where;
    }

    /** The CPU has to keep off it until {@link #endLease}. */
    void lease(Shadow shadow) {
        Shadow.Use use = direction.isFromDevice() ? Use.DEVICE_WRITES : Use.DEVICE_READS;
        lease =
                lease == null || !lease.isEnded()
                        ? shadow.lend(phys, size, use, device.name(), site)
                        : shadow.lend(lease, phys, size, use, device.name(), site);
    }

    void hand(long offset, long bytes, boolean toCpu) {
        Shadow.Lease lent = lease;
        if (lent != null && toCpu) {
            lent.toCpu(offset, bytes);
        } else if (lent != null) {
            lent.toDevice(offset, bytes);
        }
    }

    /** The CPU may use it again; called once its caches know what the device wrote. */
    void endLease() {
        Shadow.Lease lent = lease;
        if (lent != null) {
            lent.end();
        }
        for (int i = 1; entries != null && i < entries.size(); i++) {
            entries.get(i).endLease();
        }
    }

    /** The entries of a list, this one first; empty for what is no list. */
    List<Lending> entries() {
        return entries == null ? List.of() : entries;
    }

    /** The first entry of the list this belongs to; this itself where it is no list. */
    Lending whole() {
        Lending first = list;
        return first == null ? this : first;
    }

    void addEntry(Lending entry) {
        if (entries == null) {
            entries = new ArrayList<>();
        }
        entries.add(entry);
        entry.list = this;
    }

    // What DMA_API_DEBUG knows: an entry for each segment that the device sees.

    /** The device sees this entry of a list, and maybe entries behind it, as one segment. */
    void startSegment(long bytes) {
        segmentBytes = bytes;
    }

    /** The device sees this entry of a list as a part of the segment that starts with another. */
    void joinSegment(@Nullable Lending start) {
        segment = start;
    }

    /** Where the segment starts that this is a part of; this itself where it is all of it. */
    Lending segment() {
        Lending start = segment;
        return start == null ? this : start;
    }

    /** Bytes of the segment that starts here. */
    long segmentBytes() {
        return segmentBytes;
    }

    /** Linux makes no entry for such memory. */
    void hideFromDebug() {
        hiddenFromDebug = true;
    }

    /** Whether Linux makes an entry for it. */
    boolean isDebugEntry() {
        return segment == null && !hiddenFromDebug;
    }

    boolean isErrorChecked() {
        return errorChecked;
    }

    void checkError() {
        errorChecked = true;
    }

    /** The driver asked whether mapping it failed, but named another device. */
    void checkErrorElsewhere() {
        errorCheckedElsewhere = true;
    }

    /** Whether nobody asked if mapping it failed; true once at most. */
    boolean takeUnchecked() {
        boolean isAddress = kind == Kind.SINGLE || kind == Kind.RESOURCE;
        if (errorChecked || errorCheckedElsewhere || uncheckedReported || !isAddress) {
            return false;
        }
        uncheckedReported = true;
        return true;
    }

    boolean containsDma(long address, long bytes) {
        long offset = address - dma;
        return Long.compareUnsigned(offset, size) <= 0
                && Long.compareUnsigned(bytes, size - offset) <= 0;
    }

    /** What a driver says to take it back: bytes, or entries of a list. */
    long returnSize() {
        return kind == Kind.LIST ? entries().size() : size;
    }

    String kindText() {
        return textOf(kind);
    }

    static String textOf(Kind kind) {
        return switch (kind) {
            case COHERENT -> "coherent";
            case SINGLE -> "single";
            case LIST -> "sg list";
            case RESOURCE -> "resource";
            case PAGES -> "pages";
            case LINKED -> "linked";
        };
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT, "dma:0x%x, %d bytes, %s %s", dma, size, kindText(), direction);
    }
}
