package dmakit.machine.memory;

import dmakit.machine.Check;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The RAM of one machine: its banks, its bytes, and one state byte per cache line.
 *
 * <p>On a machine whose devices do not snoop the CPU's caches RAM exists twice. {@code dram} is
 * what devices and uncached CPU mappings reach; {@code cpu} is what the CPU sees through its
 * caches. {@code lines} says for each 64-byte line whether the CPU's copy is INVALID, CLEAN or
 * DIRTY. On a coherent machine both views are one segment, and there are no line states.
 *
 * <p>Banks lie behind each other in the segments; an <em>offset</em> is a position in them. All
 * segments are sparse: a machine of 16 GiB costs what it touches.
 */
public final class Ram implements AutoCloseable {
    /** Bytes per cache line. */
    public static final int LINE_BYTES = 64;

    /** log2 of {@link #LINE_BYTES}. */
    public static final int LG2_LINE = 6;

    /** Largest sum of all banks, in bytes. */
    public static final long SIZE_MAX = 1L << 40;

    /** What {@link #offsetOf} answers for an address that is not RAM. */
    public static final long NOT_RAM = -1;

    static final byte INVALID = 0;
    static final byte CLEAN = 1;
    static final byte DIRTY = 2;

    /**
     * One contiguous range of RAM.
     *
     * @param base first physical address, a multiple of 4 KiB
     * @param size in bytes, a multiple of 4 KiB
     */
    public record Bank(long base, long size) {
        /** Checks the alignment, and that the bank ends within the address space. */
        public Bank {
            Check.argument((base & 0xfff) == 0, "bank base 0x%x is not page aligned", base);
            Check.argument(
                    size > 0 && (size & 0xfff) == 0, "bank size 0x%x is not whole pages", size);
            Check.argument(
                    Long.compareUnsigned(base + size - 1, base) > 0,
                    "bank at 0x%x of 0x%x bytes goes past the last address",
                    base,
                    size);
        }

        /** First address after the bank; 0 for a bank at the very top. */
        public long end() {
            return base + size;
        }

        /** Last address in the bank. */
        public long last() {
            return base + size - 1;
        }
    }

    /** Where the segments come from. */
    @FunctionalInterface
    interface SegmentSource {
        SharedSegment create(String name, long bytes, Arena arena);
    }

    private final List<Bank> banks;

    // Runs of adjacent banks: no access is to notice the seam.
    private final long[] bases;
    private final long[] sizes;
    private final long[] offsets;
    private final long size;
    private final boolean coherent;
    private final Arena arena;
    private final SharedSegment dramShare;
    private final SharedSegment cpuShare;
    private final SharedSegment linesShare;
    private final Shadow shadow = new Shadow(this);

    final MemorySegment dram;
    final MemorySegment cpu;
    final MemorySegment lines;

    /**
     * Maps the memory of all banks.
     *
     * @param banks in ascending order, not overlapping, at least one
     * @param coherent whether devices snoop the CPU's caches, so that both views are one
     * @throws IllegalArgumentException when there is no bank, banks overlap or are out of order, or
     *     their sum exceeds {@link #SIZE_MAX}
     * @throws java.io.UncheckedIOException when the operating system refuses the memory
     */
    public Ram(List<Bank> banks, boolean coherent) {
        this(banks, coherent, SharedSegment::create);
    }

    Ram(List<Bank> banks, boolean coherent, SegmentSource source) {
        this.banks = List.copyOf(banks);
        this.coherent = coherent;
        size = sizeOf(this.banks);
        int runCount = runCountOf(this.banks);
        bases = new long[runCount];
        sizes = new long[runCount];
        offsets = new long[runCount];
        mapRuns();
        Arena memory = Arena.ofShared();
        List<SharedSegment> shares = new ArrayList<>();
        boolean complete = false;
        try {
            shares.add(source.create("dmakit-dram", size, memory));
            if (!coherent) {
                shares.add(source.create("dmakit-cpu", size, memory));
            }
            shares.add(source.create("dmakit-lines", size >> LG2_LINE, memory));
            complete = true;
        } finally {
            if (!complete) {
                memory.close();
                shares.forEach(SharedSegment::close);
            }
        }
        arena = memory;
        dramShare = shares.getFirst();
        cpuShare = shares.get(coherent ? 0 : 1);
        linesShare = shares.getLast();
        dram = dramShare.segment();
        cpu = cpuShare.segment();
        lines = linesShare.segment();
    }

