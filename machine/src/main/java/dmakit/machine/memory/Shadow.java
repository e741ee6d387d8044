package dmakit.machine.memory;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dmakit.machine.Check;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the CPU may do with each byte of RAM: one byte of shadow for every granule of 8.
 *
 * <p>Three things decide. The <em>allocation</em> layer says what is an object, a redzone, freed or
 * a free page. {@linkplain #lend Leases} say what a device has borrowed. And where a device wrote
 * under a cache line that the CPU holds, the CPU's bytes are <em>stale</em>. What comes of them is
 * a segment that another process can look at with one load per access: {@link #USABLE} is the
 * answer for a good access, and whatever is not told by a byte alone is {@link #ASK}.
 *
 * <p>Off until {@link #turnOn}; then every method does nothing and costs a test. Nothing here
 * changes a byte of RAM or a cache line.
 */
public final class Shadow {
    /** Bytes per granule. */
    public static final int GRANULE = 8;

    /** log2 of {@link #GRANULE}. */
    public static final int LG2_GRANULE = 3;

    /** Only {@link #check} can tell. Untouched RAM begins so. */
    public static final byte ASK = 0;

    /** All 8 bytes may be used; 1 to 7 stand for so many first bytes. */
    public static final byte USABLE = 8;

    /** May be used, and nobody wrote it since it was allocated. A store makes it USABLE. */
    public static final byte UNWRITTEN = 16;

    /** The CPU may load it: a device reads it. */
    public static final byte READABLE = 17;

    /** May be used past the caches; of an access through them {@link #check} knows more. */
    public static final byte STALE = 18;

    private static final byte REDZONE = 32;
    private static final byte FREED = 33;
    private static final byte FREE_PAGE = 34;

    private static final long[] NOTHING = {};
    private static final int RUN = 4096;
    private static final MemorySegment ALL_USABLE = allOf(USABLE);
    private static final MemorySegment ALL_UNWRITTEN = allOf(UNWRITTEN);
    private static final MemorySegment ALL_ASK = allOf(ASK);
    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final int LINE = Ram.LINE_BYTES;
    private static final int LG2_LINE = Ram.LG2_LINE;
    private static final int GRANULES_PER_LINE = LINE / GRANULE;

    /** Why the CPU must keep off. */
    public enum Problem {
        /** Nobody said anything about it: the page may be free, reserved, or in use. */
        UNKNOWN,
        /** It lies in the room of an object, outside of the object. */
        REDZONE,
        /** Its object was freed. */
        FREED,
        /** Its page is free. */
        FREE_PAGE,
        /** A device may write it at any time. */
        DEVICE_WRITES,
        /** A device may read it at any time, and this is a store. */
        DEVICE_READS,
        /** The CPU's copy is older than what a device wrote, and differs from it. */
        STALE
    }

    /**
     * What is wrong with an access.
     *
     * @param phys first byte that must not be used
     * @param lease the device's, where it is about one
     */
    public record Fault(Problem problem, long phys, @Nullable Lease lease) {}

    /** Hears of what goes wrong without an access of the CPU. */
    public interface Watcher {
        /**
         * The CPU's cache writes a dirty line back over bytes that a device wrote later.
         *
         * @param phys first of the device's bytes that is lost
         */
        void deviceDataLost(long phys);

        /**
         * A device reads bytes whose newer value is still in a dirty cache line.
         *
         * @param phys first of them
         * @param device that reads
         */
        void cpuDataUnseen(long phys, String device);

        /**
         * A device reads bytes that nobody wrote since they were allocated.
         *
         * @param phys first of them
         * @param device that reads
         */
        void unwrittenRead(long phys, String device);

        /**
         * A device reads bytes that were stored before it was told to, with no barrier in between.
         *
         * @param phys first byte of the store
         * @param site of the store
         * @param device that reads
         */
        void unorderedRead(long phys, long site, String device);
    }

    private final Ram ram;
    private final RangeIndex<Lease> leases = new RangeIndex<>();
    private final List<SharedSegment> shares = new ArrayList<>();
    private boolean on;
    private MemorySegment seen = MemorySegment.NULL;
    private MemorySegment allocation = MemorySegment.NULL;

    /** Of every line the bytes, one bit each, that a device wrote under the CPU's copy. */
    private MemorySegment newer = MemorySegment.NULL;

    /** Stores past the caches that no barrier came after: position, bytes and site of each. */
    private long[] unordered = NOTHING;

    private long linesWithNewer;

    /** How often what is allocated changed. */
    private long markCount;

    /** The range that was found {@link #USABLE} last, and {@link #markCount} then. */
    private long checkedOffset;

    private long checkedBytes;
    private long checkedAt = -1;
    private @Nullable Watcher watcher;

    private static MemorySegment allOf(byte granule) {
        byte[] all = new byte[RUN];
        Arrays.fill(all, granule);
        return MemorySegment.ofArray(all).asReadOnly();
    }

    Shadow(Ram ram) {
        this.ram = ram;
    }

    /** Whether anything is kept. */
    public boolean isOn() {
        return on;
    }

    /** Begins. What was allocated before is {@link Problem#UNKNOWN} until somebody says more. */
    public void turnOn() {
        if (on) {
            return;
        }
        Arena arena = ram.arena();
        seen = segment("dmakit-shadow", ram.size() >> LG2_GRANULE, arena);
        allocation = segment("dmakit-allocation", ram.size() >> LG2_GRANULE, arena);
        newer =
                ram.isCoherent()
                        ? MemorySegment.NULL
                        : segment("dmakit-newer", ram.size() >> LG2_GRANULE, arena);
        on = true;
    }

    private MemorySegment segment(String name, long bytes, Arena arena) {
        SharedSegment share = SharedSegment.create(name, bytes, arena);
        shares.add(share);
        return share.segment();
    }

    /**
     * The bytes of shadow, for a process that maps the same pages.
     *
     * @throws IllegalStateException while nothing is kept
     */
    public SharedSegment share() {
        if (!on) {
            throw new IllegalStateException("the shadow is off");
        }
        return shares.getFirst();
    }

    /** Sets who hears of what goes wrong. */
    public void watcher(@Nullable Watcher chosen) {
        watcher = chosen;
    }

    void close() {
        shares.forEach(SharedSegment::close);
    }

    // Allocations.

    /**
     * An object came into being.
     *
     * @param phys of its first byte, a multiple of {@link #GRANULE}
     * @param bytes of the object
     * @param room bytes from its start that belong to it and nobody else, a multiple of {@link
     *     #GRANULE}; those behind the object must not be used
     * @param written whether somebody filled it already
     */
    public void allocated(long phys, long bytes, long room, boolean written) {
        long offset = on ? ram.offsetOf(phys, room) : Ram.NOT_RAM;
        if (offset == Ram.NOT_RAM) {
            return;
        }
        forgetNewer(offset, room);
        long first = offset >> LG2_GRANULE;
        long whole = first + (bytes >> LG2_GRANULE);
        long end = first + (room >> LG2_GRANULE);
        mark(first, whole, written ? USABLE : UNWRITTEN);
        if ((bytes & (GRANULE - 1)) != 0) {
            mark(whole, whole + 1, (byte) (bytes & (GRANULE - 1)));
            whole++;
        }
        mark(whole, end, REDZONE);
        overlay(first, end);
    }

    /** An object was freed, and its memory is not given to anybody else yet. */
    public void freed(long phys, long room) {
        forbid(phys, room, FREED);
    }

    /** Memory that belongs to an allocator and is no object, or not any more. */
    public void unused(long phys, long bytes) {
        forbid(phys, bytes, REDZONE);
    }

    /** Pages became free. */
    public void pagesFreed(long phys, long bytes) {
        forbid(phys, bytes, FREE_PAGE);
    }

    /**
     * Memory of which nothing was known turned out to be in use: from now on all of it may be used.
     *
     * @param phys a multiple of {@link #GRANULE}, as is {@code bytes}
     */
    public void known(long phys, long bytes) {
        long offset = on ? ram.offsetOf(phys, bytes) : Ram.NOT_RAM;
        if (offset == Ram.NOT_RAM) {
            return;
        }
        long first = offset >> LG2_GRANULE;
        long end = (offset + bytes) >> LG2_GRANULE;
        for (long at = first; at < end; at++) {
            if (allocation.get(JAVA_BYTE, at) == ASK) {
                allocation.set(JAVA_BYTE, at, USABLE);
            }
        }
        refresh(first, end);
    }

    /** Somebody wrote the bytes in a way that nothing here hears of. */
    public void written(long phys, long bytes) {
        long offset = on ? ram.offsetOf(phys, bytes) : Ram.NOT_RAM;
        if (offset != Ram.NOT_RAM) {
            stored(offset, bytes);
        }
    }

    private void forbid(long phys, long bytes, byte kind) {
        long offset = on ? ram.offsetOf(phys, bytes) : Ram.NOT_RAM;
        if (offset == Ram.NOT_RAM) {
            return;
        }
        forgetNewer(offset, bytes);
        long first = offset >> LG2_GRANULE;
        long end = (offset + bytes) >> LG2_GRANULE;
        mark(first, end, kind);
        overlay(first, end);
    }

    private void mark(long first, long end, byte value) {
        markCount++;
        CpuView.fillBytes(allocation, first, end, value);
        CpuView.fillBytes(seen, first, end, value);
    }

    // Leases.

    /** What a device may do with borrowed memory. */
    public enum Use {
        /** Only read it: the CPU may load it, too. */
        DEVICE_READS,
        /** Write it: the CPU must keep off. */
        DEVICE_WRITES
    }

    /**
     * Lends memory to a device: all of it is the device's until it is handed back.
     *
     * @param phys first byte; where the range is not RAM the lease has no effect
     * @param bytes at least 1
     * @param device that borrows it
     * @param site where the driver did so
     */
    public Lease lend(long phys, long bytes, Use use, String device, long site) {
        return lend(new Lease(), phys, bytes, use, device, site);
    }

    /**
     * As {@link #lend(long, long, Use, String, long)}, by a lease that has ended: nothing is
     * allocated.
     */
    public Lease lend(Lease ended, long phys, long bytes, Use use, String device, long site) {
        Check.argument(ended.isEnded(), "a lease that has not ended: %s", ended);
        ended.phys = phys;
        ended.bytes = bytes;
        ended.use = use;
        ended.device = device;
        ended.site = site;
        if (on && bytes > 0) {
            ended.offset = ram.offsetOf(phys, bytes);
        }
        if (ended.offset != Ram.NOT_RAM) {
            long start = ended.offset & -GRANULE;
            long end = (ended.offset + bytes + GRANULE - 1) & -GRANULE;
            boolean alone = !leases.isTouched(start, end - start, false);
            leases.add(ended.entry, ended.offset, bytes, false);
            ended.lendAll(alone);
        }
        return ended;
    }

    /** Every lease with a part of a range in its device's hands, oldest of each address last. */
    public List<Lease> leasesOf(long phys, long bytes) {
        long offset = on && bytes > 0 ? ram.offsetOf(phys, bytes) : Ram.NOT_RAM;
        return offset == Ram.NOT_RAM ? List.of() : leasesAt(offset, bytes);
    }

    private List<Lease> leasesAt(long offset, long bytes) {
        if (!leases.isTouched(offset, bytes, false)) {
            return List.of();
        }
        List<Lease> found = leases.overlapping(offset, bytes);
        found.removeIf(lease -> !lease.holds(offset, bytes));
        return found;
    }

    /** Memory that a device has borrowed. Parts of it go to the CPU and come back. */
    public final class Lease {
        private final RangeIndex.Entry<Lease> entry = new RangeIndex.Entry<>(this);
        private long phys;
        private long bytes;
        private Use use = Use.DEVICE_READS;
        private String device = "";
        private long site;
        private long offset = Ram.NOT_RAM;

        /** What the device holds now: starts and ends, ascending and apart, from the start. */
        private long[] held = new long[2];

        private int heldCount;

        /** {@link #markCount} when all of it was {@link #USABLE}; -1 when some was not. */
        private long usableSince = -1;

        private Lease() {}

        /** Its first byte. */
        public long phys() {
            return phys;
        }

        /** Its length. */
        public long bytes() {
            return bytes;
        }

        /** What the device may do. */
        public Use use() {
            return use;
        }

        /** Who borrowed it. */
        public String device() {
            return device;
        }

        /** Where the driver lent it. */
        public long site() {
            return site;
        }

        /** The device holds a part from now on; what lies outside of the lease is left alone. */
        public void toDevice(long from, long length) {
            change(from, length, true);
        }

        /** The CPU may use a part from now on; what lies outside of the lease is left alone. */
        public void toCpu(long from, long length) {
            change(from, length, false);
        }

        /** Whether it stands for no memory: it was ended, or had no RAM. */
        public boolean isEnded() {
            return offset == Ram.NOT_RAM;
        }

        /** Ends the lease; ending it again does nothing. */
        public void end() {
            if (offset == Ram.NOT_RAM) {
                return;
            }
            leases.remove(entry);
            heldCount = 0;
            long first = offset >> LG2_GRANULE;
            long end = ((offset + bytes - 1) >> LG2_GRANULE) + 1;
            offset = Ram.NOT_RAM;
            if (usableSince == markCount) {
                CpuView.fillBytes(seen, first, end, USABLE);
                Shadow.this.overlay(first, end);
            } else {
                refresh(first, end);
            }
        }

        /**
         * The device holds all of it.
         *
         * @param alone whether no other lease is near
         */
        private void lendAll(boolean alone) {
            held[0] = 0;
            held[1] = bytes;
            heldCount = 1;
            long first = offset >> LG2_GRANULE;
            long end = ((offset + bytes - 1) >> LG2_GRANULE) + 1;
            boolean checked =
                    offset == checkedOffset && bytes == checkedBytes && markCount == checkedAt;
            usableSince = checked || firstUnusable(first, end) == end ? markCount : -1;
            if (alone && linesWithNewer == 0) {
                if (usableSince < 0) {
                    syncWritten(first, end);
                }
                overlay(first, end);
            } else {
                refresh(first, end);
            }
        }

        private void change(long from, long length, boolean toDevice) {
            long start = Math.max(0, from);
            long end = Math.min(bytes, from + length);
            if (offset == Ram.NOT_RAM || start >= end) {
                return;
            }
            if (toDevice) {
                add(start, end);
            } else {
                take(start, end);
            }
            refresh((offset + start) >> LG2_GRANULE, ((offset + end - 1) >> LG2_GRANULE) + 1);
        }

        private void add(long start, long end) {
            long from = start;
            long to = end;
            long[] after = new long[2 * heldCount + 2];
            int count = 0;
            int i = 0;
            for (; i < heldCount && held[2 * i + 1] < from; i++) {
                after[2 * count] = held[2 * i];
                after[2 * count++ + 1] = held[2 * i + 1];
            }
            for (; i < heldCount && held[2 * i] <= to; i++) {
                from = Math.min(from, held[2 * i]);
                to = Math.max(to, held[2 * i + 1]);
            }
            after[2 * count] = from;
            after[2 * count++ + 1] = to;
            for (; i < heldCount; i++) {
                after[2 * count] = held[2 * i];
                after[2 * count++ + 1] = held[2 * i + 1];
            }
            held = after;
            heldCount = count;
        }

        private void take(long start, long end) {
            long[] after = new long[2 * heldCount + 2];
            int count = 0;
            for (int i = 0; i < heldCount; i++) {
                if (held[2 * i] < Math.min(start, held[2 * i + 1])) {
                    after[2 * count] = held[2 * i];
                    after[2 * count++ + 1] = Math.min(start, held[2 * i + 1]);
                }
                if (held[2 * i + 1] > Math.max(end, held[2 * i])) {
                    after[2 * count] = Math.max(end, held[2 * i]);
                    after[2 * count++ + 1] = held[2 * i + 1];
                }
            }
            held = after;
            heldCount = count;
        }

        private boolean holds(long at, long length) {
            for (int i = 0; i < heldCount; i++) {
                if (offset + held[2 * i] < at + length && offset + held[2 * i + 1] > at) {
                    return true;
                }
            }
            return false;
        }

        private void overlay(long firstGranule, long endGranule) {
            for (int i = 0; i < heldCount; i++) {
                long start = offset + held[2 * i];
                long end = offset + held[2 * i + 1];
                long first = Math.max(firstGranule, start >> LG2_GRANULE);
                long last = Math.min(endGranule, ((end - 1) >> LG2_GRANULE) + 1);
                if (use == Use.DEVICE_WRITES) {
                    if (first < last) {
                        CpuView.fillBytes(seen, first, last, ASK);
                    }
                    continue;
                }
                for (long at = first; at < last; at++) {
                    if (at + Long.BYTES <= last
                            && at << LG2_GRANULE >= start
                            && (at + Long.BYTES) << LG2_GRANULE <= end
                            && isPlain(allocation.get(CpuView.LONG, at))) {
                        seen.set(CpuView.LONG, at, READABLE * ONES);
                        at += Long.BYTES - 1;
                        continue;
                    }
                    boolean whole = at << LG2_GRANULE >= start && (at + 1) << LG2_GRANULE <= end;
                    byte below = allocation.get(JAVA_BYTE, at);
                    boolean plain = below == USABLE || below == UNWRITTEN;
                    seen.set(JAVA_BYTE, at, whole && plain ? READABLE : ASK);
                }
            }
        }
    }

    /** Whether eight granules are of one object each, all written or all not. */
    private static boolean isPlain(long granules) {
        return granules == USABLE * ONES || granules == UNWRITTEN * ONES;
    }

    // Accesses of the CPU.

    /**
     * Says what is wrong with an access.
     *
     * @return the first byte's problem; null when all is well
     */
    public @Nullable Fault check(long phys, long bytes, boolean write) {
        long offset = on && bytes > 0 ? ram.offsetOf(phys, bytes) : Ram.NOT_RAM;
        if (offset == Ram.NOT_RAM) {
            return null;
        }
        Fault fault = checkAllocation(phys, offset, bytes);
        if (fault == null) {
            fault = checkLeases(phys, offset, bytes, write);
        }
        return fault == null && !write ? checkStale(phys, offset, bytes) : fault;
    }

    /** A byte as the CPU's copy has it, 0 to 255; RAM's where it has none. */
    public int cachedByte(long phys) {
        return ram.cpu.get(JAVA_BYTE, ram.offsetOf(phys)) & 0xff;
    }

    /** A byte as RAM has it, 0 to 255. */
    public int memoryByte(long phys) {
        return ram.dram.get(JAVA_BYTE, ram.offsetOf(phys)) & 0xff;
    }

    private @Nullable Fault checkAllocation(long phys, long offset, long bytes) {
        long end = offset + bytes;
        long granules = ((end - 1) >> LG2_GRANULE) + 1;
        long usable = firstUnusable(offset >> LG2_GRANULE, granules) << LG2_GRANULE;
        if (usable >= end) {
            checkedOffset = offset;
            checkedBytes = bytes;
            checkedAt = markCount;
            return null;
        }
        for (long at = Math.max(offset, usable); at < end; at = (at | (GRANULE - 1)) + 1) {
            byte state = allocation.get(JAVA_BYTE, at >> LG2_GRANULE);
            if (state == USABLE || state == UNWRITTEN) {
                MemorySegment same = state == USABLE ? ALL_USABLE : ALL_UNWRITTEN;
                at = (endOfRun(allocation, same, at >> LG2_GRANULE, granules) << LG2_GRANULE) - 1;
                continue;
            }
            long bad = at;
            Problem problem;
            if (state > ASK && state < USABLE) {
                bad = Math.max(at, (at & -GRANULE) + state);
                if (bad >= end) {
                    break;
                }
                problem = Problem.REDZONE;
            } else {
                problem =
                        switch (state) {
                            case REDZONE -> Problem.REDZONE;
                            case FREED -> Problem.FREED;
                            case FREE_PAGE -> Problem.FREE_PAGE;
                            default -> Problem.UNKNOWN;
                        };
            }
            return new Fault(problem, phys + (bad - offset), null);
        }
        return null;
    }

    private @Nullable Fault checkLeases(long phys, long offset, long bytes, boolean write) {
        Fault fault = null;
        for (Lease lease : leasesAt(offset, bytes)) {
            if (lease.use == Use.DEVICE_WRITES || write) {
                long start = lease.offset;
                for (int i = 0; i < lease.heldCount; i++) {
                    if (start + lease.held[2 * i + 1] > offset) {
                        long first = Math.max(0, start + lease.held[2 * i] - offset);
                        Problem problem =
                                lease.use == Use.DEVICE_WRITES
                                        ? Problem.DEVICE_WRITES
                                        : Problem.DEVICE_READS;
                        if (fault == null || phys + first < fault.phys) {
                            fault = new Fault(problem, phys + first, lease);
                        }
                        break;
                    }
                }
            }
        }
        return fault;
    }

    private @Nullable Fault checkStale(long phys, long offset, long bytes) {
        if (linesWithNewer == 0) {
            return null;
        }
        long last = offset + bytes - 1;
        for (long line = offset >> LG2_LINE; line <= last >> LG2_LINE; line++) {
            long start = line << LG2_LINE;
            long bad = firstDifference(line, newerIn(line) & maskOf(line, offset, bytes));
            if (bad >= 0) {
                List<Lease> lent = leasesAt(start + bad, 1);
                return new Fault(
                        Problem.STALE,
                        phys + (start + bad - offset),
                        lent.isEmpty() ? null : lent.getFirst());
            }
        }
        return null;
    }

    /** The CPU stored bytes: they are written, and no device's are newer. */
    void stored(long offset, long bytes) {
        if (bytes <= 0) {
            return;
        }
        long first = offset >> LG2_GRANULE;
        long end = ((offset + bytes - 1) >> LG2_GRANULE) + 1;
        notNewer(offset, bytes, becomeWritten(first, end));
    }

    /** No device's bytes are newer; puts the layers together if that or something else changed. */
    private void notNewer(long offset, long bytes, boolean otherwiseChanged) {
        boolean changed = otherwiseChanged;
        if (linesWithNewer > 0) {
            long last = (offset + bytes - 1) >> LG2_LINE;
            for (long line = offset >> LG2_LINE; line <= last; line++) {
                long before = newerIn(line);
                long after = before & ~maskOf(line, offset, bytes);
                if (after != before) {
                    setNewer(line, before, after);
                    changed = true;
                }
            }
        }
        if (changed) {
            long first = offset >> LG2_GRANULE;
            long end = ((offset + bytes - 1) >> LG2_GRANULE) + 1;
            refresh(first & -GRANULES_PER_LINE, (end + GRANULES_PER_LINE - 1) & -GRANULES_PER_LINE);
        }
    }

    /**
     * The CPU copied bytes: what nobody wrote is unwritten in the copy, too, and no device's bytes
     * are newer. A granule that was written, and keeps some bytes, stays written.
     */
    void copied(long from, long to, long bytes) {
        if (bytes <= 0 || Math.abs(from - to) < bytes) {
            stored(to, bytes);
            return;
        }
        long first = to >> LG2_GRANULE;
        long end = ((to + bytes - 1) >> LG2_GRANULE) + 1;
        syncWritten(from >> LG2_GRANULE, ((from + bytes - 1) >> LG2_GRANULE) + 1);
        syncWritten(first, end);
        boolean changed = false;
        for (long at = first; at < end; at++) {
            byte before = allocation.get(JAVA_BYTE, at);
            long start = Math.max(to, at << LG2_GRANULE);
            long last = Math.min(to + bytes, (at + 1) << LG2_GRANULE) - 1;
            boolean whole = last - start == GRANULE - 1;
            boolean unwritten =
                    allocation.get(JAVA_BYTE, (start - to + from) >> LG2_GRANULE) == UNWRITTEN
                            && allocation.get(JAVA_BYTE, (last - to + from) >> LG2_GRANULE)
                                    == UNWRITTEN;
            if (unwritten && (before == ASK || (before == USABLE && whole))) {
                mark(at, at + 1, UNWRITTEN);
                changed = true;
            } else if (!unwritten && before == UNWRITTEN) {
                mark(at, at + 1, USABLE);
                changed = true;
            }
        }
        notNewer(to, bytes, changed);
    }

    private boolean becomeWritten(long first, long end) {
        boolean changed = false;
        for (long at = firstUnusable(first, end); at < end; at++) {
            if (allocation.get(JAVA_BYTE, at) == UNWRITTEN) {
                allocation.set(JAVA_BYTE, at, USABLE);
                changed = true;
            }
        }
        return changed;
    }

    // Devices and cache lines.

    /**
     * A device is about to write.
     *
     * @param pastCaches whether the CPU's copies of the lines stay as they are
     */
    void deviceWrites(long offset, long bytes, boolean pastCaches) {
        if (bytes <= 0) {
            return;
        }
        long first = offset >> LG2_GRANULE;
        long end = ((offset + bytes - 1) >> LG2_GRANULE) + 1;
        syncWritten(first, end);
        if (becomeWritten(first, end)) {
            refresh(first, end);
        }
        if (!pastCaches || ram.isCoherent()) {
            return;
        }
        long last = (offset + bytes - 1) >> LG2_LINE;
        for (long line = offset >> LG2_LINE; line <= last; ) {
            if ((line & (Long.BYTES - 1)) == 0
                    && line + Long.BYTES - 1 <= last
                    && ram.lines.get(CpuView.LONG, line) == 0) {
                line += Long.BYTES;
                continue;
            }
            if (ram.lines.get(JAVA_BYTE, line) != Ram.INVALID) {
                long before = newerIn(line);
                setNewer(line, before, before | maskOf(line, offset, bytes));
                refreshLine(line);
            }
            line++;
        }
    }

    /** A device is about to read. */
    void deviceReads(long offset, long bytes, boolean pastCaches, String device) {
        Watcher hears = watcher;
        if (bytes <= 0 || hears == null) {
            return;
        }
        long first = offset >> LG2_GRANULE;
        long end = ((offset + bytes - 1) >> LG2_GRANULE) + 1;
        syncWritten(first, end);
        for (long at = firstUnusable(first, end); at < end; at++) {
            if (allocation.get(JAVA_BYTE, at) == UNWRITTEN) {
                hears.unwrittenRead(ram.physOf(Math.max(offset, at << LG2_GRANULE)), device);
                break;
            }
        }
        if (unordered.length > 0) {
            reportUnordered(offset, bytes, device, hears);
        }
        if (pastCaches && !ram.isCoherent()) {
            long unseen = firstUnseen(offset, bytes);
            if (unseen >= 0) {
                hears.cpuDataUnseen(ram.physOf(unseen), device);
            }
        }
    }

    private long firstUnseen(long offset, long bytes) {
        long last = (offset + bytes - 1) >> LG2_LINE;
        for (long line = offset >> LG2_LINE; line <= last; line++) {
            if (ram.lines.get(JAVA_BYTE, line) == Ram.DIRTY) {
                long bad = firstDifference(line, ~newerIn(line) & maskOf(line, offset, bytes));
                if (bad >= 0) {
                    return (line << LG2_LINE) + bad;
                }
            }
        }
        return -1;
    }

    /** Dirty lines are about to be written to RAM. */
    void writesBack(long firstLine, long lastLine) {
        if (linesWithNewer == 0) {
            return;
        }
        for (long line = firstLine; line <= lastLine; line++) {
            long mask = newerIn(line);
            if (mask == 0) {
                continue;
            }
            long bad = firstDifference(line, mask);
            Watcher hears = watcher;
            if (bad >= 0 && hears != null) {
                hears.deviceDataLost(ram.physOf((line << LG2_LINE) + bad));
            }
            forgetNewer(line);
        }
    }

    /** The CPU gave up its copies of lines. */
    void dropped(long firstLine, long lastLine) {
        if (linesWithNewer > 0) {
            for (long line = firstLine; line <= lastLine; line++) {
                if (newerIn(line) != 0) {
                    forgetNewer(line);
                }
            }
        }
    }

    /** What the new owner of memory finds there does not matter. */
    private void forgetNewer(long offset, long bytes) {
        if (linesWithNewer == 0 || bytes <= 0) {
            return;
        }
        long last = (offset + bytes - 1) >> LG2_LINE;
        for (long line = offset >> LG2_LINE; line <= last; line++) {
            long before = newerIn(line);
            long after = before & ~maskOf(line, offset, bytes);
            if (after != before) {
                setNewer(line, before, after);
                refreshLine(line);
            }
        }
    }

    private void forgetNewer(long line) {
        setNewer(line, newerIn(line), 0);
        refreshLine(line);
    }

    private void refreshLine(long line) {
        long granule = line << (LG2_LINE - LG2_GRANULE);
        refresh(granule, granule + GRANULES_PER_LINE);
    }

    private long newerIn(long line) {
        return newer.get(CpuView.LONG, line << LG2_GRANULE);
    }

    private void setNewer(long line, long before, long after) {
        newer.set(CpuView.LONG, line << LG2_GRANULE, after);
        linesWithNewer += (after == 0 ? 0 : 1) - (before == 0 ? 0 : 1);
    }

    /** The bytes of a line that a range covers, one bit each. */
    private static long maskOf(long line, long offset, long bytes) {
        long start = line << LG2_LINE;
        long from = Math.max(0, offset - start);
        long to = Math.min(LINE, offset + bytes - start);
        return (-1L >>> (LINE - (to - from))) << from;
    }

    /** The first byte of a mask at which the CPU's copy and RAM differ, or -1. */
    private long firstDifference(long line, long mask) {
        long start = line << LG2_LINE;
        for (long left = mask; left != 0; left &= left - 1) {
            int at = Long.numberOfTrailingZeros(left);
            if (ram.cpu.get(JAVA_BYTE, start + at) != ram.dram.get(JAVA_BYTE, start + at)) {
                return at;
            }
        }
        return -1;
    }

    // Order.

    /** Stores that may reach RAM after the device is told to look. */
    public static final int UNORDERED_MAX = 64;

    /**
     * The CPU stored past its caches, and then told a device to begin, without a barrier.
     *
     * @param site of the store; the oldest of more than {@value #UNORDERED_MAX} are forgotten
     */
    public void unordered(long phys, long bytes, long site) {
        long offset = on ? ram.offsetOf(phys, bytes) : Ram.NOT_RAM;
        if (offset == Ram.NOT_RAM) {
            return;
        }
        int keep = Math.min(unordered.length, 3 * (UNORDERED_MAX - 1));
        long[] more = new long[keep + 3];
        System.arraycopy(unordered, unordered.length - keep, more, 0, keep);
        more[keep] = offset;
        more[keep + 1] = bytes;
        more[keep + 2] = site;
        unordered = more;
    }

    /** A barrier: all stores before it have reached RAM. */
    public void ordered() {
        unordered = NOTHING;
    }

    private void reportUnordered(long offset, long bytes, String device, Watcher hears) {
        for (int i = 0; i < unordered.length; i += 3) {
            if (unordered[i] < offset + bytes && unordered[i] + unordered[i + 1] > offset) {
                hears.unorderedRead(ram.physOf(unordered[i]), unordered[i + 2], device);
                unordered = NOTHING;
                return;
            }
        }
    }

    // Putting the layers together.

    /** The first granule of a range that is not {@link #USABLE} as a whole; or its end. */
    private long firstUnusable(long first, long end) {
        return endOfRun(allocation, ALL_USABLE, first, end);
    }

    /** The first granule of a range that is other than a pattern; or its end. */
    private static long endOfRun(MemorySegment of, MemorySegment pattern, long first, long end) {
        for (long at = first; at < end; at += RUN) {
            long stop = Math.min(end, at + RUN);
            long other = MemorySegment.mismatch(of, at, stop, pattern, 0, stop - at);
            if (other >= 0) {
                return at + other;
            }
        }
        return end;
    }

    /** Granules that C code wrote are told by what is seen; where that is covered, by stores. */
    private void syncWritten(long first, long end) {
        for (long at = first; at < end; ) {
            switch (allocation.get(JAVA_BYTE, at)) {
                case USABLE -> at = endOfRun(allocation, ALL_USABLE, at, end);
                case ASK -> at = endOfRun(allocation, ALL_ASK, at, end);
                case UNWRITTEN -> {
                    long stop = endOfRun(allocation, ALL_UNWRITTEN, at, end);
                    if (endOfRun(seen, ALL_UNWRITTEN, at, stop) < stop) {
                        syncUnwritten(at, stop);
                    }
                    at = stop;
                }
                default -> at++;
            }
        }
    }

    private void syncUnwritten(long first, long end) {
        for (long at = first; at < end; at++) {
            if (seen.get(JAVA_BYTE, at) == USABLE) {
                allocation.set(JAVA_BYTE, at, USABLE);
            }
        }
    }

    private void refresh(long first, long end) {
        syncWritten(first, end);
        MemorySegment.copy(allocation, first, seen, first, end - first);
        overlay(first, end);
    }

    private void overlay(long first, long end) {
        long offset = first << LG2_GRANULE;
        long bytes = (end - first) << LG2_GRANULE;
        if (leases.count() > 0) {
            List<Lease> lent = leasesAt(offset, bytes);
            for (Lease lease : lent) {
                if (lease.use == Use.DEVICE_READS) {
                    lease.overlay(first, end);
                }
            }
            for (Lease lease : lent) {
                if (lease.use == Use.DEVICE_WRITES) {
                    lease.overlay(first, end);
                }
            }
        }
        if (linesWithNewer > 0) {
            long last = (end - 1) >> (LG2_LINE - LG2_GRANULE);
            for (long line = first >> (LG2_LINE - LG2_GRANULE); line <= last; line++) {
                if (newerIn(line) != 0) {
                    long granule = line << (LG2_LINE - LG2_GRANULE);
                    long stop = Math.min(end, granule + GRANULES_PER_LINE);
                    for (long at = Math.max(first, granule); at < stop; at++) {
                        boolean plain = seen.get(JAVA_BYTE, at) == USABLE;
                        seen.set(JAVA_BYTE, at, plain ? STALE : ASK);
                    }
                }
            }
        }
    }
}
