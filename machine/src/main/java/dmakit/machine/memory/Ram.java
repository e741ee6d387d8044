package dmakit.machine.memory;

import dmakit.machine.Check;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
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
        /** Checks the alignment. */
        public Bank {
            Check.argument((base & 0xfff) == 0, "bank base 0x%x is not page aligned", base);
            Check.argument(
                    size > 0 && (size & 0xfff) == 0, "bank size 0x%x is not whole pages", size);
        }

        /** First address after the bank. */
        public long end() {
            return base + size;
        }
    }

    private final List<Bank> banks;
    private final long[] bases;
    private final long[] sizes;
    private final long[] offsets;
    private final long size;
    private final boolean coherent;
    private final Arena arena = Arena.ofShared();
    private final SharedSegment dramShare;
    private final SharedSegment cpuShare;
    private final SharedSegment linesShare;

    final MemorySegment dram;
    final MemorySegment cpu;
    final MemorySegment lines;

    /**
     * Maps the memory of all banks.
     *
     * @param banks in ascending order, not overlapping, at least one
     * @param coherent whether devices snoop the CPU's caches, so that both views are one
     */
    public Ram(List<Bank> banks, boolean coherent) {
        Check.argument(!banks.isEmpty(), "a machine needs at least one bank of RAM");
        this.banks = List.copyOf(banks);
        this.coherent = coherent;
        bases = new long[banks.size()];
        sizes = new long[banks.size()];
        offsets = new long[banks.size()];
        long total = 0;
        for (int i = 0; i < bases.length; i++) {
            Bank bank = banks.get(i);
            Check.argument(
                    i == 0 || bank.base() >= banks.get(i - 1).end(),
                    "bank at 0x%x overlaps or precedes the one before it",
                    bank.base());
            bases[i] = bank.base();
            sizes[i] = bank.size();
            offsets[i] = total;
            total += bank.size();
        }
        Check.argument(total <= SIZE_MAX, "0x%x bytes of RAM, limit is 0x%x", total, SIZE_MAX);
        size = total;
        dramShare = SharedSegment.create("dmakit-dram", size, arena);
        dram = dramShare.segment();
        cpuShare = coherent ? dramShare : SharedSegment.create("dmakit-cpu", size, arena);
        cpu = cpuShare.segment();
        linesShare = SharedSegment.create("dmakit-lines", size >> LG2_LINE, arena);
        lines = linesShare.segment();
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
     * The position of a range in the segments, or {@link #NOT_RAM} unless it lies in one bank.
     *
     * @param bytes length of the range, at least 1
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

    /** Bytes from a physical address to the end of its bank, or 0 where it is not RAM. */
    public long contiguousFrom(long phys) {
        for (int i = 0; i < bases.length; i++) {
            long inBank = phys - bases[i];
            if (Long.compareUnsigned(inBank, sizes[i]) < 0) {
                return sizes[i] - inBank;
            }
        }
        return 0;
    }

    /** The physical address at a position in the segments. */
    public long physOf(long offset) {
        for (int i = offsets.length - 1; i >= 0; i--) {
            if (offset >= offsets[i]) {
                return bases[i] + (offset - offsets[i]);
            }
        }
        throw new IllegalArgumentException("no RAM at offset " + offset);
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

    /** Unmaps everything; no view may be used afterwards. */
    @Override
    public void close() {
        arena.close();
        dramShare.close();
        if (!coherent) {
            cpuShare.close();
        }
        linesShare.close();
    }
}
