package dmakit.cmodule.user;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.machine.memory.SharedSegment;
import dmakit.machine.time.Clock;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;

/**
 * Simulated time where programs can look at it without a call: a page with a {@code wire_clock}.
 */
final class SharedTime implements AutoCloseable {
    private static final long PS_PER_NS = 1_000;
    private static final int EPOCH_NS = 8;

    private final Arena arena = Arena.ofConfined();
    private final SharedSegment segment;
    private long shownPs;

    /**
     * Creates the page.
     *
     * @param epochNs when the machine was switched on, in nanoseconds of the time of day
     */
    SharedTime(long epochNs) {
        segment = SharedSegment.create("dmakit-time", Wire.CLOCK_BYTES, arena);
        segment.segment().set(ValueLayout.JAVA_LONG, EPOCH_NS, epochNs);
    }

    /** Where a program finds it in this JVM. */
    int descriptor() {
        return segment.descriptor()
                .orElseThrow(() -> new KernelException(Errno.ENODEV, "no memory can be shared"));
    }

    /** Lets programs see what time it is. */
    void show(Clock clock) {
        show(clock.now());
    }

    /**
     * Lets programs see a time; it never goes back.
     *
     * @param ps since power-on
     */
    void show(long ps) {
        shownPs = Math.max(shownPs, ps);
        segment.segment().set(ValueLayout.JAVA_LONG, 0, shownPs / PS_PER_NS);
    }

    @Override
    public void close() {
        segment.close();
        arena.close();
    }
}
