package dmakit.kernel.drivers.smmu;

import dmakit.datasheet.smmu.LongDescriptor;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.iommu.IommuProt;
import dmakit.kernel.iommu.IotlbGather;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.PageAllocator;
import dmakit.kernel.sched.Contexts;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;

/**
 * Stage 1 tables of 4 KiB in memory: AArch64's long descriptors, mapped and unmapped.
 *
 * <p>Tables come on demand, stay when they run empty, and go when a block takes their place, when
 * the block they stand for is unmapped, or with all of them. A walker that does not snoop reads
 * RAM: each descriptor is cleaned before a call returns, and a table is before something points to
 * it. Mapping and unmapping allocate no Java objects, except where a table comes.
 */
@Linux(file = "drivers/iommu/io-pgtable-arm.c", symbol = "arm_lpae_io_pgtable")
final class LongPageTables {
    private static final String FILE = "drivers/iommu/io-pgtable-arm.c";

    /** Sizes of pages and blocks: 4 KiB, 2 MiB, 1 GiB. */
    static final long PAGE_SIZES = 1L << 12 | 1L << 21 | 1L << 30;

    /** Index into MAIR: memory past the caches. */
    static final int ATTR_NON_CACHEABLE = 0;

    /** Index into MAIR: memory through the caches. */
    static final int ATTR_WRITE_BACK = 1;

    /** Index into MAIR: registers. */
    static final int ATTR_DEVICE = 2;

    private static final int LAST = LongDescriptor.LEVEL_LAST;
    private static final int COUNT = 1 << LongDescriptor.LG2_COUNT;
    private static final long TABLE_BYTES = (long) COUNT * LongDescriptor.BYTES;
    private static final long ADDRESS = LongDescriptor.ADDRESS.mask();
    private static final long NONE = PageAllocator.NONE;
    private static final long NO_SPAN = -1;

    /**
     * Of the bits that are software's: what points to a table is cleaned. Linux sets it behind the
     * cleaning, so that another CPU cleans again; with one CPU the call that sets it cleans.
     */
    private static final long SYNCED = LongDescriptor.SOFTWARE.of(1);

    /** Hears of a table that is about to go while the IOMMU may still walk through it. */
    @FunctionalInterface
    interface WalkFlush {
        /**
         * Makes the IOMMU forget a range with the tables behind it, and returns when it has.
         *
         * @param granule the smallest page in it
         */
        void flush(long iova, long size, long granule);
    }

    private final Cpu cpu;
    private final PageAllocator pages;
    private final Contexts contexts;
    private final boolean coherentWalk;
    private final int bits;
    private final WalkFlush walkFlush;
    private final int firstLevel;
    private final long root;
    private int lastError;

    /** The table of level 3 that was used last, and what it translates. */
    private long lastTable;

    private long lastSpan = NO_SPAN;

    /**
     * Makes tables that map nothing.
     *
     * @param coherentWalk whether walks snoop the CPU's caches
     * @param bits of the addresses they translate, 25 to 48
     * @throws KernelException ENOMEM
     */
    LongPageTables(
            Cpu cpu,
            PageAllocator pages,
            Contexts contexts,
            boolean coherentWalk,
            int bits,
            WalkFlush walkFlush) {
        this.cpu = cpu;
        this.pages = pages;
        this.contexts = contexts;
        this.coherentWalk = coherentWalk;
        this.bits = bits;
        this.walkFlush = walkFlush;
        int indexBits = bits - LongDescriptor.LG2_PAGE;
        firstLevel = LAST + 1 - Math.ceilDiv(indexBits, LongDescriptor.LG2_COUNT);
        root = allocTable(Gfp.KERNEL);
        if (root == NONE) {
            throw new KernelException(Errno.ENOMEM, "no page for a table");
        }
        cpu.storeBarrier();
    }

    /** Where the first table lies. */
    long root() {
        return root;
    }

    /** Bits of the addresses they translate. */
    int bits() {
        return bits;
    }

    /** Why {@link #map} stopped: 0, or a number of an {@link Errno}. */
    int lastError() {
        return lastError;
    }

    // Mapping.

