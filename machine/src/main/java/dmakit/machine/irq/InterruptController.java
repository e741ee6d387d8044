package dmakit.machine.irq;

import dmakit.machine.Check;
import dmakit.machine.random.Rng;
import dmakit.machine.time.Alarm;
import dmakit.machine.time.Clock;
import dmakit.machine.trace.Trace;
import dmakit.machine.trace.TraceEvent;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Collects the interrupt lines of all chips and tells the CPU when one waits.
 *
 * <p>Lines are level-triggered: a line stays pending while its chip asserts it. Between the edge
 * and the CPU seeing it lies a delay that the seed chooses, so that a driver meets its interrupt at
 * a different call in each seed.
 */
public final class InterruptController {
    /** Lines one controller may have. */
    public static final int LINE_COUNT_MAX = 1024;

    /** What {@link #claim} answers when nothing waits. */
    public static final int NONE = -1;

    private final Clock clock;
    private final Trace trace;
    private final Rng rng;
    private final int delayPsMax;
    private final List<@Nullable IrqLine> lines = new ArrayList<>();
    private final Alarm delivery = new Alarm("interrupt delivery", this::deliver);
    private int assertedCount;
    private boolean signalled;

    /**
     * Creates a controller without lines.
     *
     * @param delayPsMax upper bound of the seeded delivery delay, in picoseconds, at least 1
     */
    public InterruptController(Clock clock, Trace trace, Rng rng, int delayPsMax) {
        this.clock = clock;
        this.trace = trace;
        this.rng = rng;
        this.delayPsMax = delayPsMax;
    }

    /**
     * The line of a number; the first call makes it.
     *
     * @param number 0 to {@link #LINE_COUNT_MAX} - 1
     */
    public IrqLine line(int number) {
        Check.argument(
                number >= 0 && number < LINE_COUNT_MAX, "no interrupt line of number %d", number);
        while (lines.size() <= number) {
            lines.add(null);
        }
        IrqLine line = lines.get(number);
        if (line == null) {
            line = new IrqLine(this, number);
            lines.set(number, line);
        }
        return line;
    }

    /** Whether the CPU should take an interrupt now. */
    public boolean isSignalled() {
        return signalled;
    }

    /**
     * The lowest line that is asserted and not masked, or {@link #NONE}, after which the CPU is not
     * signalled until another edge.
     */
    public int claim() {
        if (assertedCount > 0) {
            for (IrqLine line : lines) {
                if (line != null && line.isAsserted() && !line.isMasked()) {
                    return line.number();
                }
            }
        }
        signalled = false;
        return NONE;
    }

    void edge(IrqLine line, boolean asserted) {
        assertedCount += asserted ? 1 : -1;
        if (trace.isOn()) {
            trace.emit(new TraceEvent.InterruptLevel(clock.now(), line.number(), asserted));
        }
        if (asserted && !line.isMasked()) {
            request();
        }
    }

    void request() {
        if (!signalled && !delivery.isSet()) {
            clock.setIn(delivery, rng.nextInt(delayPsMax));
        }
    }

    private void deliver() {
        signalled = true;
    }
}
