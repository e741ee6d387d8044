package dmakit.hardware.axidmac;

import dmakit.hardware.AxiStream;
import dmakit.machine.bus.BusAnswer;
import dmakit.machine.bus.MasterPort;
import dmakit.machine.time.Alarm;
import dmakit.machine.time.Clock;
import dmakit.machine.trace.Trace;
import dmakit.machine.trace.TraceEvent;
import org.jspecify.annotations.Nullable;

/** What works on transfers: one at a time, and one that waits behind it. */
final class Engine {
    /** What the engine tells its registers of. */
    interface Registers {
        /** A transfer that waits can be taken over. */
        void roomInQueue();

        /** Whether another packet that ended early can be remembered. */
        boolean hasRoomForReport();

        /**
         * Rows have moved, or were passed over.
         *
         * @param tells whether that ends a transfer for software
         * @param reports whether the packet ended early, and its length is to be kept
         * @param bytes how far the transfer has come
         */
        void ended(boolean tells, boolean reports, long bytes);

        /** The request that registers hold, if it is to go on around; null if not. */
        @Nullable Request around();
    }

    private enum State {
        IDLE("Idle"),
        FETCHING("Fetching"),
        BEGINNING("Beginning"),
        MOVING("Moving"),
        WAITING("Waiting"),
        PASSING("Passing"),
        REPORTING("Reporting"),
        HALTED("Halted");

        private final String label;

        State(String label) {
            this.label = label;
        }
    }

    private final Clock clock;
    private final Trace trace;
    private final MasterPort port;
    private final String name;
    private final Build build;
    private final Registers registers;
    private final Segment segment;
    private final Alarm alarm;
    private boolean burstByBurst;

    private State state = State.IDLE;
    private @Nullable Request active;
    private @Nullable Request queued;
    private long descriptor;
    private int descriptorId;
    private boolean paused;

    /** A packet ended early: what was to hold its rest is passed over. */
    private boolean passesOver;

    /** Bytes of the transfer in the segments before this one. */
    private long movedBefore;

    private int runBytes;
    private long runStartPs;
    private long begunPs;

    Engine(
            Clock clock,
            Trace trace,
            MasterPort port,
            Build build,
            @Nullable AxiStream in,
            @Nullable AxiStream out,
            Registers registers) {
        this.clock = clock;
        this.trace = trace;
        this.port = port;
        this.build = build;
        this.registers = registers;
        name = port.name();
        segment = new Segment(build, port, in, out);
        alarm = new Alarm(name, this::step);
        if (in != null) {
            in.onData(this::streamMoved);
        }
        if (out != null) {
            out.onRoom(this::streamMoved);
        }
    }

    /** Moves every burst in an event of its own, for the proof that runs change nothing. */
    void moveBurstByBurst() {
        burstByBurst = true;
    }

    // What its registers ask for.

    boolean hasRoom() {
        return queued == null;
    }

    /** Takes a transfer into the queue, where there is room. */
    void offer(Request request) {
        queued = request;
        if (state == State.IDLE) {
            clock.setIn(alarm, 0);
        }
    }

    /** Stands still after the burst on the bus, or goes on. */
    void pause(boolean pauses) {
        if (paused == pauses) {
            return;
        }
        paused = pauses;
        if (pauses) {
            cutRun();
        } else if (state == State.WAITING) {
            streamMoved();
        }
    }

    /**
     * Drops everything. Bursts that have ended are in memory. The one on the bus is not: the core
     * would end it, and its driver does not wait for that.
     */
    void stop() {
        cutRun();
        clock.cancel(alarm);
        traceMoved();
        active = null;
        queued = null;
        passesOver = false;
        movedBefore = 0;
        descriptorId = 0;
        enter(State.IDLE, "disabled");
    }

    /** There is room for a report again. */
    void reportRead() {
        if (state == State.REPORTING) {
            clock.setIn(alarm, 0);
        }
    }

    /** Bytes of the transfer that have moved. */
    long progress() {
        return movedBefore + (active == null ? 0 : segment.moved);
    }

    long source() {
        return build.source().isMemory() ? segment.source : 0;
    }

    long destination() {
        return build.destination().isMemory() ? segment.destination : 0;
    }

    /** What the descriptor that ended last calls itself. */
    int descriptorId() {
        return descriptorId;
    }

    // Steps.

    private void step() {
        Request request = active;
        if (state == State.IDLE) {
            takeNext(true);
        } else if (request != null) {
            step(request);
        }
    }

    private void step(Request request) {
        switch (state) {
            case FETCHING -> fetched();
            case BEGINNING, WAITING -> proceed();
            case MOVING -> moved(request);
            case PASSING -> ended(request, false);
            case REPORTING -> ended(request, true);
            case IDLE, HALTED -> {
                // Their alarm is not set.
            }
        }
    }

    /** Begins what waits in the queue; a first one has to fill the core's memory. */
    private void takeNext(boolean first) {
        Request request = queued;
        if (request == null) {
            active = null;
            enter(State.IDLE, "");
            return;
        }
        active = request;
        queued = null;
        registers.roomInQueue();
        if (request.isChain()) {
            fetch(request.chain());
        } else {
            segment.begin(request);
            begin(first);
        }
    }

