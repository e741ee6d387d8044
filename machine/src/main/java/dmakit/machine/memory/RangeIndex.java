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
    private static class Node<T> {
        private @Nullable Entry<T> entry;
        private long key;
        private @Nullable Node<T> sameEntry;
        private @Nullable Node<T> next;
        private @Nullable Node<T> previous;

        Entry<T> range() {
            return Objects.requireNonNull(entry);
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

    /** Buckets of one size: a table of open addressing whose empty chains go when it is renewed. */
    private static final class Buckets<T> {
        private static final int CAPACITY_MIN = 16;

        private long[] keys = new long[CAPACITY_MIN];
        private boolean[] taken = new boolean[CAPACITY_MIN];
        private @Nullable Node<T>[] heads = chains(CAPACITY_MIN);
        private int mask = CAPACITY_MIN - 1;
        private int used;
        private int live;

        /** Marked ranges at odd places, others at even ones. */
        @SuppressWarnings("unchecked")
        private static <T> @Nullable Node<T>[] chains(int capacity) {
            return (@Nullable Node<T>[]) new Node<?>[2 * capacity];
        }

        private static int hash(long key) {
            return (int) ((key * 0x9e37_79b9_7f4a_7c15L) >>> 32);
        }

        private int find(long key) {
            int at = hash(key) & mask;
            while (taken[at]) {
                if (keys[at] == key) {
                    return at;
                }
                at = (at + 1) & mask;
            }
            return -1;
        }

        @Nullable Node<T> head(long key, boolean marked) {
            int at = find(key);
            return at < 0 ? null : heads[2 * at + (marked ? 1 : 0)];
        }

        void add(Entry<T> entry, Node<T> node, long key) {
            node.entry = entry;
            node.key = key;
            node.previous = null;
            int at = find(node.key);
            if (at < 0) {
                if (used * 2 > mask) {
                    renew();
                }
                at = hash(node.key) & mask;
                while (taken[at]) {
                    at = (at + 1) & mask;
                }
                taken[at] = true;
                keys[at] = node.key;
                used++;
            }
            int chain = 2 * at + (node.range().marked ? 1 : 0);
            Node<T> head = heads[chain];
            node.next = head;
            if (head != null) {
                head.previous = node;
            }
            heads[chain] = node;
            live++;
        }

        void remove(Node<T> node) {
            Node<T> before = node.previous;
            Node<T> after = node.next;
            if (after != null) {
                after.previous = before;
            }
            if (before != null) {
                before.next = after;
            } else {
                heads[2 * find(node.key) + (node.range().marked ? 1 : 0)] = after;
            }
            live--;
        }

        private void renew() {
            long[] oldKeys = keys;
            boolean[] oldTaken = taken;
            @Nullable Node<T>[] oldHeads = heads;
            int capacity = live * 4 > oldKeys.length ? oldKeys.length * 2 : oldKeys.length;
            keys = new long[capacity];
            taken = new boolean[capacity];
            heads = chains(capacity);
            mask = capacity - 1;
            used = 0;
            for (int i = 0; i < oldKeys.length; i++) {
                if (oldTaken[i] && (oldHeads[2 * i] != null || oldHeads[2 * i + 1] != null)) {
                    int at = hash(oldKeys[i]) & mask;
                    while (taken[at]) {
                        at = (at + 1) & mask;
                    }
                    taken[at] = true;
                    keys[at] = oldKeys[i];
                    heads[2 * at] = oldHeads[2 * i];
                    heads[2 * at + 1] = oldHeads[2 * i + 1];
                    used++;
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
        buckets.remove(entry);
        for (Node<T> node = entry.sameEntry(); node != null; ) {
            Node<T> next = node.sameEntry;
            buckets.remove(node);
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
            for (int marked = 0; marked < 2; marked++) {
                Node<T> node = buckets.head(key, marked == 1);
                for (; node != null; node = node.next) {
                    if (node.range().start == start) {
                        into.add(node.range().value);
                    }
                }
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
                    int at = buckets.find(key);
                    any |= at >= 0 && gather(buckets, at, start, last, markedOnly, grain, into);
                }
            } else {
                for (int at = 0; at <= buckets.mask; at++) {
                    any |=
                            buckets.taken[at]
                                    && gather(buckets, at, start, last, markedOnly, grain, into);
                }
            }
            if (any && into == null) {
                return true;
            }
        }
        return any;
    }

    private static <T> boolean gather(
            Buckets<T> buckets,
            int at,
            long start,
            long last,
            boolean markedOnly,
            int grain,
            @Nullable List<Entry<T>> into) {
        boolean any = false;
        long from = start >>> LG2_BUCKET[grain];
        for (int chain = markedOnly ? 1 : 0; chain < 2; chain++) {
            for (Node<T> node = buckets.heads[2 * at + chain]; node != null; node = node.next) {
                Entry<T> entry = node.range();
                if (Long.compareUnsigned(entry.last, start) >= 0
                        && Long.compareUnsigned(entry.start, last) <= 0
                        // In which of its buckets it counts: the first that the search visits.
                        && node.key == Math.max(entry.start >>> LG2_BUCKET[grain], from)) {
                    any = true;
                    if (into == null) {
                        return true;
                    }
                    into.add(entry);
                }
            }
        }
        return any;
    }
}
