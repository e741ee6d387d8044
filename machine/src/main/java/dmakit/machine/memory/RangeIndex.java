package dmakit.machine.memory;

import dmakit.machine.Check;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Ranges of addresses that may overlap, found by what they cover. Addresses are unsigned.
 *
 * <p>A range lies in the buckets of addresses it touches, four at most: long ranges are kept in
 * larger buckets. So a search costs what it finds, however many ranges there are and however long
 * others may be.
 *
 * @param <T> what a range stands for
 */
public final class RangeIndex<T> {
    private static final int[] LG2_BUCKET = {12, 18, 24, 30, 36, 42, 48, 54, 62};
    private static final int BUCKETS_PER_RANGE = 4;

    private final Buckets<T>[] grains = noGrains();

    /** One bit for each size of bucket that has ranges. */
    private int liveGrains;

    private long serials;
    private int count;

    /** A range in one bucket. */
    static class Node<T> {
        private @Nullable Entry<T> entry;
        private @Nullable Chain<T> chain;
        private @Nullable Node<T> sameEntry;
        private @Nullable Node<T> next;
        private @Nullable Node<T> previous;

        Entry<T> range() {
            return Objects.requireNonNull(entry);
        }

        Chain<T> bucket() {
            return Objects.requireNonNull(chain);
        }

        @Nullable Node<T> sameEntry() {
            return sameEntry;
        }

        void sameEntry(@Nullable Node<T> node) {
            sameEntry = node;
        }
    }

    /**
     * A range in the index, by which it is taken out again; also its own place in one bucket. What
     * was taken out may be added again, as another range.
     */
    public static final class Entry<T> extends Node<T> {
        private final T value;
        private long start;
        private long last;
        private long serial;
        private boolean marked;
        private int grain;
        private boolean added;

        /** Places in further buckets, of which those that {@code sameEntry} leads to are used. */
        private @Nullable Node<T> spare;

        /** Creates what stands for a value, in no index yet. */
        public Entry(T value) {
            this.value = value;
        }

        private Node<T> place() {
            Node<T> place = spare;
            if (place == null) {
                return new Node<>();
            }
            spare = place.sameEntry;
            place.sameEntry = null;
            return place;
        }
    }

    /** What lies in one bucket, the latest first. */
    static final class Chain<T> {
        private final long key;
        private @Nullable Node<T> plain;
        private @Nullable Node<T> marked;

        Chain(long key) {
            this.key = key;
        }

        boolean isEmpty() {
            return plain == null && marked == null;
        }

        private @Nullable Node<T> head(boolean ofMarked) {
            return ofMarked ? marked : plain;
        }

        private void head(boolean ofMarked, @Nullable Node<T> node) {
            if (ofMarked) {
                marked = node;
            } else {
                plain = node;
            }
        }

        void add(Node<T> node, boolean isMarked) {
            Node<T> head = head(isMarked);
            node.previous = null;
            node.next = head;
            if (head != null) {
                head.previous = node;
            }
            head(isMarked, node);
        }

        void remove(Node<T> node, boolean isMarked) {
            Node<T> before = node.previous;
            Node<T> after = node.next;
            if (after != null) {
                after.previous = before;
            }
            if (before != null) {
                before.next = after;
            } else {
                head(isMarked, after);
            }
        }
    }

    /** Buckets of one size: a table of open addressing whose empty chains go when it is renewed. */
    private static final class Buckets<T> {
        private static final int CAPACITY_MIN = 16;

        private @Nullable Chain<T>[] chains = table(CAPACITY_MIN);
        private int mask = CAPACITY_MIN - 1;
        private int used;
        private int live;

        @SuppressWarnings("unchecked")
        private static <T> @Nullable Chain<T>[] table(int capacity) {
            return (@Nullable Chain<T>[]) new Chain<?>[capacity];
        }

        private static int hash(long key) {
            return (int) ((key * 0x9e37_79b9_7f4a_7c15L) >>> 32);
        }

