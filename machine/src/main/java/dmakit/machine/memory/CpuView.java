package dmakit.machine.memory;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dmakit.machine.Check;
import dmakit.machine.random.Rng;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * RAM as the CPU sees it through its caches.
 *
 * <p>A load of an INVALID line reads it from {@code dram}; a store makes its line DIRTY; cleaning
 * copies DIRTY lines to {@code dram}; invalidating drops lines, so that the next load reads them
 * anew. Positions are offsets in {@link Ram}. On a coherent machine the view is plain memory and
 * maintenance does nothing. All values are little-endian.
 *
 * <p>In Linux: {@code arch/arm64/mm/cache.S}, {@code dcache_clean_poc} and {@code
 * dcache_inval_poc}.
 */
public final class CpuView {
    static final ValueLayout.OfShort SHORT =
            JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfInt INT = JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong LONG = JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final int LINE = Ram.LINE_BYTES;
    private static final int LG2_LINE = Ram.LG2_LINE;
    private static final long ONE_IN_EVERY_LINE = 0x0101_0101_0101_0101L;
    private static final long DIRTY_IN_EVERY_LINE = Ram.DIRTY * ONE_IN_EVERY_LINE;
    private static final int WORD_LINES = 8;

    private final MemorySegment cpu;
    private final MemorySegment dram;
    private final MemorySegment lines;
    private final Shadow shadow;
    private final boolean modelled;
    private final CachePolicy policy;
    private final boolean followed;
    private final boolean restless;
    private final CacheCounters counters = new CacheCounters();

    CpuView(Ram ram, CachePolicy policy) {
        cpu = ram.cpu;
        dram = ram.dram;
        lines = ram.lines;
        shadow = ram.shadow();
        modelled = !ram.isCoherent();
        this.policy = policy;
        followed = policy.followsTouches();
        restless = policy.actsByItself();
    }

    /** A cache as large as RAM that acts only when told to. */
    public static CpuView withoutEviction(Ram ram) {
        return new CpuView(ram, new NoEviction());
    }

    /**
     * A set-associative cache that gives up the line used longest ago.
     *
     * @param sizeBytes capacity, a power of two number of sets of {@code ways} lines
     * @param ways lines per set, at least 1
     * @throws IllegalArgumentException when the numbers do not go together
     */
    public static CpuView leastRecentlyUsed(Ram ram, int sizeBytes, int ways) {
        int sets = ways > 0 ? sizeBytes / LINE / ways : 0;
        Check.argument(
                sets > 0 && Integer.bitCount(sets) == 1 && sets * ways * LINE == sizeBytes,
                "%d bytes in %d ways is no power of two of sets",
                sizeBytes,
                ways);
        return new CpuView(ram, new LruEviction(sets, ways));
    }

    /** A cache that writes back, drops and reads ahead whenever its random stream says so. */
    public static CpuView adversary(Ram ram, Rng rng) {
        return new CpuView(ram, new AdversaryEviction(rng));
    }

    /** What the cache did so far. */
    public CacheCounters counters() {
        return counters;
    }

    /** Loads one byte. */
    public byte load8(long offset) {
        if (modelled) {
            use(offset);
        }
        return cpu.get(JAVA_BYTE, offset);
    }

    /** Loads 2 bytes at any alignment. */
    public short load16(long offset) {
        if (modelled) {
            use(offset, 2);
        }
        return cpu.get(SHORT, offset);
    }

    /** Loads 4 bytes at any alignment. */
    public int load32(long offset) {
        if (modelled) {
            use(offset, 4);
        }
        return cpu.get(INT, offset);
    }

    /** Loads 8 bytes at any alignment. */
    public long load64(long offset) {
        if (modelled) {
            use(offset, 8);
        }
        return cpu.get(LONG, offset);
    }

    /** Stores one byte. */
    public void store8(long offset, byte value) {
        if (modelled) {
            use(offset);
            soil(offset);
        }
        if (shadow.isOn()) {
            shadow.stored(offset, 1);
        }
        cpu.set(JAVA_BYTE, offset, value);
    }

    /** Stores 2 bytes at any alignment. */
    public void store16(long offset, short value) {
        if (modelled) {
            if (isSplit(offset, 2)) {
                storeBytes(offset, 2, value);
                return;
            }
            use(offset);
            soil(offset);
        }
        if (shadow.isOn()) {
            shadow.stored(offset, 2);
        }
        cpu.set(SHORT, offset, value);
    }

    /** Stores 4 bytes at any alignment. */
    public void store32(long offset, int value) {
        if (modelled) {
            if (isSplit(offset, 4)) {
                storeBytes(offset, 4, value);
                return;
            }
            use(offset);
            soil(offset);
        }
        if (shadow.isOn()) {
            shadow.stored(offset, 4);
        }
        cpu.set(INT, offset, value);
    }