    private static long sizeOf(List<Bank> banks) {
        Check.argument(!banks.isEmpty(), "a machine needs at least one bank of RAM");
        long total = 0;
        for (int i = 0; i < banks.size(); i++) {
            Bank bank = banks.get(i);
            Check.argument(
                    i == 0 || Long.compareUnsigned(bank.base(), banks.get(i - 1).last()) > 0,
                    "bank at 0x%x overlaps or precedes the one before it",
                    bank.base());
            Check.argument(
                    bank.size() <= SIZE_MAX - total,
                    "more than 0x%x bytes of RAM with the bank at 0x%x",
                    SIZE_MAX,
                    bank.base());
            total += bank.size();
        }
        return total;
    }

    private static boolean isAdjacent(List<Bank> banks, int index) {
        return index > 0 && banks.get(index).base() == banks.get(index - 1).end();
    }

    private static int runCountOf(List<Bank> banks) {
        int count = 0;
        for (int i = 0; i < banks.size(); i++) {
            count += isAdjacent(banks, i) ? 0 : 1;
        }
        return count;
    }

    private void mapRuns() {
        int run = -1;
        long offset = 0;
        for (int i = 0; i < banks.size(); i++) {
            Bank bank = banks.get(i);
            if (!isAdjacent(banks, i)) {
                run++;
                bases[run] = bank.base();
                offsets[run] = offset;
            }
            sizes[run] += bank.size();
            offset += bank.size();
        }
    }

    /** The banks, in ascending order. */
    public List<Bank> banks() {
        return banks;
    }

    /** Bytes in all banks. */
    public long size() {
        return size;
    }

    /** Whether both views are one. */
    public boolean isCoherent() {
        return coherent;
    }

    /** The position of a physical address in the segments, or {@link #NOT_RAM}. */
    public long offsetOf(long phys) {
        for (int i = 0; i < bases.length; i++) {
            long inBank = phys - bases[i];
            if (Long.compareUnsigned(inBank, sizes[i]) < 0) {
                return offsets[i] + inBank;
            }
        }
        return NOT_RAM;
    }

    /**
     * The position of a range in the segments, or {@link #NOT_RAM} unless all of it lies in one
     * bank or in banks without a gap between them.
     *
     * @param bytes length of the range, at least 1, unsigned
     */
    public long offsetOf(long phys, long bytes) {
        for (int i = 0; i < bases.length; i++) {
            long inBank = phys - bases[i];
            if (Long.compareUnsigned(inBank, sizes[i]) < 0) {
                return Long.compareUnsigned(bytes, sizes[i] - inBank) <= 0
                        ? offsets[i] + inBank
                        : NOT_RAM;
            }
        }
        return NOT_RAM;
    }

    /** Bytes from a physical address to the next gap in RAM, or 0 where it is not RAM. */
    public long contiguousFrom(long phys) {
        for (int i = 0; i < bases.length; i++) {
            long inBank = phys - bases[i];
            if (Long.compareUnsigned(inBank, sizes[i]) < 0) {
                return sizes[i] - inBank;
            }
        }
        return 0;
    }

    /**
     * The physical address at a position in the segments.
     *
     * @throws IllegalArgumentException when the position is outside of them
     */
    public long physOf(long offset) {
        Check.argument(offset >= 0 && offset < size, "no RAM at offset 0x%x", offset);
        int run = offsets.length - 1;
        while (offset < offsets[run]) {
            run--;
        }
        return bases[run] + (offset - offsets[run]);
    }

    /** What devices reach, for a process that maps the same pages. */
    public SharedSegment dramShare() {
        return dramShare;
    }

    /** What the CPU reaches through its caches, for a process that maps the same pages. */
    public SharedSegment cpuShare() {
        return cpuShare;
    }

    /** The line states, one byte per line, for a process that maps the same pages. */
    public SharedSegment linesShare() {
        return linesShare;
    }

    /** What the CPU may do with each byte; off until somebody turns it on. */
    public Shadow shadow() {
        return shadow;
    }

    Arena arena() {
        return arena;
    }

    /**
     * Unmaps everything; closing again does nothing. Every access through a view fails afterwards
     * with an {@link IllegalStateException}.
     */
    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
        dramShare.close();
        cpuShare.close();
        linesShare.close();
        shadow.close();
    }
}
