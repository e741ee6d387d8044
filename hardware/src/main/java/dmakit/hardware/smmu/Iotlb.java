package dmakit.hardware.smmu;

import dmakit.datasheet.smmu.LongDescriptor;
import java.util.Arrays;

/**
 * The translations the SMMU remembers: a bounded number, in sets of {@link #WAYS}. What is in here
 * is used, whatever the tables in memory say by now, until it is invalidated or makes room.
 *
 * <p>An entry belongs to a <em>tag</em>, the VMID and ASID of the context that made it; or, when
 * its descriptor says so, to all ASIDs of the VMID. Entries of pages and of blocks lie side by
 * side.
 */
final class Iotlb {
    /** Entries in all. */
    static final int ENTRY_COUNT = 512;

    /** Entries of one set, which replace each other in turn. */
    static final int WAYS = 4;

    /** What {@link #find} answers when there is no entry. */
    static final int NONE = -1;

    /** Flag in {@link #flags}: writes are allowed. */
    static final int WRITABLE = 1;

    /** Flag in {@link #flags}: unprivileged accesses are allowed. */
    static final int UNPRIVILEGED = 1 << 1;

    /** Bits of an ASID in a tag; the VMID lies above. */
    static final int ASID_BITS = 16;

    private static final int SET_COUNT = ENTRY_COUNT / WAYS;
    private static final int ASID_MASK = (1 << ASID_BITS) - 1;

    // A key: page number, tag, size, whether for all ASIDs, and the sign for "in use".
    private static final int PAGE_NUMBER_BITS = 36;
    private static final long PAGE_NUMBER_MASK = (1L << PAGE_NUMBER_BITS) - 1;
    private static final int TAG_BITS = 24;
    private static final int TAG_SHIFT = PAGE_NUMBER_BITS;
    private static final int KIND_SHIFT = TAG_SHIFT + TAG_BITS;
    private static final long IN_USE = Long.MIN_VALUE;

    /** A kind is a size, twice: for one ASID, and for all. */
    private static final int KIND_COUNT = 1 << 3;

    private static final int GLOBAL_KIND = 1 << 2;

    private final long[] keys = new long[ENTRY_COUNT];
    private final long[] phys = new long[ENTRY_COUNT];
    private final byte[] flags = new byte[ENTRY_COUNT];
    private final byte[] nextWay = new byte[SET_COUNT];
    private final int[] counts = new int[KIND_COUNT];

    /** Looks for the entry that translates an address, or {@link #NONE}. */
    int find(int tag, long address) {
        for (int kind = 0; kind < KIND_COUNT; kind++) {
            if (counts[kind] != 0) {
                int entry = find(keyOf(kind, tag, address));
                if (entry != NONE) {
                    return entry;
                }
            }
        }
        return NONE;
    }

    private int find(long key) {
        int first = setOf(key) * WAYS;
        for (int entry = first; entry < first + WAYS; entry++) {
            if (keys[entry] == key) {
                return entry;
            }
        }
        return NONE;
    }

    /**
     * Remembers a translation.
     *
     * @param level of the descriptor that was found: 3 for a page, 1 and 2 for blocks
     * @param global whether it is for all ASIDs
     * @param physBase where the page or block lies
     * @param allowed {@link #WRITABLE} and {@link #UNPRIVILEGED}
     * @return the entry
     */
    int fill(int tag, long address, int level, boolean global, long physBase, int allowed) {
        int kind = LongDescriptor.LEVEL_LAST - level + (global ? GLOBAL_KIND : 0);
        long key = keyOf(kind, tag, address);
        int entry = find(key);
        if (entry == NONE) {
            int set = setOf(key);
            entry = set * WAYS + nextWay[set];
            nextWay[set] = (byte) ((nextWay[set] + 1) % WAYS);
            drop(entry);
            counts[kind]++;
            keys[entry] = key;
        }
        phys[entry] = physBase;
        flags[entry] = (byte) allowed;
        return entry;
    }

