package dmakit.hardware.bcm2835;

import dmakit.datasheet.Field;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Cs;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Debug;
import dmakit.datasheet.bcm2835.DmaControllerRegister;
import dmakit.hardware.RequestLine;
import dmakit.hardware.bcm2835.Channel.State;
import dmakit.machine.bus.BusAnswer;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.time.Alarm;
import dmakit.machine.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who has the bus, for how long, and what follows: the controller's one event. {@link Bcm2835Dma}
 * says what it does; this is where time passes.
 */
final class Engine {
    private static final int NO_CHANNEL = -1;

    private final Clock clock;
    private final Channel[] channels;
    private final IrqLine[] irqs;

    /** For each channel, the channels that share its interrupt line. */
    private final int[] irqSharers;

    private final RequestLine[] requests;
    private final Alarm alarm;

    /** Channel 15 has no bit in the register, and power always. */
    private static final int ALWAYS_ENABLED = 1 << Bcm2835Dma.FIFTEEN;

    private int enabled = DmaControllerRegister.ENABLE.reset() | ALWAYS_ENABLED;
    private boolean debugPaused;
    private int interrupting;

    // Each set of channels as a mask; a channel is in one of them at most, and the one that holds
    // the bus is in none.
    private int bidding;
    private int arriving;
    private int waitingForRequest;
    private int ending;

    private @Nullable Channel granted;
    private int grantBursts;
    private long grantStartPs;
    private long grantEndPs;
    private int lastGranted = NO_CHANNEL;
    private boolean burstByBurst;

    Engine(
            Clock clock,
            String name,
            Channel[] channels,
            RequestLine[] requests,
            List<IrqLine> irqs) {
        this.clock = clock;
        this.channels = channels;
        this.requests = requests;
        this.irqs = irqs.toArray(IrqLine[]::new);
        irqSharers = new int[channels.length];
        for (int i = 0; i < channels.length; i++) {
            for (int j = 0; j < channels.length; j++) {
                irqSharers[i] |= irqs.get(i) == irqs.get(j) ? 1 << j : 0;
            }
        }
        alarm = new Alarm(name, this::step);
        for (RequestLine request : requests) {
            request.onChange(this::requestChanged);
        }
    }

    void moveBurstByBurst() {
        burstByBurst = true;
    }

    /** Which channels have power. */
    int enabled() {
        return enabled & ~ALWAYS_ENABLED;
    }

    /** Which channels interrupt. */
    int interrupting() {
        return interrupting;
    }

    boolean waitsForRequest(Channel channel) {
        return (waitingForRequest & channel.bit) != 0;
    }

    /** Whether the channel burns wait cycles, or waits for a response, between two bursts. */
    boolean isInGap(Channel channel) {
        long now = clock.now();
        if (channel != granted) {
            return channel.wakeAtPs > now;
        }
        // A run that has been caught up may start its next burst later than now.
        long since = now - grantStartPs;
        return since < 0
                || (grantBursts > 1 && since % channel.info.periodPs() >= channel.info.burstPs);
    }

    boolean isOnBus(Channel channel) {
        return channel == granted && channel.state == State.MOVING && !isInGap(channel);
    }

    /** Starts an idle channel that is active and has an address. */
    void start(Channel channel) {
        if (channel.state == State.IDLE && channel.active && channel.conblkAd != 0) {
            channel.wakeAtPs = clock.now();
            enter(channel, State.FETCHING, "");
        }
        if (channel.state != State.IDLE) {
            arrive(channel);
        }
    }

    void setActive(Channel channel, boolean active) {
        takeFromRun(channel);
        channel.active = active;
        if (channel.trace.isOn() && channel.state != State.IDLE) {
            String here = channel.state.toString();
            String from = active ? "Paused" : here;
            String to = active ? here : "Paused";
            channel.trace.changed(from, to, residue(channel));
        }
        if (!active) {
            channel.traceMoved();
        }
    }

    void abort(Channel channel) {
        takeFromRun(channel);
        if (channel.state == State.FETCHING || channel == granted) {
            channel.abortPending = true;
        } else if (channel.state == State.MOVING) {
            channel.abandon();
        }
    }

    void reset(Channel channel) {
        takeFromRun(channel);
        if (granted == channel) {
            granted = null;
        }
        channel.traceMoved();
        channel.trace.entered(channel.state, State.IDLE, "reset");
        channel.reset();
        ending &= ~channel.bit;
        driveInterrupt(channel);
        arrive(channel);
    }

    /** Powers the channels of a mask, and takes the power from the others. */
    void enable(int mask) {
        int next = mask | ALWAYS_ENABLED;
        for (Channel channel : channels) {
            if (((enabled ^ next) & channel.bit) != 0) {
                takeFromRun(channel);
            }
        }
        enabled = next;
        for (Channel channel : channels) {
            arrive(channel);
        }
    }

