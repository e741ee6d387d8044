package dmakit.kernel.irq;

import dmakit.kernel.sched.Jiffies;
import dmakit.kernel.sched.TaskQueue;
import dmakit.machine.irq.IrqLine;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What the kernel knows of one line. */
final class IrqDesc {
    /** Interrupts after which a line's record is looked at. */
    static final int CHECK_COUNT = 100_000;

    /** Of these, unhandled ones beyond which nobody cares. */
    static final int UNHANDLED_COUNT_MAX = 99_900;

    private static final long UNHANDLED_GAP = Jiffies.HZ / 10;

    final IrqLine line;
    final List<IrqAction> actions = new ArrayList<>();
    final TaskQueue synchronizers = new TaskQueue();

    /** How often the line was disabled; 1 while nobody asked for it. */
    int depth = 1;

    long count;
    long unhandledCount;
    long handlerPs;
    long lastEntryPs;
    long lastHandlerPs;
    long lastExitPs;

    private int checked;
    private int recentUnhandled;
    private long lastUnhandled;

    IrqDesc(IrqLine line) {
        this.line = line;
    }

    boolean isThreadBusy() {
        for (int i = 0; i < actions.size(); i++) {
            if (actions.get(i).isThreadBusy()) {
                return true;
            }
        }
        return false;
    }

    /** Masks the line unless it may come in. */
    void applyMask() {
        boolean wanted = depth == 0 && !waitsForOneshotThread();
        if (wanted == line.isMasked()) {
            if (wanted) {
                line.unmask();
            } else {
                line.mask();
            }
        }
    }

    private boolean waitsForOneshotThread() {
        for (int i = 0; i < actions.size(); i++) {
            IrqAction action = actions.get(i);
            if ((action.flags & IrqFlags.ONESHOT) != 0 && action.isThreadBusy()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Counts an interrupt nobody took, as {@code note_interrupt}.
     *
     * @return whether the line is to be given up
     */
    boolean noteUnhandled(long jiffies) {
        unhandledCount++;
        if (Jiffies.isAfter(jiffies, lastUnhandled + UNHANDLED_GAP)) {
            recentUnhandled = 1;
        } else {
            recentUnhandled++;
        }
        lastUnhandled = jiffies;
        return check();
    }

    /** Counts an interrupt; whether the line is to be given up. */
    boolean check() {
        checked++;
        if (checked < CHECK_COUNT) {
            return false;
        }
        checked = 0;
        boolean givenUp = recentUnhandled > UNHANDLED_COUNT_MAX;
        recentUnhandled = 0;
        return givenUp;
    }

    String names() {
        return actions.stream().map(action -> action.name).collect(Collectors.joining(", "));
    }

    IrqStatistics statistics() {
        return new IrqStatistics(
                line.number(),
                names(),
                count,
                unhandledCount,
                handlerPs,
                lastEntryPs,
                lastHandlerPs,
                lastExitPs);
    }
}
