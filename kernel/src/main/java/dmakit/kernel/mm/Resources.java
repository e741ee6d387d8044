package dmakit.kernel.mm;

import dmakit.kernel.Calls;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Who claims which physical addresses: the tree behind {@code /proc/iomem}. */
@Linux(file = "kernel/resource.c", symbol = "iomem_resource")
public final class Resources {
    /** Resources there may be at the same time. */
    public static final int COUNT_MAX = 65_536;

    private static final class Entry {
        private final String name;
        private final long start;
        private final long last;
        private final boolean busy;
        private final TreeMap<Long, Entry> children = new TreeMap<>(Long::compareUnsigned);

        Entry(String name, long start, long last, boolean busy) {
            this.name = name;
            this.start = start;
            this.last = last;
            this.busy = busy;
        }

        boolean holds(long from, long to) {
            return Long.compareUnsigned(from, start) >= 0 && Long.compareUnsigned(to, last) <= 0;
        }
    }

    private final Calls calls;
    private final Entry root = new Entry("iomem", 0, -1, false);
    private int count;

    /** Nothing is claimed. */
    public Resources(Calls calls) {
        this.calls = calls;
    }

    /** Claims RAM, the kernel's image and what is reserved in it, as a booting kernel does. */
    public void claimMemory(Memblock memblock) {
        for (RangeSet.Range range : memblock.systemRam()) {
            insert(root, new Entry("System RAM", range.start(), range.end() - 1, true));
        }
        RangeSet anonymous = new RangeSet();
        for (Memblock.Reservation part : memblock.reservations()) {
            if (part.name().equals(Memblock.RESERVED)) {
                anonymous.add(part.start(), part.end());
            } else {
                claimPart(part.name(), part.start(), part.end() - 1);
            }
        }
        for (RangeSet.Range part : anonymous.ranges()) {
            for (RangeSet.Range memory : memblock.systemRam()) {
                long start = Math.max(part.start(), memory.start());
                long end = Math.min(part.end(), memory.end());
                if (start < end) {
                    claimPart(Memblock.RESERVED, start, end - 1);
                    anonymous.remove(start, end);
                }
            }
        }
        for (RangeSet.Range outside : anonymous.ranges()) {
            claimPart(Memblock.RESERVED, outside.start(), outside.end() - 1);
        }
    }

    /** What overlaps another claim is left out. */
    private void claimPart(String name, long start, long last) {
        Entry outer = overlapping(root, start, last);
        if (outer == null) {
            insert(root, new Entry(name, start, last, true));
        } else if (outer.holds(start, last) && overlapping(outer, start, last) == null) {
            insert(outer, new Entry(name, start, last, true));
        }
    }

    /**
     * Claims a range of registers.
     *
     * @param start first physical address
     * @param size in bytes, at least 1
     * @throws KernelException EBUSY when somebody claims part of it, EINVAL when it is empty or
     *     leaves the address space, ENOSPC behind {@link #COUNT_MAX} claims
     */
    @Linux(file = "include/linux/ioport.h", symbol = "request_mem_region")
    public void request(long start, long size, String name) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("request_mem_region", "0x%x, 0x%x, %s".formatted(start, size, name));
        }
        add(start, size, name, true);
    }

    /**
     * Notes what lies behind a range without using it, as a bus does with its windows: others may
     * claim parts of it.
     *
     * @throws KernelException as {@link #request}
     */
    @Linux(file = "kernel/resource.c", symbol = "request_resource")
    public void reserve(long start, long size, String name) {
        add(start, size, name, false);
    }

    private void add(long start, long size, String name, boolean busy) {
        long last = start + size - 1;
        if (size == 0 || Long.compareUnsigned(last, start) < 0) {
            throw new KernelException(
                    Errno.EINVAL, "phys:0x%x with 0x%x bytes is no range", start, size);
        }
        if (count == COUNT_MAX) {
            throw new KernelException(Errno.ENOSPC, "more than %d resources", COUNT_MAX);
        }
        Entry parent = root;
        Entry conflict = overlapping(root, start, last);
        while (conflict != null && !conflict.busy && conflict.holds(start, last)) {
            parent = conflict;
            conflict = overlapping(parent, start, last);
        }
        if (conflict != null) {
            throw new KernelException(
                    Errno.EBUSY,
                    "%s wants phys:0x%x-0x%x; %s has phys:0x%x-0x%x",
                    name,
                    start,
                    last,
                    conflict.name,
                    conflict.start,
                    conflict.last);
        }
        insert(parent, new Entry(name, start, last, busy));
    }

    /**
     * Gives a claim up.
     *
     * @throws IllegalArgumentException when exactly this range is not claimed
     */
    @Linux(file = "include/linux/ioport.h", symbol = "release_mem_region")
    public void release(long start, long size) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("release_mem_region", "0x%x, 0x%x".formatted(start, size));
        }
        if (!remove(start, start + size - 1, true)) {
            throw new IllegalArgumentException(
                    "Trying to free nonexistent resource <%016x-%016x>"
                            .formatted(start, start + size - 1));
        }
    }

    /** Forgets what {@link #reserve} noted, unless somebody claims part of it. */
    @Linux(file = "kernel/resource.c", symbol = "release_resource")
    public void unreserve(long start, long size) {
        remove(start, start + size - 1, false);
    }

    /** Takes the innermost entry of exactly this range away. */
    private boolean remove(long start, long last, boolean busy) {
        Entry parent = root;
        Entry holder = null;
        for (Entry at = childAt(root, start);
                at != null && at.holds(start, last);
                at = childAt(at, start)) {
            if (at.busy == busy && at.start == start && at.last == last && at.children.isEmpty()) {
                holder = parent;
            }
            parent = at;
        }
        if (holder == null) {
            return false;
        }
        holder.children.remove(start);
        count--;
        return true;
    }

    /** The text of {@code /proc/iomem}. */
    @Linux(file = "kernel/resource.c", symbol = "iomem_show")
    public String iomem() {
        StringBuilder text = new StringBuilder();
        write(root, 0, "%08x-%08x : %s\n", text);
        return text.toString();
    }

    /** The text of {@code /proc/ioports}, where these are claims of ports. */
    @Linux(file = "kernel/resource.c", symbol = "ioports_show")
    public String ioports() {
        StringBuilder text = new StringBuilder();
        write(root, 0, "%04x-%04x : %s\n", text);
        return text.toString();
    }

    private static void write(Entry parent, int depth, String format, StringBuilder text) {
        for (Entry entry : parent.children.values()) {
            text.append("  ".repeat(depth));
            text.append(String.format(Locale.ROOT, format, entry.start, entry.last, entry.name));
            write(entry, depth + 1, format, text);
        }
    }

    private void insert(Entry parent, Entry entry) {
        parent.children.put(entry.start, entry);
        count++;
    }

    private static @Nullable Entry childAt(Entry parent, long address) {
        Map.Entry<Long, Entry> below = parent.children.floorEntry(address);
        return below != null && below.getValue().holds(address, address) ? below.getValue() : null;
    }

    private static @Nullable Entry overlapping(Entry parent, long start, long last) {
        Map.Entry<Long, Entry> below = parent.children.floorEntry(last);
        return below != null && Long.compareUnsigned(below.getValue().last, start) >= 0
                ? below.getValue()
                : null;
    }
}
