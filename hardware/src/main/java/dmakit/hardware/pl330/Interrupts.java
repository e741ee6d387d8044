package dmakit.hardware.pl330;

import dmakit.machine.irq.IrqLine;
import java.util.ArrayList;
import java.util.List;

/**
 * Events and the interrupt wires. Chips have fewer lines than the controller has wires as often as
 * not: the last line then carries all the events that are left, and the abort may share one too.
 */
final class Interrupts {
    private final List<IrqLine> lines = new ArrayList<>();
    private final int[] eventsOf;
    private final int abortAt;

    /** Bit N: DMASEV of event N interrupts. */
    int enabled;

    /** Bit N: event N has been sent, and no thread has taken it. */
    int sent;

    /** Bit N: event N interrupts. */
    int raised;

    private boolean aborting;

    /**
     * Wires them up.
     *
     * @param events lines of the events from 0 on, at least one
     */
    Interrupts(List<IrqLine> events, IrqLine abort, int eventCount) {
        for (IrqLine line : events) {
            if (!lines.contains(line)) {
                lines.add(line);
            }
        }
        if (!lines.contains(abort)) {
            lines.add(abort);
        }
        abortAt = lines.indexOf(abort);
        eventsOf = new int[lines.size()];
        for (int event = 0; event < eventCount; event++) {
            IrqLine line = events.get(Math.min(event, events.size() - 1));
            eventsOf[lines.indexOf(line)] |= 1 << event;
        }
    }

    /** Bits of events that have been sent, whether to threads or as interrupts. */
    int status() {
        return sent | raised;
    }

    void raise(int event) {
        raised |= 1 << event;
        drive();
    }

    /** Takes interrupts back; events that only threads hear stay. */
    void clear(int events) {
        raised &= ~(events & enabled);
        sent &= ~(events & enabled);
        drive();
    }

    void abort(boolean level) {
        aborting = level;
        drive();
    }

    private void drive() {
        for (int i = 0; i < eventsOf.length; i++) {
            lines.get(i).set((raised & eventsOf[i]) != 0 || (aborting && i == abortAt));
        }
    }
}