    /** Stores 8 bytes at any alignment. */
    public void store64(long offset, long value) {
        if (modelled) {
            if (isSplit(offset, 8)) {
                storeBytes(offset, 8, value);
                return;
            }
            use(offset);
            soil(offset);
        }
        if (shadow.isOn()) {
            shadow.stored(offset, 8);
        }
        cpu.set(LONG, offset, value);
    }

    /** Loads a range into an array. */
    public void load(long offset, byte[] into, int at, int bytes) {
        if (modelled && bytes > 0) {
            useRange(offset, bytes);
        }
        MemorySegment.copy(cpu, JAVA_BYTE, offset, into, at, bytes);
    }

    /** Stores a range from an array. */
    public void store(long offset, byte[] from, int at, int bytes) {
        if (shadow.isOn()) {
            shadow.stored(offset, bytes);
        }
        long end = offset + bytes;
        for (long piece = offset; piece < end; ) {
            long pieceEnd = overwrite(piece, end);
            MemorySegment.copy(
                    from,
                    at + (int) (piece - offset),
                    cpu,
                    JAVA_BYTE,
                    piece,
                    (int) (pieceEnd - piece));
            piece = pieceEnd;
        }
    }

    /** Stores one byte value over a range. */
    public void fill(long offset, long bytes, byte value) {
        if (shadow.isOn()) {
            shadow.stored(offset, bytes);
        }
        long end = offset + bytes;
        for (long piece = offset; piece < end; ) {
            long pieceEnd = overwrite(piece, end);
            fillBytes(cpu, piece, pieceEnd, value);
            piece = pieceEnd;
        }
    }

    /**
     * Copies a range through the CPU; overlapping ranges copy as if through a buffer. Bytes nobody
     * wrote stay unwritten as copies.
     */
    public void copy(long from, long to, long bytes) {
        if (shadow.isOn()) {
            shadow.copied(from, to, bytes);
        }
        if (modelled && bytes > 0) {
            useRange(from, bytes);
        }
        if (followed && from < to && to < from + bytes) {
            copyBackwards(from, to, bytes);
            return;
        }
        long end = to + bytes;
        for (long piece = to; piece < end; ) {
            long pieceEnd = overwrite(piece, end);
            MemorySegment.copy(cpu, from + (piece - to), cpu, piece, pieceEnd - piece);
            piece = pieceEnd;
        }
    }

    /** The first position at which two ranges differ, from their starts, or -1 when equal. */
    public long mismatch(long a, long b, long bytes) {
        if (modelled && bytes > 0) {
            useRange(a, bytes);
            useRange(b, bytes);
        }
        return MemorySegment.mismatch(cpu, a, a + bytes, cpu, b, b + bytes);
    }

    /**
     * Writes the dirty lines that touch a range to RAM; they stay valid.
     *
     * @return lines written
     */
    public long clean(long offset, long bytes) {
        if (!modelled || bytes == 0) {
            return 0;
        }
        long first = offset >> LG2_LINE;
        long last = (offset + bytes - 1) >> LG2_LINE;
        long cleaned = cleanLines(first, last);
        counters.cleaned += cleaned;
        attendedTo(first, last);
        return cleaned;
    }

    /**
     * Drops the lines of a range. A first or last line that the range covers only in part is
     * written to RAM before, if dirty; dirty lines inside are lost.
     *
     * @return lines that were valid
     */
    public long invalidate(long offset, long bytes) {
        if (!modelled || bytes == 0) {
            return 0;
        }
        counters.cleaned += cleanEdges(offset, bytes);
        long first = offset >> LG2_LINE;
        long last = (offset + bytes - 1) >> LG2_LINE;
        long dropped = dropLines(first, last);
        counters.invalidated += dropped;
        attendedTo(first, last);
        return dropped;
    }

    /** Whether the CPU holds a copy of the line at {@code offset} that RAM does not have. */
    public boolean isDirty(long offset) {
        return modelled && lines.get(JAVA_BYTE, offset >> LG2_LINE) == Ram.DIRTY;
    }

    /**
     * Whether the CPU wrote bytes that only its cache has, in one line. Looking changes nothing.
     *
     * @param bytes from {@code offset} on, no further than the line's end
     */
    public boolean isDirtyWithin(long offset, long bytes) {
        return isDirty(offset)
                && MemorySegment.mismatch(cpu, offset, offset + bytes, dram, offset, offset + bytes)
                        >= 0;
    }

    /** Whether the CPU would load the line at {@code offset} from its cache. */
    public boolean isCached(long offset) {
        return modelled && isValid(offset >> LG2_LINE);
    }

