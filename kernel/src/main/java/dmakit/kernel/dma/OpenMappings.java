package dmakit.kernel.dma;

import dmakit.machine.Check;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * What one device holds now: its mappings and coherent buffers.
 *
 * <p>A table of open addressing over primitive arrays: to add and to remove costs a few nanoseconds
 * and allocates nothing, so it is always on.
 */
public final class OpenMappings {
    /** Mappings a device may hold at the same time. */
    public static final int COUNT_MAX = 1 << 22;

    private static final int CAPACITY_MIN = 16;
    private static final long EMPTY = 0;
    private static final int LG2_PAGE = 12;
    private static final int LG2_TAG = 5;
    private static final int TAG_MASK = (1 << LG2_TAG) - 1;

    /** How memory was lent. */
    public enum Kind {
        /** By {@code dma_alloc_*}. */
        COHERENT(1),
        /** By {@code dma_map_single} or {@code dma_map_page}. */
        SINGLE(2),
        /** By {@code dma_map_sg}; the address is the first entry's, the size all entries'. */
        LIST(3),
        /** By {@code dma_map_resource}. */
        RESOURCE(4),
        /** By {@code dma_alloc_pages} or {@code dma_alloc_noncoherent}. */
        PAGES(5),
        /** By {@code dma_iova_link}. */
        LINKED(6);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        private static Kind ofCode(int code) {
            return switch (code) {
                case 1 -> COHERENT;
                case 2 -> SINGLE;
                case 3 -> LIST;
                case 4 -> RESOURCE;
                case 5 -> PAGES;
                case 6 -> LINKED;
                default -> throw new IllegalArgumentException("no kind has code " + code);
            };
        }
    }

    /**
     * One that is open.
     *
     * @param size in bytes
     */
    public record Open(long dma, long size, Kind kind, DmaDirection direction) {
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "dma:0x%x, 0x%x bytes, %s %s",
                    dma,
                    size,
                    kind == Kind.COHERENT ? "coherent" : "mapped",
                    direction);
        }
    }

    /** Pairs of an address and what is there: the size above {@link #LG2_TAG} bits of tag. */
    private long[] table = new long[2 * CAPACITY_MIN];

    private int mask = CAPACITY_MIN - 1;
    private int count;

    /** The latest one, which is not in the table: most often it is the next to go. */
    private long latestDma;

    private long latest = EMPTY;

    /** How many there are. */
    public int count() {
        return latest == EMPTY ? count : count + 1;
    }

    /** Notes one. */
    public void add(long dma, long size, Kind kind, DmaDirection direction) {
        if (latest != EMPTY) {
            if (count * 2 > mask) {
                grow();
            }
            insert(latestDma, latest);
        }
        latestDma = dma;
        latest = content(size, kind, direction);
    }

    /**
     * Forgets one.
     *
     * @return false when there is none with exactly these values
     */
    public boolean remove(long dma, long size, Kind kind, DmaDirection direction) {
        long wanted = content(size, kind, direction);
        if (latest == wanted && latestDma == dma) {
            latest = EMPTY;
            return true;
        }
        long[] entries = table;
        int at = slot(dma);
        for (long found; (found = entries[2 * at + 1]) != EMPTY; at = (at + 1) & mask) {
            if (found == wanted && entries[2 * at] == dma) {
                close(at);
                return true;
            }
        }
        return false;
    }

    /** All of them, by address. */
    public List<Open> list() {
        List<Open> open = new ArrayList<>(count);
        for (int at = 0; at <= mask; at++) {
            long content = table[2 * at + 1];
            if (content != EMPTY) {
                open.add(open(table[2 * at], content));
            }
        }
        if (latest != EMPTY) {
            open.add(open(latestDma, latest));
        }
        open.sort(
                Comparator.comparing(Open::dma, Long::compareUnsigned)
                        .thenComparing(Open::size, Long::compareUnsigned));
        return open;
    }

    private static Open open(long dma, long content) {
        int tag = (int) content & TAG_MASK;
        return new Open(dma, content >>> LG2_TAG, Kind.ofCode(tag >> 2), direction(tag & 3));
    }

    private void insert(long dma, long content) {
        long[] entries = table;
        int at = slot(dma);
        while (entries[2 * at + 1] != EMPTY) {
            at = (at + 1) & mask;
        }
        entries[2 * at] = dma;
        entries[2 * at + 1] = content;
        count++;
    }

    /** Empties a slot and moves those behind it up that would not be found any more. */
    private void close(int slot) {
        count--;
        long[] entries = table;
        int hole = slot;
        for (int at = (hole + 1) & mask; entries[2 * at + 1] != EMPTY; at = (at + 1) & mask) {
            if (((at - slot(entries[2 * at])) & mask) >= ((at - hole) & mask)) {
                entries[2 * hole] = entries[2 * at];
                entries[2 * hole + 1] = entries[2 * at + 1];
                hole = at;
            }
        }
        entries[2 * hole + 1] = EMPTY;
    }

    private void grow() {
        Check.invariant(count < COUNT_MAX, "a device holds more than %d mappings", COUNT_MAX);
        long[] old = table;
        table = new long[old.length * 2];
        mask = old.length - 1;
        count = 0;
        for (int at = 0; at < old.length; at += 2) {
            if (old[at + 1] != EMPTY) {
                insert(old[at], old[at + 1]);
            }
        }
    }

    /**
     * By the golden ratio, from the top bits: neighbouring pages lie as far apart as they can. The
     * bits inside of a page come last, they are mostly 0.
     */
    private int slot(long dma) {
        long page = Long.rotateRight(dma, LG2_PAGE);
        return (int) ((page * 0x9e37_79b9_7f4a_7c15L) >>> Long.numberOfLeadingZeros(mask));
    }

    private static long content(long size, Kind kind, DmaDirection direction) {
        return (size << LG2_TAG) | (kind.code << 2) | direction.code();
    }

    private static DmaDirection direction(int code) {
        return switch (code) {
            case 0 -> DmaDirection.BIDIRECTIONAL;
            case 1 -> DmaDirection.TO_DEVICE;
            case 2 -> DmaDirection.FROM_DEVICE;
            default -> DmaDirection.NONE;
        };
    }
}
