package dmakit.machine.memory;

import dmakit.machine.random.Rng;

/**
 * A cache that acts at the worst moments a seed can find.
 *
 * <p>It writes dirty lines back, gives lines up, and reads lines ahead of any use, as real caches
 * may at any time. It prefers the lines that the CPU, cache maintenance or a device had to do with
 * last: there a driver's mistake shows.
 */
final class AdversaryEviction extends CachePolicy {
    private static final int RECENT_COUNT = 64;
    private static final int MOMENTS_BETWEEN_ACTS_MAX = 24;
    private static final int LINES_PER_ACT_MAX = 8;

    private final Rng rng;
    private final long[] recentFirst = new long[RECENT_COUNT];
    private final long[] recentLast = new long[RECENT_COUNT];
    private int recentCount;
    private int recentNext;
    private int momentsToAct = 1;

    AdversaryEviction(Rng rng) {
        this.rng = rng;
    }

    @Override
    boolean actsByItself() {
        return true;
    }

    @Override
    void filled(CpuView view, long first, long last) {
        attended(first, last);
    }

    @Override
    void attended(long first, long last) {
        int newest = (recentNext + RECENT_COUNT - 1) % RECENT_COUNT;
        if (recentCount > 0 && first <= recentLast[newest] + 1 && last >= recentFirst[newest]) {
            recentFirst[newest] = Math.min(first, recentFirst[newest]);
            recentLast[newest] = Math.max(last, recentLast[newest]);
            return;
        }
        recentFirst[recentNext] = first;
        recentLast[recentNext] = last;
        recentNext = (recentNext + 1) % RECENT_COUNT;
        recentCount = Math.min(recentCount + 1, RECENT_COUNT);
    }

    @Override
    void moment(CpuView view) {
        if (--momentsToAct > 0 || recentCount == 0) {
            return;
        }
        momentsToAct = 1 + rng.nextInt(MOMENTS_BETWEEN_ACTS_MAX);
        int range = rng.nextInt(recentCount);
        long span = recentLast[range] - recentFirst[range] + 1;
        int acts = 1 + rng.nextInt(LINES_PER_ACT_MAX);
        for (int i = 0; i < acts; i++) {
            act(view, recentFirst[range] + rng.nextLong(span));
        }
    }

    private void act(CpuView view, long line) {
        if (!view.isValid(line)) {
            view.speculate(line);
        } else if (rng.oneIn(2)) {
            view.evict(line);
        } else {
            view.writeBack(line);
        }
    }
}
