package dmakit.machine.memory;

/**
 * What the cache does by its own choice: which lines it gives up, and which it reads ahead.
 *
 * <p>The line model asks; the policy answers by calling the package-private doors of {@link
 * CpuView}. Lines are numbered by position in RAM, one per 64 bytes.
 */
abstract sealed class CachePolicy permits NoEviction, LruEviction, AdversaryEviction {
    /** Whether {@link #touched} wants to hear of every access, and fills come line by line. */
    boolean followsTouches() {
        return false;
    }

    /** Whether {@link #moment} does anything. */
    boolean actsByItself() {
        return false;
    }

    /** Lines {@code [first, last]} became valid, by a fill, or are being overwritten. */
    abstract void filled(CpuView view, long first, long last);

    /** The CPU used a line, which is valid. */
    void touched(CpuView view, long line) {}

    /** A moment at which the cache may act: an access, a maintenance operation, a bus transfer. */
    void moment(CpuView view) {}

    /** Cache maintenance or a device was at work on lines {@code [first, last]}. */
    void attended(long first, long last) {}
}
