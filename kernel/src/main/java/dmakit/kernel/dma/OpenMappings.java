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
    private static final byte EMPTY = 0;

    /** How memory was lent. */
    public enum Kind {
        /** By {@code dma_alloc_*}. */
        COHERENT(1),
        /** By {@code dma_map_single} or {@code dma_map_page}. */
        SINGLE(2),
        /** By {@code dma_map_sg}; the address is the first entry's, the size all entries'. */
        LIST(3),
        /** By {@code dma_map_resource}. */
        RESOURCE(4);

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

    private long[] dmas = new long[CAPACITY_MIN];
    private long[] sizes = new long[CAPACITY_MIN];
    private byte[] tags = new byte[CAPACITY_MIN];
    private int mask = CAPACITY_MIN - 1;
    private int count;

    /** How many there are. */
    public int count() {
        return count;
    }

    /** Notes one. */
    public void add(long dma, long size, Kind kind, DmaDirection direction) {
        if (count * 2 > mask) {
            grow();
        }
        insert(dma, size, tag(kind, direction));
    }

    /**
     * Forgets one.
     *
     * @return false when there is none with exactly these values
     */
    public boolean remove(long dma, long size, Kind kind, DmaDirection direction) {
        byte tag = tag(kind, direction);
        for (int at = slot(dma); tags[at] != EMPTY; at = (at + 1) & mask) {
            if (dmas[at] == dma && sizes[at] == size && tags[at] == tag) {
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
            if (tags[at] != EMPTY) {
                open.add(
                        new Open(
                                dmas[at],
                                sizes[at],
                                Kind.ofCode(tags[at] >> 2),
                                direction(tags[at] & 3)));
            }
        }
        open.sort(
                Comparator.comparing(Open::dma, Long::compareUnsigned)
                        .thenComparing(Open::size, Long::compareUnsigned));
        return open;
    }

    private void insert(long dma, long size, byte tag) {
        int at = slot(dma);
        while (tags[at] != EMPTY) {
            at = (at + 1) & mask;
        }
        dmas[at] = dma;
        sizes[at] = size;
        tags[at] = tag;
        count++;
    }

    /** Empties a slot and moves those behind it up that would not be found any more. */
    private void close(int slot) {
        count--;
        int hole = slot;
        for (int at = (hole + 1) & mask; tags[at] != EMPTY; at = (at + 1) & mask) {
            if (((at - slot(dmas[at])) & mask) >= ((at - hole) & mask)) {
                dmas[hole] = dmas[at];
                sizes[hole] = sizes[at];
                tags[hole] = tags[at];
                hole = at;
            }
        }
        tags[hole] = EMPTY;
    }

    private void grow() {
        Check.invariant(count < COUNT_MAX, "a device holds more than %d mappings", COUNT_MAX);
        long[] oldDmas = dmas;
        long[] oldSizes = sizes;
        byte[] oldTags = tags;
        int capacity = oldTags.length * 2;
        dmas = new long[capacity];
        sizes = new long[capacity];
        tags = new byte[capacity];
        mask = capacity - 1;
        count = 0;
        for (int at = 0; at < oldTags.length; at++) {
            if (oldTags[at] != EMPTY) {
                insert(oldDmas[at], oldSizes[at], oldTags[at]);
            }
        }
    }

    private int slot(long dma) {
        return (int) ((dma * 0x9e37_79b9_7f4a_7c15L) >>> 40) & mask;
    }

    private static byte tag(Kind kind, DmaDirection direction) {
        return (byte) (kind.code << 2 | direction.code());
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