    /** As {@link dmakit.kernel.iommu.PagingDomain#mapPages}. */
    @Linux(file = FILE, symbol = "arm_lpae_map_pages")
    long map(long iova, long phys, long pageSize, long count, int prot, Gfp gfp) {
        lastError = 0;
        if ((prot & (IommuProt.READ | IommuProt.WRITE)) == 0) {
            return failed(Errno.EINVAL, 0);
        }
        if (iova >>> bits != 0 || phys >>> (LongDescriptor.ADDRESS.msb() + 1) != 0) {
            contexts.warn("arm_lpae_map_pages", "");
            return failed(Errno.ERANGE, 0);
        }
        int level = levelOf(pageSize);
        long leaf = attributesOf(prot, level);
        long mapped = 0;
        for (long left = count; left > 0; ) {
            long table = tableFor(iova + mapped, level, gfp);
            if (table == NONE) {
                break;
            }
            int index = indexOf(iova + mapped, level);
            int run = (int) Math.min(left, COUNT - index);
            if (!makeRoom(table, index, run, level, iova + mapped)) {
                break;
            }
            for (int i = 0; i < run; i++) {
                store(descriptorAt(table, index + i), phys + mapped + i * pageSize | leaf);
            }
            sync(descriptorAt(table, index), run);
            mapped += run * pageSize;
            left -= run;
        }
        // Whoever is told of the mapping may start a device at once. Cleaning has waited already.
        if (coherentWalk) {
            cpu.storeBarrier();
        }
        return mapped;
    }

    private long failed(Errno why, long answer) {
        lastError = why.number();
        return answer;
    }

    @Linux(file = FILE, symbol = "arm_lpae_prot_to_pte")
    private static long attributesOf(int prot, int level) {
        long leaf =
                LongDescriptor.VALID.mask()
                        | (level == LAST ? LongDescriptor.TABLE.mask() : 0)
                        | LongDescriptor.NG.mask()
                        | LongDescriptor.AF.mask();
        if ((prot & IommuProt.WRITE) == 0) {
            leaf |= LongDescriptor.AP_READ_ONLY.mask();
        }
        if ((prot & IommuProt.PRIV) == 0) {
            leaf |= LongDescriptor.AP_UNPRIVILEGED.mask();
        }
        if ((prot & IommuProt.MMIO) != 0) {
            leaf |= LongDescriptor.ATTR_INDEX.of(ATTR_DEVICE);
        } else if ((prot & IommuProt.CACHE) != 0) {
            leaf |= LongDescriptor.ATTR_INDEX.of(ATTR_WRITE_BACK);
        } else {
            leaf |= LongDescriptor.ATTR_INDEX.of(ATTR_NON_CACHEABLE);
        }
        boolean snoops = (prot & IommuProt.CACHE) != 0;
        leaf |= LongDescriptor.SH.of(snoops ? LongDescriptor.SH_INNER : LongDescriptor.SH_OUTER);
        if ((prot & IommuProt.NOEXEC) != 0) {
            leaf |= LongDescriptor.XN.mask() | LongDescriptor.PXN.mask();
        }
        return leaf;
    }

    /** The table of a level for an address, with those above it; {@link #NONE} without. */
    @Linux(file = FILE, symbol = "__arm_lpae_map")
    private long tableFor(long iova, int level, Gfp gfp) {
        if (level == LAST && iova >>> LongDescriptor.shiftOf(LAST - 1) == lastSpan) {
            return lastTable;
        }
        long table = root;
        for (int at = firstLevel; at < level; at++) {
            long slot = descriptorAt(table, indexOf(iova, at));
            long descriptor = load(slot);
            if (descriptor == 0) {
                long next = allocTable(gfp);
                if (next == NONE) {
                    return failed(Errno.ENOMEM, NONE);
                }
                link(slot, next);
                table = next;
            } else if (LongDescriptor.TABLE.isSet(descriptor)) {
                table = descriptor & ADDRESS;
            } else {
                contexts.warn("__arm_lpae_map", "");
                return failed(Errno.EEXIST, NONE);
            }
        }
        if (level == LAST) {
            remember(iova, table);
        }
        return table;
    }

    @Linux(file = FILE, symbol = "arm_lpae_install_table")
    private void link(long slot, long table) {
        long descriptor = table | LongDescriptor.TABLE.mask() | LongDescriptor.VALID.mask();
        // What the table holds is there before anybody can find it.
        cpu.storeBarrier();
        store(slot, coherentWalk ? descriptor : descriptor | SYNCED);
        sync(slot, 1);
    }

