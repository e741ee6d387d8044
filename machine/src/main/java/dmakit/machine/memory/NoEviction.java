package dmakit.machine.memory;

/** A cache as large as RAM that never acts by itself: the easiest to reason about. */
final class NoEviction extends CachePolicy {
    @Override
    void filled(CpuView view, long first, long last) {}
}
