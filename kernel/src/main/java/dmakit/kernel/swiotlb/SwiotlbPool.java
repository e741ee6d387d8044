package dmakit.kernel.swiotlb;

import dmakit.kernel.Linux;
import dmakit.machine.Check;
import java.util.Arrays;

/**
 * Memory for bounce buffers, in slots.
 *
 * <p>A request takes a run of slots next to each other. Runs never cross the border of a segment,
 * so that a free slot has to know no more than how many free ones follow in its own. Each area of
 * the pool is searched from behind the run it gave last (next fit), and wraps.
 *
 * <p>Nothing here copies; {@link Bouncer} does.
 */
@Linux(file = "include/linux/swiotlb.h", symbol = "io_tlb_pool")
public final class SwiotlbPool {
    /** log2 of {@link #SLOT_BYTES}. */
    @Linux(file = "include/linux/swiotlb.h", symbol = "IO_TLB_SHIFT")
    public static final int LG2_SLOT = 11;

    /** Bytes of a slot. */
    @Linux(file = "include/linux/swiotlb.h", symbol = "IO_TLB_SIZE")
    public static final int SLOT_BYTES = 1 << LG2_SLOT;

    /** Slots of a segment: the longest run. */
    @Linux(file = "include/linux/swiotlb.h", symbol = "IO_TLB_SEGSIZE")
    public static final int SEGMENT_SLOTS = 128;

    /** Bytes of a segment: the largest request. */
    public static final int SEGMENT_BYTES = SEGMENT_SLOTS << LG2_SLOT;

    /** Slots that one pool may have: 2 TiB. */
    public static final int SLOT_COUNT_MAX = 1 << 30;

    /** What {@link #take} answers when no run is free. */
    static final int NONE = -1;

    /** The memory a slot stands for, where it stands for none. */
    static final long NO_ORIGIN = -1;

    private static final int SLOT_MASK = SLOT_BYTES - 1;
    private static final int PAGE_BYTES = 4096;

    private final String name;
    private final long start;
    private final int slotCount;
    private final int areaSlots;

    // Of each area: where the search begins, counted from its start, and how many slots are taken.
    private final int[] cursors;
    private final int[] used;

    // Of each slot: how many free ones follow in its segment, itself included (0 when taken); what
    // memory its first byte stands for; bytes from there to the end of the request.
    private final short[] free;
    private final long[] origins;
    private final int[] lengths;

    // Of the slot where the bytes of a mapping begin: how many slots the run has, and how many of
    // them lie before this one.
    private final short[] runs;
    private final short[] pads;

    private int totalUsed;
    private int highestUsed;

    /**
     * Divides memory into slots, all of them free.
     *
     * @param name of the directory that shows it
     * @param start physical address of its first byte, a multiple of {@link #SLOT_BYTES}
     * @param slotCount 1 to {@link #SLOT_COUNT_MAX}
     * @param areaCount at least 1; areas have the same number of whole segments
     */
    @Linux(file = "kernel/dma/swiotlb.c", symbol = "swiotlb_init_io_tlb_pool")
    SwiotlbPool(String name, long start, int slotCount, int areaCount) {
        Check.argument(
                slotCount > 0 && slotCount <= SLOT_COUNT_MAX && (start & SLOT_MASK) == 0,
                "a pool of %d slots at phys:0x%x",
                slotCount,
                start);
        Check.argument(
                areaCount == 1
                        || (areaCount > 0 && slotCount % ((long) areaCount * SEGMENT_SLOTS) == 0),
                "%d areas in %d slots",
                areaCount,
                slotCount);
        this.name = name;
        this.start = start;
        this.slotCount = slotCount;
        areaSlots = slotCount / areaCount;
        cursors = new int[areaCount];
        used = new int[areaCount];
        free = new short[slotCount];
        origins = new long[slotCount];
        lengths = new int[slotCount];
        runs = new short[slotCount];
        pads = new short[slotCount];
        Arrays.fill(origins, NO_ORIGIN);
        for (int slot = 0; slot < slotCount; slot++) {
            free[slot] = (short) Math.min(SEGMENT_SLOTS - inSegment(slot), slotCount - slot);
        }
    }