    /** log2 of the bytes an entry translates. */
    int lg2Size(int entry) {
        return LongDescriptor.shiftOf(levelOf(entry));
    }

    /** The level of the descriptor an entry was made from. */
    int levelOf(int entry) {
        return LongDescriptor.LEVEL_LAST - sizeOf(kindOf(keys[entry]));
    }

    /** Where an entry's page or block lies. */
    long physOf(int entry) {
        return phys[entry];
    }

    /** What an entry allows. */
    int flagsOf(int entry) {
        return flags[entry];
    }

    /** Entries in use. */
    int count() {
        return Arrays.stream(counts).sum();
    }

    // Invalidation.

    /** Forgets what translates an address for a tag. */
    void invalidate(int tag, long address) {
        for (int kind = 0; kind < KIND_COUNT; kind++) {
            if (counts[kind] != 0) {
                int entry = find(keyOf(kind, tag, address));
                if (entry != NONE) {
                    drop(entry);
                }
            }
        }
    }

    /** Forgets what translates an address for any ASID of a tag's VMID. */
    void invalidateOfAnyAsid(int tag, long address) {
        for (int entry = 0; entry < ENTRY_COUNT; entry++) {
            long key = keys[entry];
            if (key < 0
                    && vmidOf(key) == tag >>> ASID_BITS
                    && pageNumberOf(key) == pageNumber(kindOf(key), address)) {
                drop(entry);
            }
        }
    }

    /** Forgets what a tag has for itself. */
    void invalidateTag(int tag) {
        for (int entry = 0; entry < ENTRY_COUNT; entry++) {
            long key = keys[entry];
            if (key < 0 && (kindOf(key) & GLOBAL_KIND) == 0 && tagOf(key) == tag) {
                drop(entry);
            }
        }
    }

    /** Forgets everything of a VMID. */
    void invalidateVmid(int vmid) {
        for (int entry = 0; entry < ENTRY_COUNT; entry++) {
            if (keys[entry] < 0 && vmidOf(keys[entry]) == vmid) {
                drop(entry);
            }
        }
    }

    /** Forgets everything. */
    void invalidateAll() {
        Arrays.fill(keys, 0);
        Arrays.fill(counts, 0);
    }

    private void drop(int entry) {
        if (keys[entry] < 0) {
            counts[kindOf(keys[entry])]--;
            keys[entry] = 0;
        }
    }

    // Keys.

    private static long keyOf(int kind, int tag, long address) {
        int owner = (kind & GLOBAL_KIND) == 0 ? tag : tag & ~ASID_MASK;
        return IN_USE
                | (long) kind << KIND_SHIFT
                | (long) owner << TAG_SHIFT
                | pageNumber(kind, address);
    }

    /** The number of an address's first page in a page or block of a kind. */
    private static long pageNumber(int kind, long address) {
        long inBlock = (1L << (LongDescriptor.LG2_COUNT * sizeOf(kind))) - 1;
        return (address >>> LongDescriptor.LG2_PAGE) & PAGE_NUMBER_MASK & ~inBlock;
    }

    private static int setOf(long key) {
        long number = key & PAGE_NUMBER_MASK;
        int size = sizeOf(kindOf(key));
        long index = number >>> (LongDescriptor.LG2_COUNT * size);
        return (int) (index ^ index >>> 7 ^ key >>> TAG_SHIFT) & (SET_COUNT - 1);
    }

    private static int kindOf(long key) {
        return (int) (key >>> KIND_SHIFT) & (KIND_COUNT - 1);
    }

    private static int sizeOf(int kind) {
        return kind & (GLOBAL_KIND - 1);
    }

    private static int tagOf(long key) {
        return (int) (key >>> TAG_SHIFT) & ((1 << TAG_BITS) - 1);
    }

    private static int vmidOf(long key) {
        return tagOf(key) >>> ASID_BITS;
    }

    private static long pageNumberOf(long key) {
        return key & PAGE_NUMBER_MASK;
    }
}
