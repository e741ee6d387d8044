package dmakit.machine.cpu;

import dmakit.machine.Check;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which physical page a virtual page of one area reaches, and how. */
public final class PageTable {
    /** What {@link #entryOf} answers where nothing is mapped. */
    public static final long UNMAPPED = 0;

    private static final int LG2_LEAF = 12;
    private static final int LEAF_ENTRIES = 1 << LG2_LEAF;
    private static final long VALID = 1;
    private static final int TYPE_SHIFT = 1;
    private static final long TYPE_MASK = 3;

    private final long base;
    private final long size;
    private final long[] @Nullable [] leaves;
    private final List<Observer> observers = new ArrayList<>();

    /** Who keeps a copy of the table, such as a process that maps the same pages. */
    public interface Observer {
        /**
         * Pages were mapped.
         *
         * @param va first virtual address, page aligned
         * @param phys first physical address, page aligned
         * @param bytes a multiple of the page size
         */
        void mapped(long va, long phys, long bytes, MemoryType type);

        /** Pages are not mapped any more; some of them may not have been before. */
        void unmapped(long va, long bytes);
    }

    /**
     * Creates an empty table.
     *
     * @param base first virtual address of the area, page aligned
     * @param size of the area in bytes, a multiple of 16 MiB
     */
    public PageTable(long base, long size) {
        Check.argument(
                size % ((long) LEAF_ENTRIES << AddressLayout.LG2_PAGE) == 0,
                "area of 0x%x bytes is no multiple of 16 MiB",
                size);
        this.base = base;
        this.size = size;
        leaves = new long[(int) (size >> (LG2_LEAF + AddressLayout.LG2_PAGE))][];
    }

    /** Tells an observer of every page mapped now, in ascending order, and of every change. */
    public void observe(Observer observer) {
        for (int top = 0; top < leaves.length; top++) {
            long[] leaf = leaves[top];
            if (leaf != null) {
                tellOfLeaf(
                        base + ((long) top << (LG2_LEAF + AddressLayout.LG2_PAGE)), leaf, observer);
            }
        }
        observers.add(observer);
    }

    /** Tells an observer no more; one that never observed stays so. */
    public void forget(Observer observer) {
        observers.remove(observer);
    }

    /** Pages that follow each other in both spaces are told as one run. */
    private static void tellOfLeaf(long va, long[] leaf, Observer observer) {
        int start = 0;
        while (start < LEAF_ENTRIES) {
            long entry = leaf[start];
            int end = start + 1;
            if (entry != UNMAPPED) {
                while (end < LEAF_ENTRIES
                        && leaf[end] == entry + ((long) (end - start) << AddressLayout.LG2_PAGE)) {
                    end++;
                }
                observer.mapped(
                        va + ((long) start << AddressLayout.LG2_PAGE),
                        physOf(entry, 0),
                        (long) (end - start) << AddressLayout.LG2_PAGE,
                        typeOf(entry));
            }
            start = end;
        }
    }

    /**
     * Maps whole pages.
     *
     * @param va first virtual address, page aligned, in the area
     * @param phys first physical address, page aligned
     * @param bytes a multiple of the page size
     * @throws IllegalArgumentException on misalignment, outside of the area, or where a page is
     *     mapped already; nothing is mapped then
     */
    public void map(long va, long phys, long bytes, MemoryType type) {
        checkRange(va, bytes);
        Check.argument((phys & 0xfff) == 0, "phys:0x%x is not page aligned", phys);
        for (long done = 0; done < bytes; done += AddressLayout.PAGE_BYTES) {
            Check.argument(entryOf(va + done) == UNMAPPED, "0x%x is mapped already", va + done);
        }
        for (long done = 0; done < bytes; done += AddressLayout.PAGE_BYTES) {
            long page = (va + done - base) >> AddressLayout.LG2_PAGE;
            int top = (int) (page >> LG2_LEAF);
            long[] leaf = leaves[top];
            if (leaf == null) {
                leaf = new long[LEAF_ENTRIES];
                leaves[top] = leaf;
            }
            leaf[(int) (page & (LEAF_ENTRIES - 1))] =
                    (phys + done) | ((long) type.code() << TYPE_SHIFT) | VALID;
        }
        for (int i = 0; i < observers.size(); i++) {
            observers.get(i).mapped(va, phys, bytes, type);
        }
    }

    /** Unmaps whole pages; pages that are not mapped stay so. */
    public void unmap(long va, long bytes) {
        checkRange(va, bytes);
        for (long done = 0; done < bytes; done += AddressLayout.PAGE_BYTES) {
            long page = (va + done - base) >> AddressLayout.LG2_PAGE;
            long[] leaf = leaves[(int) (page >> LG2_LEAF)];
            if (leaf != null) {
                leaf[(int) (page & (LEAF_ENTRIES - 1))] = UNMAPPED;
            }
        }
        for (int i = 0; i < observers.size(); i++) {
            observers.get(i).unmapped(va, bytes);
        }
    }

    /** The entry of the page at a virtual address, or {@link #UNMAPPED}. */
    public long entryOf(long va) {
        long inArea = va - base;
        if (Long.compareUnsigned(inArea, size) >= 0) {
            return UNMAPPED;
        }
        long page = inArea >> AddressLayout.LG2_PAGE;
        long[] leaf = leaves[(int) (page >> LG2_LEAF)];
        return leaf == null ? UNMAPPED : leaf[(int) (page & (LEAF_ENTRIES - 1))];
    }

    /** The physical address that {@code va} reaches through a valid entry. */
    public static long physOf(long entry, long va) {
        return (entry & -AddressLayout.PAGE_BYTES) | (va & (AddressLayout.PAGE_BYTES - 1));
    }

    /** The memory type of a valid entry. */
    public static MemoryType typeOf(long entry) {
        return MemoryType.ofCode((int) ((entry >> TYPE_SHIFT) & TYPE_MASK));
    }

    private void checkRange(long va, long bytes) {
        Check.argument(((va | bytes) & 0xfff) == 0, "0x%x, 0x%x bytes: not whole pages", va, bytes);
        Check.argument(
                Long.compareUnsigned(va - base, size) < 0
                        && Long.compareUnsigned(bytes, size - (va - base)) <= 0,
                "0x%x, 0x%x bytes: outside of the area",
                va,
                bytes);
    }
}
