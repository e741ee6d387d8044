package dmakit.machine.memory;

/** A cache as large as RAM that never acts by itself: the easiest to reason about. */
final class NoEviction extends CachePolicy {
    @Override
    boolean followsTouches() {
        return false;
    }

    @Override
    void filled(CpuView view, long line) {}

    @Override
    void touched(CpuView view, long first, long last) {}

    @Override
    void moment(CpuView view) {}

    @Override
    void attended(long first, long last) {}
}