    /** A device is about to touch a range past the caches: a moment at which they may act. */
    void deviceTouches(long offset, long bytes) {
        if (restless && modelled && bytes > 0) {
            attendedTo(offset >> LG2_LINE, (offset + bytes - 1) >> LG2_LINE);
        }
    }

    /** A coherent device is about to read a range: dirty lines reach RAM. */
    void snoopRead(long offset, long bytes) {
        if (modelled && bytes > 0) {
            long first = offset >> LG2_LINE;
            long last = (offset + bytes - 1) >> LG2_LINE;
            attendedTo(first, last);
            counters.snooped += cleanLines(first, last);
        }
    }

    /**
     * A coherent device is about to overwrite a range: the caches let go of it. They may act before
     * that, not between that and the write, or they would read ahead what is about to change.
     */
    void snoopWrite(long offset, long bytes) {
        if (modelled && bytes > 0) {
            long first = offset >> LG2_LINE;
            long last = (offset + bytes - 1) >> LG2_LINE;
            attendedTo(first, last);
            cleanEdges(offset, bytes);
            counters.snooped += dropLines(first, last);
        }
    }

    boolean isValid(long line) {
        return lines.get(JAVA_BYTE, line) != Ram.INVALID;
    }

    void evict(long line) {
        writeBack(line);
        setStates(line, line, Ram.INVALID);
        if (shadow.isOn()) {
            shadow.dropped(line, line);
        }
        counters.evicted++;
    }

    void writeBack(long line) {
        if (lines.get(JAVA_BYTE, line) == Ram.DIRTY) {
            writeLines(line, line);
            counters.writtenBack++;
        }
    }

    void speculate(long line) {
        if (!isValid(line)) {
            copyLines(dram, cpu, line, line);
            setStates(line, line, Ram.CLEAN);
            counters.speculated++;
        }
    }

    private static boolean isSplit(long offset, int bytes) {
        return (offset & (LINE - 1)) > LINE - bytes;
    }

    /** Makes the one or two lines of a small access valid. */
    private void use(long offset, int bytes) {
        if (isSplit(offset, bytes)) {
            useRange(offset, bytes);
        } else {
            use(offset);
        }
    }

    /** Makes the line of an access valid. */
    private void use(long offset) {
        long line = offset >> LG2_LINE;
        if (restless) {
            policy.moment(this);
        }
        if (lines.get(JAVA_BYTE, line) == Ram.INVALID) {
            fillLines(line, line);
        } else if (followed) {
            policy.touched(this, line);
        }
    }

    private void soil(long offset) {
        lines.set(JAVA_BYTE, offset >> LG2_LINE, Ram.DIRTY);
    }

    /** A store to two lines: each by itself, for the second may cost the first its place. */
    private void storeBytes(long offset, int bytes, long value) {
        for (int i = 0; i < bytes; i++) {
            store8(offset + i, (byte) (value >>> (8 * i)));
        }
    }

    /** Makes every line of a range valid, in runs. */
    private void useRange(long offset, long bytes) {
        if (restless) {
            policy.moment(this);
        }
        long last = (offset + bytes - 1) >> LG2_LINE;
        for (long line = offset >> LG2_LINE; line <= last; ) {
            if (followed) {
                if (isValid(line)) {
                    policy.touched(this, line);
                } else {
                    fillLines(line, line);
                }
                line++;
            } else {
                long invalid = endOfRun(line, last, true);
                long valid = endOfRun(invalid, last, false);
                if (valid > invalid) {
                    fillLines(invalid, valid - 1);
                }
                line = valid;
            }
        }
    }

    private void fillLines(long first, long last) {
        copyLines(dram, cpu, first, last);
        setStates(first, last, Ram.CLEAN);
        counters.filled += last - first + 1;
        policy.filled(this, first, last);
    }

    /** The end of the run of lines from {@code start} on that are all valid, or all invalid. */
    private long endOfRun(long start, long last, boolean valid) {
        long line = start;
        while (line <= last) {
            if (isWordOf(line, last) && isWholly(lines.get(LONG, line), valid)) {
                line += WORD_LINES;
            } else if (isValid(line) == valid) {
                line++;
            } else {
                break;
            }
        }
        return line;
    }

    private static boolean isWholly(long word, boolean valid) {
        return valid ? ((word | (word >>> 1)) & ONE_IN_EVERY_LINE) == ONE_IN_EVERY_LINE : word == 0;
    }

