package dmakit.machine.memory;

/**
 * What the cache does by its own choice: which lines it gives up, and which it reads ahead.
 *
 * <p>The line model asks; the policy answers by calling the package-private doors of {@link
 * CpuView}. Lines are numbered by position in RAM, one per 64 bytes.
 */
abstract sealed class CachePolicy permits NoEviction, LruEviction, AdversaryEviction {
    /** Whether {@link #touched} wants to hear of every access, not only of fills. */
    abstract boolean followsTouches();

    /** A line became valid, by a fill or by being overwritten whole. */
    abstract void filled(CpuView view, long line);

    /** The CPU used lines {@code [first, last]}, which are valid. */
    abstract void touched(CpuView view, long first, long last);

    /** A moment at which the cache may act: an access, a maintenance operation, a bus transfer. */
    abstract void moment(CpuView view);

    /** Cache maintenance or a device was at work on lines {@code [first, last]}. */
    abstract void attended(long first, long last);
}
