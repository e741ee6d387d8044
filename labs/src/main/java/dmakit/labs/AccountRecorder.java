package dmakit.labs;

import dmakit.machine.Machine;
import dmakit.machine.trace.TraceEvent;
import dmakit.machine.trace.TraceSink;
import java.util.ArrayList;
import java.util.List;

/** Listens to a machine's trace between two moments and sums up what it hears. */
public final class AccountRecorder implements TraceSink, AutoCloseable {
    private final Machine machine;
    private final List<Account.Fetch> fetches = new ArrayList<>();
    private final List<Account.Transfer> transfers = new ArrayList<>();
    private final List<Account.Interrupt> interrupts = new ArrayList<>();
    private final List<Account.WakeUp> wakeUps = new ArrayList<>();
    private final List<TraceEvent.InterruptLevel> asserted = new ArrayList<>();
    private final List<TraceEvent.WakeUp> woken = new ArrayList<>();
    private final long startPs;
    private final long busyPsAtStart;
    private long cleanedLines;
    private long invalidatedLines;

    /** Listens from now on. */
    public AccountRecorder(Machine machine) {
        this.machine = machine;
        startPs = machine.clock().now();
        busyPsAtStart = machine.cpu().busyPs();
        machine.trace().addSink(this);
    }

    @Override
    public void take(TraceEvent event) {
        switch (event) {
            case TraceEvent.Fetch e ->
                    fetches.add(new Account.Fetch(e.atPs(), e.master(), e.address(), e.content()));
            case TraceEvent.Transfer e ->
                    transfers.add(
                            new Account.Transfer(
                                    e.atPs(), e.endPs(), e.master(), e.from(), e.to(), e.bytes()));
            case TraceEvent.CacheMaintenance e -> count(e);
            case TraceEvent.InterruptLevel e -> {
                if (e.asserted()) {
                    asserted.add(e);
                }
            }
            case TraceEvent.Interrupt e ->
                    interrupts.add(
                            new Account.Interrupt(
                                    e.line(), assertedPs(e), e.atPs(), e.endPs(), e.handler()));
            case TraceEvent.WakeUp e -> woken.add(e);
            case TraceEvent.TaskSwitch e -> ran(e);
            default -> {}
        }
    }

    /** Stops listening. */
    @Override
    public void close() {
        machine.trace().removeSink(this);
    }

    /** What was heard, with what only the driver knows. */
    public Account account(List<Account.Buffer> buffers, String channel, String controller) {
        return new Account(
                buffers,
                channel,
                controller,
                fetches,
                transfers,
                cleanedLines,
                invalidatedLines,
                startPs,
                machine.clock().now(),
                machine.cpu().busyPs() - busyPsAtStart,
                interrupts,
                wakeUps);
    }

    private void count(TraceEvent.CacheMaintenance event) {
        if (event.operation().equals("clean")) {
            cleanedLines += event.lines();
        } else {
            invalidatedLines += event.lines();
        }
    }

    private long assertedPs(TraceEvent.Interrupt taken) {
        for (int i = asserted.size() - 1; i >= 0; i--) {
            TraceEvent.InterruptLevel edge = asserted.get(i);
            if (edge.line() == taken.line() && edge.atPs() <= taken.atPs()) {
                return edge.atPs();
            }
        }
        return taken.atPs();
    }

    private void ran(TraceEvent.TaskSwitch event) {
        for (int i = 0; i < woken.size(); i++) {
            TraceEvent.WakeUp wakeUp = woken.get(i);
            if (wakeUp.task().equals(event.task())) {
                woken.remove(i);
                wakeUps.add(new Account.WakeUp(event.task(), wakeUp.atPs(), event.atPs()));
                return;
            }
        }
    }
}
