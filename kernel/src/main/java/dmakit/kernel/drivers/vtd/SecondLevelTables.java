package dmakit.kernel.drivers.vtd;

import dmakit.datasheet.vtd.SecondLevelEntry;
import dmakit.datasheet.vtd.SecondLevelEntry.Low;
import dmakit.kernel.Errno;
import dmakit.kernel.Linux;
import dmakit.kernel.iommu.IotlbGather;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.PageAllocator;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;

/**
 * The tables of one domain, in memory. Tables are made when a page needs them, and go when an unmap
 * covers all they could map, or something larger takes their place.
 */
final class SecondLevelTables {
    private static final String FILE = "drivers/iommu/intel/iommu.c";

    static final int LG2_PAGE = SecondLevelEntry.LG2_PAGE;

    private static final int LG2_ENTRIES = SecondLevelEntry.LG2_ENTRIES;
    private static final int ENTRIES = 1 << LG2_ENTRIES;
    private static final long ADDRESS = SecondLevelEntry.ADDRESS;
    private static final long ALLOWED = Low.R.mask() | Low.W.mask();
    private static final long LARGE = Low.PS.mask();
    private static final long NO_TABLE = -1;

    private final Cpu cpu;
    private final PageAllocator pages;
    private final int levels;
    private final long root;

    /** The table of level 1 used last: neighbours are mapped together. */
    private long leafTable = NO_TABLE;

    /** Which 2 MiB {@link #leafTable} is for. */
    private long leafNumber;

    private Errno mapError = Errno.ENOMEM;
    private long takenEntry;
    private long refusedEntry;

    /**
     * Makes an empty root.
     *
     * @param levels of tables, 3 or 4
     * @throws dmakit.kernel.KernelException ENOMEM
     */
    SecondLevelTables(Cpu cpu, PageAllocator pages, int levels) {
        this.cpu = cpu;
        this.pages = pages;
        this.levels = levels;
        root = TablePages.allocate(cpu, pages, Gfp.KERNEL);
    }

    /** Physical address of the root. */
    long root() {
        return root;
    }

    /** Why {@link #map} stopped, when it did. */
    Errno mapError() {
        return mapError;
    }

    /** The entry that was there already, after EEXIST. */
    long takenEntry() {
        return takenEntry;
    }

    /** The entry that was to be there instead. */
    long refusedEntry() {
        return refusedEntry;
    }

    static int shiftOf(int level) {
        return LG2_PAGE + (level - 1) * LG2_ENTRIES;
    }

    private static long entryAt(long table, long iova, int level) {
        long index = (iova >>> shiftOf(level)) & (ENTRIES - 1);
        return AddressLayout.LINEAR_BASE + table + index * SecondLevelEntry.SIZE;
    }

    private static boolean isPresent(long entry) {
        return (entry & ALLOWED) != 0;
    }

    private static boolean isPage(long entry, int level) {
        return level == 1 || (entry & LARGE) != 0;
    }

    // Mapping.

    /**
     * Maps pages of one level.
     *
     * @param allowed {@code R} and {@code W}
     * @return how many
     */
    @Linux(file = FILE, symbol = "__domain_mapping")
    long map(long iova, long phys, int level, long count, long allowed, Gfp gfp) {
        long bits = level == 1 ? allowed : allowed | LARGE;
        long step = 1L << shiftOf(level);
        for (long done = 0; done < count; done++) {
            long entry = (phys + done * step) | bits;
            long at = placeFor(iova + done * step, level, gfp);
            if (at == NO_TABLE) {
                refusedEntry = entry;
                return done;
            }
            cpu.store64(at, entry);
        }
        return count;
    }

    /** The place of the entry for a page, free; or {@link #NO_TABLE}, with the reason noted. */
    @Linux(file = FILE, symbol = "pfn_to_dma_pte")
    private long placeFor(long iova, int level, Gfp gfp) {
        long table = level == 1 ? knownLeafTable(iova) : NO_TABLE;
        if (table == NO_TABLE) {
            table = tableFor(iova, level, gfp);
            if (table == NO_TABLE) {
                return NO_TABLE;
            }
        }
        long at = entryAt(table, iova, level);
        long entry = cpu.load64(at);
        if (!isPresent(entry)) {
            return at;
        }
        if (isPage(entry, level) || !isEmpty(entry & ADDRESS, level - 1)) {
            return isTaken(entry);
        }
        // Nothing is mapped below, so the unit remembers nothing of it.
        cpu.store64(at, 0);
        free(entry & ADDRESS, level - 1);
        leafTable = NO_TABLE;
        return at;
    }

    private long knownLeafTable(long iova) {
        return iova >>> shiftOf(2) == leafNumber ? leafTable : NO_TABLE;
    }