    private void fetch(long address) {
        descriptor = address;
        enter(State.FETCHING, "");
        clock.setIn(alarm, Timing.ps(Timing.FETCH_CYCLES));
    }

    private void fetched() {
        port.hold(Timing.ps(Timing.FETCH_CYCLES));
        if (segment.fetch(descriptor) instanceof BusAnswer.Fault fault) {
            traceFault(fault);
            enter(State.HALTED, "descriptor");
            return;
        }
        if (trace.isOn()) {
            trace.emit(new TraceEvent.Fetch(clock.now(), name, descriptor, segment.describe()));
        }
        begin(false);
    }

    private void begin(boolean first) {
        begunPs = clock.now();
        if (passesOver) {
            enter(State.PASSING, "");
            clock.setIn(alarm, Timing.ps(Timing.PASS_OVER_CYCLES));
        } else if (first) {
            enter(State.BEGINNING, "");
            clock.setIn(alarm, Timing.ps(Timing.BEGIN_CYCLES));
        } else {
            proceed();
        }
    }

    /** Puts the next bytes on the bus, or waits for a stream, or for the end of a pause. */
    private void proceed() {
        int bytes = 0;
        if (!paused) {
            bytes = burstByBurst ? segment.readyBytes() : segment.runBytes();
        }
        if (bytes == 0) {
            enter(State.WAITING, paused ? "paused" : "stream");
            return;
        }
        enter(State.MOVING, "");
        runBytes = bytes;
        runStartPs = clock.now();
        clock.setIn(alarm, Timing.ps(build.cycles(bytes)));
    }

    private void streamMoved() {
        if (state == State.WAITING && !alarm.isSet()) {
            clock.setIn(alarm, 0);
        }
    }

    private void moved(Request request) {
        move(request, runBytes);
        // A write may have reached these very registers, and disabled the channel.
        if (state != State.MOVING) {
            return;
        }
        if (segment.isDone()) {
            ended(request, false);
        } else if (segment.packetEnded()) {
            ended(request, true);
        } else {
            proceed();
        }
    }

    private void move(Request request, int bytes) {
        port.hold(Timing.ps(build.cycles(bytes)));
        boolean last = request.last() && segment.endsWith(bytes);
        if (segment.move(bytes, last) instanceof BusAnswer.Fault fault) {
            traceFault(fault);
        }
    }

    /** Shortens a run to the burst that is on the bus now. */
    private void cutRun() {
        Request request = active;
        if (state != State.MOVING || request == null || runBytes <= build.burstBytes()) {
            return;
        }
        long burstPs = Timing.ps(build.cycles(build.burstBytes()));
        int burstsBeforeLast = (runBytes - 1) / build.burstBytes();
        int bursts = (int) Math.min((clock.now() - runStartPs) / burstPs, burstsBeforeLast);
        if (bursts != 0) {
            move(request, bursts * build.burstBytes());
        }
        runStartPs += bursts * burstPs;
        runBytes = segment.burstBytes();
        clock.setAt(alarm, runStartPs + Timing.ps(build.cycles(runBytes)));
    }

    /** Rows have moved, or a packet has ended before them, or they are passed over. */
    private void ended(Request request, boolean early) {
        boolean reports = early && request.reports();
        if (reports && !registers.hasRoomForReport()) {
            enter(State.REPORTING, "");
            return;
        }
        traceMoved();
        if (early) {
            passesOver = !request.last();
        } else if (request.last()) {
            passesOver = false;
        }
        Request again = request.cyclic() ? registers.around() : null;
        boolean tells = request.isChain() ? segment.tellsItsEnd() : again == null;
        long bytes = progress();
        movedBefore = tells || again != null ? 0 : bytes;
        segment.moved = 0;
        if (request.isChain()) {
            descriptorId = segment.id();
        }
        registers.ended(tells, reports, bytes);
        if (request.isChain() && !segment.endsChain()) {
            fetch(segment.next());
        } else if (again != null) {
            active = again;
            segment.begin(again);
            begin(false);
        } else {
            movedBefore = 0;
            takeNext(false);
        }
    }

    // Traces.

    private void enter(State next, String detail) {
        if (trace.isOn() && state != next) {
            trace.emit(
                    new TraceEvent.StateChange(clock.now(), name, state.label, next.label, detail));
        }
        state = next;
    }

    private void traceMoved() {
        if (trace.isOn() && active != null && segment.moved != 0) {
            trace.emit(
                    new TraceEvent.Transfer(
                            begunPs,
                            clock.now(),
                            name,
                            build.source().isMemory() ? segment.begunAtSource() : 0,
                            build.destination().isMemory() ? segment.begunAtDestination() : 0,
                            segment.moved));
        }
    }

    private void traceFault(BusAnswer.Fault fault) {
        if (trace.isOn()) {
            trace.emit(
                    new TraceEvent.BusError(
                            clock.now(),
                            name,
                            fault.address(),
                            fault.cause().name(),
                            fault.write()));
        }
    }
}