    /** Sees to it that a run of descriptors is free; a block takes the place of empty tables. */
    @Linux(file = FILE, symbol = "arm_lpae_init_pte")
    private boolean makeRoom(long table, int index, int run, int level, long iova) {
        for (int i = 0; i < run; i++) {
            long before = load(descriptorAt(table, index + i));
            if (before != 0 && (isLeaf(before, level) || !isEmpty(before & ADDRESS, level + 1))) {
                contexts.warn("arm_lpae_init_pte", "");
                lastError = Errno.EEXIST.number();
                return false;
            }
        }
        for (int i = 0; level < LAST && i < run; i++) {
            long slot = descriptorAt(table, index + i);
            long before = load(slot);
            if (before != 0) {
                clear(slot, 1);
                long size = 1L << LongDescriptor.shiftOf(level);
                walkFlush.flush(iova + i * size, size, 1L << LongDescriptor.LG2_PAGE);
                freeFrom(before & ADDRESS, level + 1);
            }
        }
        return true;
    }

    // Unmapping.

    /** As {@link dmakit.kernel.iommu.PagingDomain#unmapPages}. */
    @Linux(file = FILE, symbol = "arm_lpae_unmap_pages")
    long unmap(long iova, long pageSize, long count, IotlbGather gather) {
        if (iova >>> bits != 0) {
            contexts.warn("arm_lpae_unmap_pages", "");
            return 0;
        }
        int level = levelOf(pageSize);
        long unmapped = 0;
        for (long left = count; left > 0; ) {
            int pieces = unmapInOneTable(iova + unmapped, level, left, gather);
            if (pieces == 0) {
                break;
            }
            unmapped += pieces * pageSize;
            left -= pieces;
        }
        return unmapped;
    }

    /** Unmaps what of a range lies in one table; answers how many pages. */
    @Linux(file = FILE, symbol = "__arm_lpae_unmap")
    private int unmapInOneTable(long iova, int level, long count, IotlbGather gather) {
        long table = root;
        if (level == LAST && iova >>> LongDescriptor.shiftOf(LAST - 1) == lastSpan) {
            table = lastTable;
        } else {
            for (int at = firstLevel; at < level; at++) {
                long slot = descriptorAt(table, indexOf(iova, at));
                long descriptor = load(slot);
                if (descriptor == 0) {
                    contexts.warn("__arm_lpae_unmap", "");
                    return 0;
                }
                if (isLeaf(descriptor, at)) {
                    descriptor = split(slot, descriptor, at);
                    if (descriptor == 0) {
                        return 0;
                    }
                }
                table = descriptor & ADDRESS;
            }
            if (level == LAST) {
                remember(iova, table);
            }
        }
        return unmapRun(table, iova, level, count, gather);
    }

    private int unmapRun(long table, long iova, int level, long count, IotlbGather gather) {
        long pageSize = 1L << LongDescriptor.shiftOf(level);
        int index = indexOf(iova, level);
        int run = (int) Math.min(count, COUNT - index);
        long granule = pageSize;
        int found = 0;
        for (; found < run; found++) {
            long descriptor = load(descriptorAt(table, index + found));
            if (descriptor == 0) {
                contexts.warn("__arm_lpae_unmap", "");
                break;
            }
            if (!isLeaf(descriptor, level)) {
                granule = 1L << LongDescriptor.LG2_PAGE;
                giveUp(descriptor & ADDRESS, level + 1, gather);
            }
        }
        if (found > 0) {
            clear(descriptorAt(table, index), found);
            gather.add(iova, found * pageSize, granule);
        }
        return found;
    }

    /** Adds a table that is about to hang in no other, and those below, to what waits. */
    private void giveUp(long table, int level, IotlbGather gather) {
        for (int i = 0; level < LAST && i < COUNT; i++) {
            long descriptor = load(descriptorAt(table, i));
            if (descriptor != 0 && !isLeaf(descriptor, level)) {
                giveUp(descriptor & ADDRESS, level + 1, gather);
            }
        }
        lastSpan = NO_SPAN;
        gather.addTable(table);
    }