    private long tableFor(long iova, int level, Gfp gfp) {
        long table = root;
        for (int above = levels; above > level; above--) {
            long at = entryAt(table, iova, above);
            long entry = cpu.load64(at);
            if (!isPresent(entry)) {
                long next = TablePages.tryAllocate(cpu, pages, gfp);
                if (next == PageAllocator.NONE) {
                    mapError = Errno.ENOMEM;
                    return NO_TABLE;
                }
                entry = next | ALLOWED;
                cpu.store64(at, entry);
            } else if (isPage(entry, above)) {
                return isTaken(entry);
            }
            table = entry & ADDRESS;
        }
        if (level == 1) {
            leafTable = table;
            leafNumber = iova >>> shiftOf(2);
        }
        return table;
    }

    private long isTaken(long entry) {
        mapError = Errno.EEXIST;
        takenEntry = entry;
        return NO_TABLE;
    }

    private boolean isEmpty(long table, int level) {
        for (int i = 0; i < ENTRIES; i++) {
            long entry = cpu.load64(AddressLayout.LINEAR_BASE + table + (long) i * Long.BYTES);
            if (isPresent(entry)
                    && (isPage(entry, level) || !isEmpty(entry & ADDRESS, level - 1))) {
                return false;
            }
        }
        return true;
    }

    // Unmapping.

    /**
     * Unmaps what is mapped from an address on, up to a hole; a large page goes as a whole.
     *
     * @param size in bytes
     * @return how many bytes are unmapped now; more than {@code size} at the end of a large page
     */
    @Linux(file = FILE, symbol = "intel_iommu_unmap")
    long unmap(long iova, long size, IotlbGather gather) {
        long done = 0;
        while (Long.compareUnsigned(done, size) < 0) {
            long at = iova + done;
            long table = knownLeafTable(at);
            int level = 1;
            if (table == NO_TABLE) {
                level = levels;
                table = root;
            }
            long place = entryAt(table, at, level);
            long entry = cpu.load64(place);
            while (isPresent(entry) && !isPage(entry, level)) {
                table = entry & ADDRESS;
                level--;
                place = entryAt(table, at, level);
                entry = cpu.load64(place);
            }
            if (!isPresent(entry)) {
                break;
            }
            if (level == 1) {
                leafTable = table;
                leafNumber = at >>> shiftOf(2);
            }
            cpu.store64(place, 0);
            long page = 1L << shiftOf(level);
            gather.add(at & -page, page, page);
            done = (at | (page - 1)) + 1 - iova;
        }
        if (done >>> shiftOf(2) != 0) {
            detachCovered(root, levels, iova, iova + (done - 1), gather);
        }
        return done;
    }

    /** Takes out every table that could map nothing but addresses of the range. */
    @Linux(file = FILE, symbol = "dma_pte_clear_level")
    private void detachCovered(long table, int level, long start, long last, IotlbGather gather) {
        if (level == 1) {
            return;
        }
        long span = 1L << shiftOf(level);
        for (long at = start & -span; at <= last; at += span) {
            long place = entryAt(table, at, level);
            long entry = cpu.load64(place);
            if (isPresent(entry) && !isPage(entry, level)) {
                if (at >= start && at + (span - 1) <= last) {
                    cpu.store64(place, 0);
                    gather(entry & ADDRESS, level - 1, gather);
                    leafTable = NO_TABLE;
                } else {
                    detachCovered(
                            entry & ADDRESS,
                            level - 1,
                            Math.max(start, at),
                            Math.min(last, at + (span - 1)),
                            gather);
                }
            }
        }
    }

    private void gather(long table, int level, IotlbGather gather) {
        if (level > 1) {
            for (int i = 0; i < ENTRIES; i++) {
                long entry = cpu.load64(AddressLayout.LINEAR_BASE + table + (long) i * Long.BYTES);
                if (isPresent(entry)) {
                    gather(entry & ADDRESS, level - 1, gather);
                }
            }
        }
        gather.addTable(table);
    }

    // The rest.

    /** Where an address leads, or 0. */
    @Linux(file = FILE, symbol = "intel_iommu_iova_to_phys")
    long physOf(long iova) {
        long table = root;
        for (int level = levels; ; level--) {
            long entry = cpu.load64(entryAt(table, iova, level));
            if (!isPresent(entry)) {
                return 0;
            }
            if (isPage(entry, level)) {
                return (entry & ADDRESS) | (iova & ((1L << shiftOf(level)) - 1));
            }
            table = entry & ADDRESS;
        }
    }

    /** Gives all tables back. */
    void free() {
        free(root, levels);
        leafTable = NO_TABLE;
    }

    private void free(long table, int level) {
        if (level > 1) {
            for (int i = 0; i < ENTRIES; i++) {
                long entry = cpu.load64(AddressLayout.LINEAR_BASE + table + (long) i * Long.BYTES);
                if (isPresent(entry) && !isPage(entry, level)) {
                    free(entry & ADDRESS, level - 1);
                }
            }
        }
        pages.give(table, 0);
    }
}
