package dmakit.hardware.vtd;

import dmakit.datasheet.vtd.SecondLevelEntry;
import java.util.Arrays;

/**
 * Translations the unit remembers, by domain: {@value #SETS} sets of {@value #WAYS}, replaced in
 * turn. What tables say by now does not matter to an entry; only invalidation, or the want of room,
 * removes it.
 */
final class Iotlb {
    /** Sets; a power of two. */
    static final int SETS = 64;

    /** Entries of a set. */
    static final int WAYS = 4;

    /** What {@link #find} answers when nothing is remembered. */
    static final int MISS = -1;

    private static final long EMPTY = 0;
    private static final int DOMAIN_SHIFT = 2;
    private static final int PAGE_SHIFT = DOMAIN_SHIFT + 16;
    private static final int DOMAIN_MASK = 0xffff;
    private static final int LEVEL_MASK = 3;

    /** Up to so many pages an invalidation looks for each; above it looks through all entries. */
    private static final long PAGES_ONE_BY_ONE = 16;

    /** Page number, domain and level; {@link #EMPTY} where there is none, as no level is 0. */
    private final long[] tags = new long[SETS * WAYS];

    /** Physical address of the page, or'ed with what is allowed. */
    private final long[] targets = new long[SETS * WAYS];

    private final int[] nextWay = new int[SETS];
    private final int[] countOfLevel = new int[SecondLevelEntry.LARGE_LEVEL_MAX + 1];
    private long epoch;

    /** Changes whenever an entry is removed or changed. */
    long epoch() {
        return epoch;
    }

    /** How many translations are remembered. */
    int count() {
        return countOfLevel[1] + countOfLevel[2] + countOfLevel[3];
    }

    /** How far an address of a page at a level is shifted. */
    static int shiftOf(int level) {
        return SecondLevelEntry.LG2_PAGE + (level - 1) * SecondLevelEntry.LG2_ENTRIES;
    }

    private static long tagOf(int domain, long address, int level) {
        long page = address >>> shiftOf(level);
        return (page << PAGE_SHIFT) | ((long) domain << DOMAIN_SHIFT) | level;
    }

    private static int setOf(int domain, long address, int level) {
        long page = address >>> shiftOf(level);
        return (int) (page ^ (page >>> 6) ^ domain) & (SETS - 1);
    }

    /** The entry of an address, the smallest page first, or {@link #MISS}. */
    int find(int domain, long address) {
        for (int level = 1; level <= SecondLevelEntry.LARGE_LEVEL_MAX; level++) {
            if (countOfLevel[level] != 0) {
                int index = find(domain, address, level);
                if (index != MISS) {
                    return index;
                }
            }
        }
        return MISS;
    }

    private int find(int domain, long address, int level) {
        long tag = tagOf(domain, address, level);
        int first = setOf(domain, address, level) * WAYS;
        for (int index = first; index < first + WAYS; index++) {
            if (tags[index] == tag) {
                return index;
            }
        }
        return MISS;
    }

    /** The level of an entry's page. */
    int levelOf(int index) {
        return (int) tags[index] & LEVEL_MASK;
    }

    /** Where an entry's page is. */
    long physOf(int index) {
        return targets[index] & SecondLevelEntry.ADDRESS;
    }

    /** What an entry allows: bits of a second-level entry. */
    int allowedOf(int index) {
        return (int) (targets[index] & ~SecondLevelEntry.ADDRESS);
    }

    /**
     * Remembers a page, in the place of what is known of the same page, or in one that is free, or
     * else in that of the entry whose turn it is.
     *
     * @return its entry
     */
    int fill(int domain, long address, int level, long phys, int allowed) {
        int index = placeFor(domain, address, level);
        if (tags[index] != EMPTY) {
            remove(index);
        }
        tags[index] = tagOf(domain, address, level);
        targets[index] = phys | allowed;
        countOfLevel[level]++;
        return index;
    }

    private int placeFor(int domain, long address, int level) {
        int known = find(domain, address, level);
        if (known != MISS) {
            return known;
        }
        int set = setOf(domain, address, level);
        for (int index = set * WAYS; index < (set + 1) * WAYS; index++) {
            if (tags[index] == EMPTY) {
                return index;
            }
        }
        int way = nextWay[set];
        nextWay[set] = (way + 1) % WAYS;
        return set * WAYS + way;
    }

    private void remove(int index) {
        countOfLevel[levelOf(index)]--;
        tags[index] = EMPTY;
        epoch++;
    }

    /** Forgets everything. */
    void invalidate() {
        Arrays.fill(tags, EMPTY);
        Arrays.fill(countOfLevel, 0);
        epoch++;
    }

    /** Forgets one domain. */
    void invalidate(int domain) {
        for (int index = 0; index < tags.length; index++) {
            if (isOf(index, domain)) {
                remove(index);
            }
        }
    }

    /**
     * Forgets the pages of a domain that touch a range.
     *
     * @param lg2Pages log2 of the range in pages of 4 KiB; it is aligned to its size
     */
    void invalidate(int domain, long address, int lg2Pages) {
        long bytes = 1L << (SecondLevelEntry.LG2_PAGE + lg2Pages);
        long start = address & -bytes;
        if (1L << lg2Pages <= PAGES_ONE_BY_ONE) {
            for (long at = start; at - start < bytes; at += 1L << SecondLevelEntry.LG2_PAGE) {
                invalidatePage(domain, at);
            }
            return;
        }
        for (int index = 0; index < tags.length; index++) {
            if (isOf(index, domain)) {
                int shift = shiftOf(levelOf(index));
                long page = (tags[index] >>> PAGE_SHIFT) << shift;
                if (page < start + bytes && start < page + (1L << shift)) {
                    remove(index);
                }
            }
        }
    }

    private void invalidatePage(int domain, long address) {
        for (int level = 1; level <= SecondLevelEntry.LARGE_LEVEL_MAX; level++) {
            if (countOfLevel[level] != 0) {
                int index = find(domain, address, level);
                if (index != MISS) {
                    remove(index);
                }
            }
        }
    }

    private boolean isOf(int index, int domain) {
        return tags[index] != EMPTY
                && ((int) (tags[index] >>> DOMAIN_SHIFT) & DOMAIN_MASK) == domain;
    }
}