    /** Sets priorities and the like. */
    void control(Channel channel, int value) {
        if (debugPaused && Cs.DISDEBUG.isSet(channel.control ^ value)) {
            takeFromRun(channel);
        }
        channel.control = value;
    }

    void debugPause(boolean level) {
        if (level == debugPaused) {
            return;
        }
        for (Channel channel : channels) {
            takeFromRun(channel);
        }
        debugPaused = level;
        for (Channel channel : channels) {
            arrive(channel);
        }
    }

    /** Whether the debugger makes the channel rest. */
    boolean isDebugPaused(Channel channel) {
        return debugPaused && !Cs.DISDEBUG.isSet(channel.control);
    }

    void disturb(Channel channel, int flag) {
        takeFromRun(channel);
        channel.disturbances |= flag;
    }

    /**
     * Ends what ends now, and lets the next take the bus. One grant ends in one step, and a grant
     * is bounded by {@link Channel#RUN_BYTES_MAX}.
     */
    private void step() {
        long now = clock.now();
        Channel holder = granted;
        if (holder != null && grantEndPs <= now) {
            granted = null;
            if (holder.state == State.FETCHING) {
                finishFetch(holder, now);
            } else {
                finishBursts(holder, now);
            }
        }
        grantIfFree(now);
        // From here on everybody comes too late for the decision above, as they would in the middle
        // of a run.
        for (int left = ending; left != 0; left &= left - 1) {
            Channel channel = channels[Integer.numberOfTrailingZeros(left)];
            if (channel.wakeAtPs <= now) {
                endBlock(channel, now);
            }
        }
        if ((waitingForRequest | arriving) != 0) {
            admit();
        }
        if (bidding != 0) {
            cutRun();
            grantIfFree(now);
        }
        schedule(now);
    }

    private void finishFetch(Channel channel, long now) {
        if (channel.fetch() instanceof BusAnswer.Fault fault) {
            halt(channel, fault);
            return;
        }
        enter(channel, State.MOVING, "");
        channel.wakeAtPs = now;
        enroll(channel);
    }

    private void finishBursts(Channel channel, long now) {
        if (channel.move(grantBursts, grantStartPs) instanceof BusAnswer.Fault fault) {
            halt(channel, fault);
            return;
        }
        channel.wakeAtPs = now + channel.info.gapPs;
        if (channel.abortPending) {
            channel.abandon();
        }
        enroll(channel);
    }

    /** All bytes have moved; the block has ended when the last write is answered. */
    private void beginEnding(Channel channel, long now) {
        enter(channel, State.ENDING, "");
        if (channel.waitsForWrites()) {
            if (!channel.info.waitsForResponse && !channel.info.destIgnored) {
                channel.wakeAtPs =
                        Math.max(channel.wakeAtPs, now) + Timing.RESPONSE_CYCLES * Timing.CYCLE_PS;
            }
            channel.advancedEarly = true;
            channel.advanceToNextBlock();
        }
        if (channel.wakeAtPs <= now) {
            endBlock(channel, now);
        } else {
            ending |= channel.bit;
        }
    }

    private void endBlock(Channel channel, long now) {
        ending &= ~channel.bit;
        channel.traceMoved();
        channel.ended = true;
        if (channel.info.interrupts) {
            channel.interrupting = true;
            driveInterrupt(channel);
        }
        if (!channel.advancedEarly) {
            channel.advanceToNextBlock();
        }
        channel.wakeAtPs = now;
        enter(channel, channel.conblkAd == 0 ? State.IDLE : State.FETCHING, "");
        enroll(channel);
    }

    /** Section 4.4: a read error stops the channel where it is, and interrupts. */
    private void halt(Channel channel, BusAnswer.Fault fault) {
        channel.errors |= Debug.READ_ERROR.mask();
        channel.active = false;
        channel.interrupting = true;
        if (channel.trace.isOn()) {
            channel.traceMoved();
            channel.trace.refused(fault);
            channel.trace.changed(channel.state.toString(), "Halted", residue(channel));
        }
        driveInterrupt(channel);
        enroll(channel);
    }

    /** Puts a channel into the set it belongs to, after anything about it has changed. */
    private void enroll(Channel channel) {
        int others = ~channel.bit;
        bidding &= others;
        waitingForRequest &= others;
        if (channel == granted || !isRunnable(channel)) {
            return;
        }
        if (channel.state == State.MOVING) {
            if (!channel.hasResidue()) {
                beginEnding(channel, clock.now());
                return;
            }
            if (isHeld(channel)) {
                waitingForRequest |= channel.bit;
                return;
            }
        }
        bidding |= channel.bit;
    }

    private boolean isRunnable(Channel channel) {
        return (channel.state == State.FETCHING || channel.state == State.MOVING)
                && channel.active
                && !Debug.READ_ERROR.isSet(channel.errors)
                && !isDebugPaused(channel)
                && (enabled & channel.bit) != 0;
    }

