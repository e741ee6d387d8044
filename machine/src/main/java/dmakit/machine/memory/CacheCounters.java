package dmakit.machine.memory;

/** What the CPU's caches did, in lines of 64 bytes, since power-on. Read it; the views count. */
public final class CacheCounters {
    long filled;
    long cleaned;
    long invalidated;
    long evicted;
    long writtenBack;
    long speculated;
    long snooped;

    /** Lines read from RAM because the CPU needed them. */
    public long filled() {
        return filled;
    }

    /** Dirty lines written to RAM by cache maintenance. */
    public long cleaned() {
        return cleaned;
    }

    /** Valid lines dropped by cache maintenance. */
    public long invalidated() {
        return invalidated;
    }

    /** Lines dropped by the cache's own choice. */
    public long evicted() {
        return evicted;
    }

    /** Dirty lines written to RAM by the cache's own choice, dropped with that or not. */
    public long writtenBack() {
        return writtenBack;
    }

    /** Lines read from RAM by the cache's own choice. */
    public long speculated() {
        return speculated;
    }

    /** Lines written to RAM or dropped because a coherent device read or wrote them. */
    public long snooped() {
        return snooped;
    }
}