    /**
     * Puts a table that maps the same in the place of a block.
     *
     * @return what stands there now; 0 without memory for the table
     */
    @Linux(file = FILE, symbol = "arm_lpae_split_blk_unmap")
    private long split(long slot, long block, int level) {
        long table = allocTable(Gfp.ATOMIC);
        if (table == NONE) {
            return 0;
        }
        int below = level + 1;
        long size = 1L << LongDescriptor.shiftOf(below);
        long leaf = (block & ~ADDRESS) | (below == LAST ? LongDescriptor.TABLE.mask() : 0);
        for (int i = 0; i < COUNT; i++) {
            store(descriptorAt(table, i), (block & ADDRESS) + i * size | leaf);
        }
        sync(table, COUNT);
        link(slot, table);
        return load(slot);
    }

    // Looking.

    /** Where an address leads, with its offset in the page; 0 for nowhere. */
    @Linux(file = FILE, symbol = "arm_lpae_iova_to_phys")
    long iovaToPhys(long iova) {
        if (iova >>> bits != 0) {
            return 0;
        }
        long table = root;
        for (int level = firstLevel; level <= LAST; level++) {
            long descriptor = load(descriptorAt(table, indexOf(iova, level)));
            if (descriptor == 0) {
                return 0;
            }
            if (isLeaf(descriptor, level)) {
                long offset = (1L << LongDescriptor.shiftOf(level)) - 1;
                return (descriptor & ADDRESS & ~offset) | (iova & offset);
            }
            table = descriptor & ADDRESS;
        }
        return 0;
    }

    private boolean isEmpty(long table, int level) {
        for (int i = 0; i < COUNT; i++) {
            long descriptor = load(descriptorAt(table, i));
            if (descriptor != 0
                    && (isLeaf(descriptor, level) || !isEmpty(descriptor & ADDRESS, level + 1))) {
                return false;
            }
        }
        return true;
    }

    // Memory.

    /** Gives the memory of all tables back. */
    void free() {
        freeFrom(root, firstLevel);
    }

    /** Gives a table back that {@link #unmap} gave up. */
    void freeTable(long table) {
        pages.give(table, 0);
    }

    @Linux(file = FILE, symbol = "__arm_lpae_free_pgtable")
    private void freeFrom(long table, int level) {
        for (int i = 0; level < LAST && i < COUNT; i++) {
            long descriptor = load(descriptorAt(table, i));
            if (descriptor != 0 && !isLeaf(descriptor, level)) {
                freeFrom(descriptor & ADDRESS, level + 1);
            }
        }
        lastSpan = NO_SPAN;
        pages.give(table, 0);
    }

    @Linux(file = FILE, symbol = "__arm_lpae_alloc_pages")
    private long allocTable(Gfp gfp) {
        long table = pages.take(gfp.with(Gfp.ZERO), 0);
        if (table != NONE && !coherentWalk) {
            cpu.clean(table, TABLE_BYTES);
        }
        return table;
    }

    private void remember(long iova, long table) {
        lastSpan = iova >>> LongDescriptor.shiftOf(LAST - 1);
        lastTable = table;
    }

    // Descriptors.

    private static int levelOf(long pageSize) {
        int shift = Long.numberOfTrailingZeros(pageSize);
        return LAST - (shift - LongDescriptor.LG2_PAGE) / LongDescriptor.LG2_COUNT;
    }

    private static int indexOf(long iova, int level) {
        return (int) (iova >>> LongDescriptor.shiftOf(level)) & (COUNT - 1);
    }

    private static boolean isLeaf(long descriptor, int level) {
        return level == LAST || !LongDescriptor.TABLE.isSet(descriptor);
    }

    private static long descriptorAt(long table, int index) {
        return table + (long) index * LongDescriptor.BYTES;
    }

    private long load(long phys) {
        return cpu.load64(AddressLayout.LINEAR_BASE + phys);
    }

    private void store(long phys, long descriptor) {
        cpu.store64(AddressLayout.LINEAR_BASE + phys, descriptor);
    }

    @Linux(file = FILE, symbol = "__arm_lpae_clear_pte")
    private void clear(long phys, int count) {
        for (int i = 0; i < count; i++) {
            store(descriptorAt(phys, i), 0);
        }
        sync(phys, count);
    }

    @Linux(file = FILE, symbol = "__arm_lpae_sync_pte")
    private void sync(long phys, int count) {
        if (!coherentWalk) {
            cpu.clean(phys, (long) count * LongDescriptor.BYTES);
        }
    }
}