    /**
     * Makes lines dirty that are about to be overwritten; lines overwritten whole need no fill.
     *
     * <p>A cache that gives up lines as others come in is told line by line: giving up a line whose
     * bytes are still on their way would lose them.
     *
     * @return the end of the piece of {@code [offset, end)} that may be stored now
     */
    private long overwrite(long offset, long end) {
        if (!modelled) {
            return end;
        }
        if (restless) {
            policy.moment(this);
        }
        long pieceEnd = followed ? Math.min(end, (offset | (LINE - 1)) + 1) : end;
        long first = offset >> LG2_LINE;
        long last = (pieceEnd - 1) >> LG2_LINE;
        if ((offset & (LINE - 1)) != 0 && !isValid(first)) {
            fillLines(first, first);
        }
        if ((pieceEnd & (LINE - 1)) != 0 && !isValid(last)) {
            fillLines(last, last);
        }
        policy.filled(this, first, last);
        setStates(first, last, Ram.DIRTY);
        return pieceEnd;
    }

    /** Line by line from the end, so that source bytes are read before they are overwritten. */
    private void copyBackwards(long from, long to, long bytes) {
        for (long end = to + bytes; end > to; ) {
            long piece = Math.max(to, (end - 1) & -LINE);
            overwrite(piece, end);
            MemorySegment.copy(cpu, from + (piece - to), cpu, piece, end - piece);
            end = piece;
        }
    }

    private void attendedTo(long first, long last) {
        if (restless) {
            policy.attended(first, last);
            policy.moment(this);
        }
    }

    /** Cleans the first and the last line of a range where it covers them in part. */
    private long cleanEdges(long offset, long bytes) {
        long end = offset + bytes;
        long first = offset >> LG2_LINE;
        long last = (end - 1) >> LG2_LINE;
        long cleaned = 0;
        if ((offset & (LINE - 1)) != 0) {
            cleaned += cleanLines(first, first);
        }
        if ((end & (LINE - 1)) != 0) {
            cleaned += cleanLines(last, last);
        }
        return cleaned;
    }

    private long cleanLines(long first, long last) {
        long cleaned = 0;
        long line = first;
        while (line <= last) {
            if (isWordOf(line, last) && (lines.get(LONG, line) & DIRTY_IN_EVERY_LINE) == 0) {
                line += WORD_LINES;
            } else if (lines.get(JAVA_BYTE, line) != Ram.DIRTY) {
                line++;
            } else {
                long end = endOfDirtyRun(line, last);
                writeLines(line, end - 1);
                cleaned += end - line;
                line = end;
            }
        }
        return cleaned;
    }

    private void writeLines(long first, long last) {
        if (shadow.isOn()) {
            shadow.writesBack(first, last);
        }
        copyLines(cpu, dram, first, last);
        setStates(first, last, Ram.CLEAN);
    }

    private long endOfDirtyRun(long start, long last) {
        long line = start + 1;
        while (line <= last) {
            if (isWordOf(line, last) && lines.get(LONG, line) == DIRTY_IN_EVERY_LINE) {
                line += WORD_LINES;
            } else if (lines.get(JAVA_BYTE, line) == Ram.DIRTY) {
                line++;
            } else {
                break;
            }
        }
        return line;
    }

    private long dropLines(long first, long last) {
        if (shadow.isOn()) {
            shadow.dropped(first, last);
        }
        long dropped = 0;
        long line = first;
        while (line <= last) {
            if (isWordOf(line, last)) {
                long word = lines.get(LONG, line);
                if (word != 0) {
                    dropped += Long.bitCount(word);
                    lines.set(LONG, line, 0L);
                }
                line += WORD_LINES;
            } else {
                if (lines.get(JAVA_BYTE, line) != Ram.INVALID) {
                    dropped++;
                    lines.set(JAVA_BYTE, line, Ram.INVALID);
                }
                line++;
            }
        }
        return dropped;
    }

    private void setStates(long first, long last, byte state) {
        long line = first;
        while (line <= last) {
            if (isWordOf(line, last)) {
                lines.set(LONG, line, state * ONE_IN_EVERY_LINE);
                line += WORD_LINES;
            } else {
                lines.set(JAVA_BYTE, line, state);
                line++;
            }
        }
    }

    /** Whether eight line states from {@code line} on can be looked at as one word. */
    private static boolean isWordOf(long line, long last) {
        return (line & (WORD_LINES - 1)) == 0 && line + WORD_LINES - 1 <= last;
    }

    /**
     * Stores one value in every byte of {@code [start, end)}. A slice to fill would be an object
     * that the compiler cannot always do without.
     */
    static void fillBytes(MemorySegment memory, long start, long end, byte value) {
        long word = (value & 0xffL) * 0x0101_0101_0101_0101L;
        long at = start;
        for (; at <= end - Long.BYTES; at += Long.BYTES) {
            memory.set(LONG, at, word);
        }
        for (; at < end; at++) {
            memory.set(JAVA_BYTE, at, value);
        }
    }

    private static void copyLines(MemorySegment from, MemorySegment to, long first, long last) {
        long at = first << LG2_LINE;
        MemorySegment.copy(from, at, to, at, (last - first + 1) << LG2_LINE);
    }
}
