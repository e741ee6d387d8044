package dmakit.machine.memory;

/** What the CPU's caches did, in lines of 64 bytes, since power-on. Read it; the views count. */
public final class CacheCounters {
    long filled;
    long cleaned;
    long invalidated;
    long evicted;
    long speculated;

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

    /** Lines dropped, and dirty ones written back, by the cache's own choice. */
    public long evicted() {
        return evicted;
    }

    /** Lines read from RAM by the cache's own choice. */
    public long speculated() {
        return speculated;
    }
}