    private boolean isHeld(Channel channel) {
        return channel.info.paced && !requests[channel.info.permap].isAsserted();
    }

    /** Something about a channel has changed from outside; the next step looks at it. */
    void arrive(Channel channel) {
        bidding &= ~channel.bit;
        waitingForRequest &= ~channel.bit;
        arriving |= channel.bit;
        wake();
    }

    private void requestChanged() {
        if (waitingForRequest != 0) {
            wake();
        }
    }

    private void wake() {
        clock.setIn(alarm, 0);
    }

    private void admit() {
        int candidates = arriving | waitingForRequest;
        arriving = 0;
        for (int left = candidates; left != 0; left &= left - 1) {
            enroll(channels[Integer.numberOfTrailingZeros(left)]);
        }
    }

    private void grantIfFree(long now) {
        if (granted != null || bidding == 0) {
            return;
        }
        Channel winner = null;
        for (int left = bidding; left != 0; left &= left - 1) {
            Channel channel = channels[Integer.numberOfTrailingZeros(left)];
            if (channel.wakeAtPs <= now && (winner == null || beats(channel, winner))) {
                winner = channel;
            }
        }
        if (winner == null) {
            return;
        }
        bidding &= ~winner.bit;
        granted = winner;
        lastGranted = winner.index;
        grantStartPs = now;
        if (winner.state == State.FETCHING) {
            grantBursts = 0;
            grantEndPs = now + Timing.FETCH_PS;
        } else {
            grantBursts = bidding == 0 && !burstByBurst ? winner.runBursts() : 1;
            grantEndPs = now + winner.runPs(grantBursts);
        }
    }

    private boolean beats(Channel a, Channel b) {
        int priorityA = priority(a);
        int priorityB = priority(b);
        return priorityA != priorityB ? priorityA > priorityB : turnsUntil(a) < turnsUntil(b);
    }

    private int priority(Channel channel) {
        Field field = requests[channel.info.permap].isPanicking() ? Cs.PANIC_PRIORITY : Cs.PRIORITY;
        return field.get(channel.control);
    }

    private int turnsUntil(Channel channel) {
        return Math.floorMod(channel.index - lastGranted - 1, Bcm2835Dma.FIFTEEN + 1);
    }

    /** Moves the bursts of the run on the bus that have ended by now, if it is this channel's. */
    void catchUp(Channel channel) {
        if (channel != granted || grantBursts <= 1) {
            return;
        }
        long since = clock.now() - grantStartPs - channel.info.burstPs;
        if (since < 0) {
            return;
        }
        long periodPs = channel.info.periodPs();
        int over = (int) Math.min(grantBursts - 1, 1 + since / periodPs);
        if (channel.move(over, grantStartPs) instanceof BusAnswer.Fault fault) {
            granted = null;
            halt(channel, fault);
            wake();
            return;
        }
        grantBursts -= over;
        grantStartPs += over * periodPs;
    }

    /** Shortens a run to the burst that is on the bus now, or takes the bus away between two. */
    private void cutRun() {
        Channel channel = granted;
        if (channel == null || channel.state == State.FETCHING) {
            return;
        }
        catchUp(channel);
        if (channel != granted) {
            return;
        }
        if (grantStartPs > clock.now()) {
            granted = null;
            channel.wakeAtPs = grantStartPs;
            enroll(channel);
        } else {
            grantBursts = 1;
            grantEndPs = grantStartPs + channel.runPs(1);
        }
    }

    private void takeFromRun(Channel channel) {
        if (channel == granted) {
            cutRun();
            wake();
        }
    }

    private void schedule(long now) {
        long next = granted != null ? grantEndPs : earliest(bidding);
        if (ending != 0) {
            next = Math.min(next, earliest(ending));
        }
        if (next != Clock.NEVER) {
            clock.setAt(alarm, Math.max(next, now));
        }
    }

    private long earliest(int set) {
        long earliest = Clock.NEVER;
        for (int left = set; left != 0; left &= left - 1) {
            earliest = Math.min(earliest, channels[Integer.numberOfTrailingZeros(left)].wakeAtPs);
        }
        return earliest;
    }

    void driveInterrupt(Channel channel) {
        interrupting =
                channel.interrupting ? interrupting | channel.bit : interrupting & ~channel.bit;
        irqs[channel.index].set((interrupting & irqSharers[channel.index]) != 0);
    }

    private void enter(Channel channel, State state, String detail) {
        channel.trace.changed(channel.state.toString(), state.toString(), detail);
        channel.state = state;
    }

    private static String residue(Channel channel) {
        return channel.rowsAfter == 0
                ? "residue=" + channel.rowResidue
                : "residue=" + channel.rowResidue + " rows=" + channel.rowsAfter;
    }
}
