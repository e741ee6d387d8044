package dmakit.kernel.mapping;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Ranges that may overlap, found by what they cover.
 *
 * <p>They are kept by start, in classes of length: a search looks back no further than the longest
 * of a class, so that one long range does not slow down the search among short ones.
 */
final class RangeIndex {
    private static final long[] LONGEST = {4096, 128 << 10, Long.MAX_VALUE};

    private final ToLongFunction<Lending> startOf;
    private final Chain chain;
    private final List<NavigableMap<Long, Lending>> classes = new ArrayList<>();
    private long longestOfAll;

    /** How ranges of the same start hang together. */
    enum Chain {
        BY_DMA,
        BY_PHYS
    }

    RangeIndex(Chain chain) {
        this.chain = chain;
        startOf = chain == Chain.BY_DMA ? Lending::dma : Lending::phys;
        for (int i = 0; i < LONGEST.length; i++) {
            classes.add(new TreeMap<>());
        }
    }

    void add(Lending lending) {
        longestOfAll = Math.max(longestOfAll, lending.size());
        next(lending, classOf(lending).put(startOf.applyAsLong(lending), lending));
    }

    void remove(Lending lending) {
        NavigableMap<Long, Lending> ranges = classOf(lending);
        long start = startOf.applyAsLong(lending);
        Lending first = ranges.get(start);
        if (lending.equals(first)) {
            Lending second = next(lending);
            if (second == null) {
                ranges.remove(start);
            } else {
                ranges.put(start, second);
            }
            return;
        }
        for (Lending at = first; at != null; at = next(at)) {
            if (lending.equals(next(at))) {
                next(at, next(lending));
                return;
            }
        }
    }

    /** All ranges with a byte in {@code [start, start + bytes)}, the one that starts last first. */
    List<Lending> overlapping(long start, long bytes) {
        List<Lending> found = new ArrayList<>(2);
        long last = start + Math.max(bytes, 1) - 1;
        for (int i = 0; i < LONGEST.length; i++) {
            long longest = Math.min(LONGEST[i], longestOfAll);
            NavigableMap<Long, Lending> ranges = classes.get(i);
            Map.Entry<Long, Lending> entry = ranges.isEmpty() ? null : ranges.floorEntry(last);
            while (entry != null && entry.getKey() > start - longest) {
                for (Lending at = entry.getValue(); at != null; at = next(at)) {
                    if (entry.getKey() + at.size() > start) {
                        found.add(at);
                    }
                }
                entry = ranges.lowerEntry(entry.getKey());
            }
        }
        return found;
    }

    private NavigableMap<Long, Lending> classOf(Lending lending) {
        int i = 0;
        while (lending.size() > LONGEST[i]) {
            i++;
        }
        return classes.get(i);
    }

    private @Nullable Lending next(Lending lending) {
        return chain == Chain.BY_DMA ? lending.sameDma : lending.samePhys;
    }

    private void next(Lending lending, @Nullable Lending other) {
        if (chain == Chain.BY_DMA) {
            lending.sameDma = other;
        } else {
            lending.samePhys = other;
        }
    }
}
