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
 * <p>Lines are level-triggered: a line waits while its chip asserts it and nobody masks it, and the
 * CPU is signalled only while a line waits. Between the moment the first line waits and the CPU
 * seeing it lies a delay that the seed chooses, so that a driver meets its interrupt at a different
 * call in each seed.
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
    private final long[] waiting = new long[LINE_COUNT_MAX / Long.SIZE];
    private final Alarm delivery = new Alarm("interrupt delivery", this::deliver);
    private int waitingCount;
    private boolean signalled;

    /**
     * Creates a controller without lines.
     *
     * @param delayPsMax upper bound of the seeded delivery delay, in picoseconds, at least 1
     */
    public InterruptController(Clock clock, Trace trace, Rng rng, int delayPsMax) {
        Check.argument(delayPsMax >= 1, "delay bound must be at least 1 ps: %d", delayPsMax);
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

    /** The lowest line that is asserted and not masked, or {@link #NONE}. */
    public int claim() {
        if (waitingCount > 0) {
            for (int i = 0; i < waiting.length; i++) {
                if (waiting[i] != 0) {
                    return i * Long.SIZE + Long.numberOfTrailingZeros(waiting[i]);
                }
            }
        }
        return NONE;
    }

    void levelChanged(int number, boolean asserted) {
        if (trace.isOn()) {
            trace.emit(new TraceEvent.InterruptLevel(clock.now(), number, asserted));
        }
    }

    /** A line began or ceased to wait for the CPU. */
    void waits(int number, boolean begins) {
        waiting[number / Long.SIZE] ^= 1L << number;
        waitingCount += begins ? 1 : -1;
        if (waitingCount == 0) {
            signalled = false;
            clock.cancel(delivery);
        } else if (begins && !signalled && !delivery.isSet()) {
            clock.setIn(delivery, rng.nextInt(delayPsMax));
        }
    }

    private void deliver() {
        signalled = true;
    }
}