    /** The name of its directory: empty for the one of all devices. */
    public String name() {
        return name;
    }

    /** Physical address of its first byte. */
    public long start() {
        return start;
    }

    /** Its size in bytes. */
    public long size() {
        return (long) slotCount << LG2_SLOT;
    }

    /** How many slots it has. */
    public int slotCount() {
        return slotCount;
    }

    /** How many areas it has. */
    public int areaCount() {
        return cursors.length;
    }

    /** How many slots are taken. */
    @Linux(file = "kernel/dma/swiotlb.c", symbol = "mem_used")
    public int usedCount() {
        return totalUsed;
    }

    /** The most slots that were taken at a time, since the last {@link #resetHighestUsed}. */
    public int highestUsed() {
        return highestUsed;
    }

    /** Sets {@link #highestUsed()} to 0; the next request that is served raises it again. */
    public void resetHighestUsed() {
        highestUsed = 0;
    }

    /** Whether a physical address lies in it. */
    @Linux(file = "include/linux/swiotlb.h", symbol = "is_swiotlb_buffer")
    public boolean holds(long phys) {
        return Long.compareUnsigned(phys - start, (long) slotCount << LG2_SLOT) < 0;
    }

    // Taking slots.

    /**
     * Takes a run of slots.
     *
     * @param area to look in first
     * @param orig the memory it is for; 0 for none
     * @param bytes the run must have, at least 1
     * @param alignMask bits of the run's bus address that must be 0; a power of two less one
     * @param minAlignMask bits that must be those of {@code orig} where {@code alignMask} leaves
     *     them free
     * @param dmaStart the pool's bus address
     * @param boundaryMask a run never crosses a multiple of this plus one, as a bus address
     * @return its first slot, or {@link #NONE}
     */
    @Linux(file = "kernel/dma/swiotlb.c", symbol = "swiotlb_find_slots")
    int take(
            int area,
            long orig,
            long bytes,
            long alignMask,
            long minAlignMask,
            long dmaStart,
            long boundaryMask) {
        if (Long.compareUnsigned(bytes, SEGMENT_BYTES) > 0) {
            return NONE;
        }
        boolean asPages = alignMask == 0 && minAlignMask == 0 && bytes >= PAGE_BYTES;
        long zeroBits = alignMask | SLOT_MASK | (asPages ? PAGE_BYTES - 1 : 0);
        long equalBits = minAlignMask & ~zeroBits;
        long base = dmaStart & boundaryMask;
        for (int tried = 0, at = area & (cursors.length - 1); tried < cursors.length; tried++) {
            int slot = search(at, orig, (int) bytes, zeroBits, equalBits, base, boundaryMask);
            if (slot != NONE) {
                occupy(at, slot, (int) bytes);
                return slot;
            }
            at = at + 1 == cursors.length ? 0 : at + 1;
        }
        return NONE;
    }

    @Linux(file = "kernel/dma/swiotlb.c", symbol = "swiotlb_search_pool_area")
    private int search(
            int area,
            long orig,
            int bytes,
            long zeroBits,
            long equalBits,
            long base,
            long boundaryMask) {
        int count = slotsOf(bytes);
        if (count > areaSlots - used[area]) {
            return NONE;
        }
        int stride = (int) Math.min(slotsIn(Math.max(zeroBits, equalBits)), areaSlots);
        long boundary = slotsIn(boundaryMask);
        long baseSlots = (base + SLOT_MASK) >>> LG2_SLOT;
        int first = area * areaSlots;
        int index = cursors[area];
        for (int checked = 0; checked < areaSlots; ) {
            int slot = first + index;
            long address = base + ((long) slot << LG2_SLOT);
            boolean misaligned =
                    (address & zeroBits) != 0 || (orig != 0 && ((address ^ orig) & equalBits) != 0);
            if (!misaligned
                    && ((baseSlots + slot) & (boundary - 1)) + count <= boundary
                    && free[slot] >= count) {
                return slot;
            }
            int step = misaligned ? 1 : stride;
            index = wrapped(index + step);
            checked += step;
        }
        return NONE;
    }