        @Nullable Chain<T> find(long key) {
            int at = hash(key) & mask;
            Chain<T> chain = chains[at];
            while (chain != null && chain.key != key) {
                at = (at + 1) & mask;
                chain = chains[at];
            }
            return chain;
        }

        void add(Entry<T> entry, Node<T> node, long key) {
            Chain<T> chain = find(key);
            if (chain == null) {
                if (used * 2 > mask) {
                    renew();
                }
                chain = new Chain<>(key);
                insert(chain);
            }
            node.entry = entry;
            node.chain = chain;
            chain.add(node, entry.marked);
            live++;
        }

        void remove(Node<T> node, boolean isMarked) {
            node.bucket().remove(node, isMarked);
            live--;
        }

        private void insert(Chain<T> chain) {
            int at = hash(chain.key) & mask;
            while (chains[at] != null) {
                at = (at + 1) & mask;
            }
            chains[at] = chain;
            used++;
        }

        private void renew() {
            @Nullable Chain<T>[] old = chains;
            int capacity = live * 4 > old.length ? old.length * 2 : old.length;
            chains = table(capacity);
            mask = capacity - 1;
            used = 0;
            for (Chain<T> chain : old) {
                if (chain != null && !chain.isEmpty()) {
                    insert(chain);
                }
            }
        }
    }

    /** Creates an empty index. */
    public RangeIndex() {
        for (int i = 0; i < LG2_BUCKET.length; i++) {
            grains[i] = new Buckets<>();
        }
    }

    @SuppressWarnings("unchecked")
    private static <T> Buckets<T>[] noGrains() {
        return (Buckets<T>[]) new Buckets<?>[LG2_BUCKET.length];
    }

    /** How many ranges there are. */
    public int count() {
        return count;
    }

    /**
     * Adds a range.
     *
     * @param bytes its length; a range of 0 bytes counts as one of 1
     * @param marked whether a search for marked ones alone finds it
     */
    public void add(Entry<T> entry, long start, long bytes, boolean marked) {
        Check.argument(!entry.added, "it is in the index already");
        entry.start = start;
        entry.last = start + (bytes == 0 ? 0 : bytes - 1);
        if (Long.compareUnsigned(entry.last, start) < 0) {
            entry.last = -1;
        }
        entry.serial = serials++;
        entry.marked = marked;
        entry.added = true;
        entry.grain = 0;
        while ((entry.last >>> LG2_BUCKET[entry.grain]) - (start >>> LG2_BUCKET[entry.grain])
                >= BUCKETS_PER_RANGE) {
            entry.grain++;
        }
        Buckets<T> buckets = grains[entry.grain];
        long firstKey = start >>> LG2_BUCKET[entry.grain];
        buckets.add(entry, entry, firstKey);
        liveGrains |= 1 << entry.grain;
        for (long key = entry.last >>> LG2_BUCKET[entry.grain]; key > firstKey; key--) {
            Node<T> node = entry.place();
            buckets.add(entry, node, key);
            node.sameEntry = entry.sameEntry();
            entry.sameEntry(node);
        }
        count++;
    }

    /** Takes a range out; taking it out again does nothing. */
    public void remove(Entry<T> entry) {
        if (!entry.added) {
            return;
        }
        entry.added = false;
        count--;
        Buckets<T> buckets = grains[entry.grain];
        buckets.remove(entry, entry.marked);
        for (Node<T> node = entry.sameEntry(); node != null; ) {
            Node<T> next = node.sameEntry;
            buckets.remove(node, entry.marked);
            node.sameEntry = entry.spare;
            entry.spare = node;
            node = next;
        }
        entry.sameEntry(null);
        if (buckets.live == 0) {
            liveGrains &= ~(1 << entry.grain);
        }
    }