    private void occupy(int area, int slot, int bytes) {
        int count = slotsOf(bytes);
        for (int i = 0; i < count; i++) {
            free[slot + i] = 0;
            lengths[slot + i] = bytes - (i << LG2_SLOT);
        }
        runs[slot] = (short) count;
        countFreeBefore(slot, 0);
        cursors[area] = wrapped(slot - area * areaSlots + count);
        used[area] += count;
        totalUsed += count;
        highestUsed = Math.max(highestUsed, totalUsed);
    }

    /**
     * Says what memory a run stands for.
     *
     * @param slot first of the run
     * @param offset bytes from the start of the run to where {@code orig} is copied to
     * @return the physical address of that place
     */
    long assign(int slot, long orig, long offset) {
        int pad = (int) (offset >>> LG2_SLOT);
        int count = runs[slot];
        int head = slot + pad;
        long first = orig - (offset & SLOT_MASK);
        runs[slot] = 0;
        runs[head] = (short) count;
        pads[head] = (short) pad;
        for (int i = pad; i < count; i++) {
            origins[slot + i] = first + ((long) (i - pad) << LG2_SLOT);
        }
        return addressOf(head) + (offset & SLOT_MASK);
    }

    // Giving them back.

    /**
     * Gives back the run that starts at an address.
     *
     * @return false when none does: then nothing happens
     */
    @Linux(file = "kernel/dma/swiotlb.c", symbol = "swiotlb_release_slots")
    boolean release(long phys) {
        int head = slotOf(phys);
        int count = runs[head];
        if (count == 0) {
            return false;
        }
        int slot = head - pads[head];
        int end = slot + count;
        runs[head] = 0;
        pads[head] = 0;
        int following = inSegment(end) != 0 && end < slotCount ? free[end] : 0;
        for (int i = end - 1; i >= slot; i--) {
            free[i] = (short) ++following;
            origins[i] = NO_ORIGIN;
            lengths[i] = 0;
        }
        countFreeBefore(slot, following);
        used[slot / areaSlots] -= count;
        totalUsed -= count;
        return true;
    }

    /** Renumbers the free slots that end at {@code slot}, in its segment. */
    private void countFreeBefore(int slot, int following) {
        int count = following;
        for (int i = slot - 1; i >= 0 && inSegment(i) != SEGMENT_SLOTS - 1 && free[i] != 0; i--) {
            free[i] = (short) ++count;
        }
    }

    // What a slot knows.

    /** The slot an address of the pool lies in. */
    int slotOf(long phys) {
        return (int) ((phys - start) >>> LG2_SLOT);
    }

    long addressOf(int slot) {
        return start + ((long) slot << LG2_SLOT);
    }

    /** The memory that an address of the pool stands for, or {@link #NO_ORIGIN}. */
    long originOf(long phys) {
        long origin = origins[slotOf(phys)];
        return origin == NO_ORIGIN ? NO_ORIGIN : origin + (phys & SLOT_MASK);
    }

    /** Bytes from an address of the pool to the end of the request it belongs to. */
    long lengthFrom(long phys) {
        return Math.max(0, lengths[slotOf(phys)] - (phys & SLOT_MASK));
    }

    /** How many free slots follow in the segment, this one included; 0 when it is taken. */
    int freeFrom(int slot) {
        return free[slot];
    }

    /** How many slots the run has whose bytes begin in this one; 0 when none does. */
    int runOf(int slot) {
        return runs[slot];
    }

    /** How many slots of that run lie before. */
    int padOf(int slot) {
        return pads[slot];
    }

    int usedIn(int area) {
        return used[area];
    }

    @Linux(file = "kernel/dma/swiotlb.c", symbol = "nr_slots")
    static int slotsOf(int bytes) {
        return (bytes + SLOT_MASK) >>> LG2_SLOT;
    }

    /** Slots between two multiples of a mask plus one, at least 1. */
    @Linux(file = "kernel/dma/swiotlb.c", symbol = "get_max_slots")
    private static long slotsIn(long mask) {
        return (mask >>> LG2_SLOT) + 1;
    }

    private static int inSegment(int slot) {
        return slot & (SEGMENT_SLOTS - 1);
    }

    @Linux(file = "kernel/dma/swiotlb.c", symbol = "wrap_area_index")
    private int wrapped(int index) {
        return index >= areaSlots ? 0 : index;
    }
}