    /**
     * Finds what starts at an address, the latest first among those of one length.
     *
     * @param into is emptied first
     */
    public void startingAt(long start, List<T> into) {
        into.clear();
        for (int left = liveGrains; left != 0; left &= left - 1) {
            int grain = Integer.numberOfTrailingZeros(left);
            Buckets<T> buckets = grains[grain];
            long key = start >>> LG2_BUCKET[grain];
            Chain<T> chain = buckets.find(key);
            if (chain != null) {
                addStarting(chain.marked, start, into);
                addStarting(chain.plain, start, into);
            }
        }
    }

    private static <T> void addStarting(@Nullable Node<T> head, long start, List<T> into) {
        for (Node<T> node = head; node != null; node = node.next) {
            if (node.range().start == start) {
                into.add(node.range().value);
            }
        }
    }

    /** Whether any range has a byte in {@code [start, start + bytes)}. */
    public boolean isTouched(long start, long bytes, boolean markedOnly) {
        return collect(start, bytes, markedOnly, null);
    }

    /**
     * All ranges with a byte in {@code [start, start + bytes)}: those that start last first, of the
     * same start the latest first.
     *
     * @param bytes 0 counts as 1
     */
    public List<T> overlapping(long start, long bytes) {
        return overlapping(start, bytes, false);
    }

    /** As {@link #overlapping(long, long)}, of marked ranges alone if so wanted. */
    public List<T> overlapping(long start, long bytes, boolean markedOnly) {
        List<Entry<T>> found = new ArrayList<>(2);
        if (!collect(start, bytes, markedOnly, found)) {
            return List.of();
        }
        if (found.size() > 1) {
            found.sort((a, b) -> {
                int byStart = Long.compareUnsigned(b.start, a.start);
                return byStart != 0 ? byStart : Long.compare(b.serial, a.serial);
            });
        }
        List<T> values = new ArrayList<>(found.size());
        found.forEach(entry -> values.add(entry.value));
        return values;
    }

    private boolean collect(
            long start, long bytes, boolean markedOnly, @Nullable List<Entry<T>> into) {
        long last = start + (bytes == 0 ? 0 : bytes - 1);
        last = Long.compareUnsigned(last, start) < 0 ? -1 : last;
        boolean any = false;
        for (int left = liveGrains; left != 0; left &= left - 1) {
            int grain = Integer.numberOfTrailingZeros(left);
            Buckets<T> buckets = grains[grain];
            long first = start >>> LG2_BUCKET[grain];
            long end = last >>> LG2_BUCKET[grain];
            if (end - first < buckets.used) {
                for (long key = first; key <= end; key++) {
                    Chain<T> chain = buckets.find(key);
                    any |= chain != null && gather(chain, start, last, markedOnly, grain, into);
                }
            } else {
                for (Chain<T> chain : buckets.chains) {
                    any |= chain != null && gather(chain, start, last, markedOnly, grain, into);
                }
            }
            if (any && into == null) {
                return true;
            }
        }
        return any;
    }

    private static <T> boolean gather(
            Chain<T> chain,
            long start,
            long last,
            boolean markedOnly,
            int grain,
            @Nullable List<Entry<T>> into) {
        boolean any = gather(chain.key, chain.marked, start, last, grain, into);
        if (markedOnly || (any && into == null)) {
            return any;
        }
        return gather(chain.key, chain.plain, start, last, grain, into) || any;
    }

    private static <T> boolean gather(
            long key,
            @Nullable Node<T> head,
            long start,
            long last,
            int grain,
            @Nullable List<Entry<T>> into) {
        boolean any = false;
        long from = start >>> LG2_BUCKET[grain];
        for (Node<T> node = head; node != null; node = node.next) {
            Entry<T> entry = node.range();
            if (Long.compareUnsigned(entry.last, start) >= 0
                    && Long.compareUnsigned(entry.start, last) <= 0
                    // In which of its buckets it counts: the first that the search visits.
                    && key == Math.max(entry.start >>> LG2_BUCKET[grain], from)) {
                any = true;
                if (into == null) {
                    return true;
                }
                into.add(entry);
            }
        }
        return any;
    }
}
