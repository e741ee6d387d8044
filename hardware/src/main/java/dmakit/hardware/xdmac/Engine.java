package dmakit.hardware.xdmac;

import dmakit.datasheet.xdmac.XdmacChannelRegister.Cis;
import dmakit.hardware.RequestLine;
import dmakit.hardware.xdmac.Channel.State;
import dmakit.machine.bus.BusAnswer;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.time.Alarm;
import dmakit.machine.time.Clock;
import org.jspecify.annotations.Nullable;

/**
 * Who has the bus, for how long, and what follows: the controller's one event. {@link Xdmac} says
 * what it does; this is where time passes.
 */
final class Engine {
    private final Clock clock;
    private final Channel[] channels;
    private final RequestLine[] requests;
    private final IrqLine irq;
    private final Arbiter arbiter;
    private final Alarm alarm;

    // Each set of channels as a mask.
    private int enabled;
    private int readSuspended;
    private int writeSuspended;
    private int requestedBySoftware;
    private int interruptMask;
    private int interrupting;

    // A channel is in one of these at most, and the one that holds the bus is in none.
    private int bidding;
    private int arriving;
    private int waitingForRequest;

    private @Nullable Channel granted;
    private int grantBursts;
    private long grantStartPs;
    private long grantEndPs;
    private boolean burstByBurst;

    Engine(Clock clock, String name, Channel[] channels, RequestLine[] requests, IrqLine irq) {
        this.clock = clock;
        this.channels = channels;
        this.requests = requests;
        this.irq = irq;
        arbiter = new Arbiter(channels.length);
        alarm = new Alarm(name, this::step);
        for (RequestLine request : requests) {
            request.onChange(this::requestChanged);
        }
    }

    void moveBurstByBurst() {
        burstByBurst = true;
    }

    Arbiter arbiter() {
        return arbiter;
    }

    /** Which channels are enabled. */
    int enabled() {
        return enabled;
    }

    int readSuspended() {
        return readSuspended;
    }

    int writeSuspended() {
        return writeSuspended;
    }

    /** Which channels have a software request that has not been served. */
    int requestedBySoftware() {
        return requestedBySoftware;
    }

    /** Which channels may interrupt. */
    int interruptMask() {
        return interruptMask;
    }

    /** Which channels would interrupt. */
    int interrupting() {
        return interrupting;
    }

    boolean isOnBus(Channel channel) {
        return channel == granted && channel.state == State.MOVING;
    }

    // What registers do.

    void enable(int set) {
        int starting = set & ~enabled & mask();
        for (int left = starting; left != 0; left &= left - 1) {
            Channel channel = first(left);
            enabled |= channel.bit;
            if (channel.isListEnabled()) {
                beginFetch(channel);
            } else {
                channel.beginBlock();
                enter(channel, State.MOVING, "");
            }
            arrive(channel);
        }
    }

    void disable(int set) {
        readSuspended &= ~set;
        writeSuspended &= ~set;
        for (int left = set & enabled; left != 0; left &= left - 1) {
            Channel channel = first(left);
            takeFromRun(channel);
            if (channel == granted) {
                channel.disabling = true;
            } else {
                finishDisabling(channel);
            }
        }
    }

    private void finishDisabling(Channel channel) {
        channel.traceMoved();
        enter(channel, State.IDLE, "disabled");
        channel.disable();
        leave(channel);
        driveInterrupt(channel);
    }

    private void leave(Channel channel) {
        enabled &= ~channel.bit;
        requestedBySoftware &= ~channel.bit;
        bidding &= ~channel.bit;
        arriving &= ~channel.bit;
        waitingForRequest &= ~channel.bit;
    }

    void suspend(int reads, int writes) {
        int changed = ((readSuspended ^ reads) | (writeSuspended ^ writes)) & mask();
        for (int left = changed; left != 0; left &= left - 1) {
            takeFromRun(first(left));
        }
        readSuspended = reads & mask();
        writeSuspended = writes & mask();
        for (int left = changed & enabled; left != 0; left &= left - 1) {
            Channel channel = first(left);
            if (channel != granted) {
                arrive(channel);
            }
        }
    }

    void requestBySoftware(int set) {
        for (int left = set & enabled; left != 0; left &= left - 1) {
            Channel channel = first(left);
            if (channel.settings.peripheral && channel.settings.softwareRequest) {
                requestedBySoftware |= channel.bit;
                wake();
            }
        }
    }

    /** Data that has been read is in memory when the burst on the bus ends. */
    void flush(int set) {
        for (int left = set & mask(); left != 0; left &= left - 1) {
            Channel channel = first(left);
            takeFromRun(channel);
            channel.flushing = true;
            if (channel != granted) {
                channel.endFlush();
                driveInterrupt(channel);
            }
        }
    }

    void interruptMask(int set) {
        interruptMask = set & mask();
        drive();
    }

    void driveInterrupt(Channel channel) {
        boolean wants = (channel.status & channel.mask) != 0;
        interrupting = wants ? interrupting | channel.bit : interrupting & ~channel.bit;
        drive();
    }

    private void drive() {
        irq.set((interrupting & interruptMask) != 0);
    }

    private int mask() {
        return channels.length == Integer.SIZE ? -1 : (1 << channels.length) - 1;
    }

    private Channel first(int set) {
        return channels[Integer.numberOfTrailingZeros(set)];
    }

    // The one event.

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
                finishFetch(holder);
            } else {
                finishBursts(holder);
            }
        }
        grantIfFree(now);
        // From here on everybody comes too late for the decision above, as they would in the middle
        // of a run.
        if ((waitingForRequest | arriving) != 0) {
            admit();
        }
        if (bidding != 0) {
            cutRun();
            grantIfFree(now);
        }
        if (granted != null) {
            clock.setAt(alarm, Math.max(grantEndPs, now));
        }
    }

    private void finishFetch(Channel channel) {
        if (channel.disabling) {
            finishDisabling(channel);
            return;
        }
        if (channel.fetch() instanceof BusAnswer.Fault fault) {
            halt(channel, fault);
            return;
        }
        enter(channel, State.MOVING, "");
        afterGrant(channel);
    }

    private void finishBursts(Channel channel) {
        Settings settings = channel.settings;
        RequestLine served =
                settings.peripheral && !settings.softwareRequest ? requests[settings.perid] : null;
        requestedBySoftware &= ~channel.bit;
        BusAnswer answer = channel.move(grantBursts, grantStartPs);
        if (served != null) {
            served.acknowledge(RequestLine.Acknowledge.BURST);
        }
        if (answer instanceof BusAnswer.Fault fault && channel.state != State.IDLE) {
            halt(channel, fault);
            return;
        }
        afterGrant(channel);
    }

    private void afterGrant(Channel channel) {
        if (channel.state == State.IDLE) {
            return; // its own transfer has disabled it
        }
        if (channel.flushing) {
            channel.endFlush();
            driveInterrupt(channel);
        }
        if (channel.disabling) {
            finishDisabling(channel);
        } else {
            enroll(channel);
        }
    }

    /** A refused access: the channel stands where it is, enabled, until it is disabled. */
    private void halt(Channel channel, BusAnswer.Fault fault) {
        channel.trace.refused(fault);
        channel.traceMoved();
        channel.halted = true;
        channel.status |= fault.write() ? Cis.WBEIS.mask() : Cis.RBEIS.mask();
        channel.endFlush();
        if (channel.disabling) {
            finishDisabling(channel);
        }
        driveInterrupt(channel);
    }

    private void beginFetch(Channel channel) {
        channel.loaded = false;
        enter(channel, State.FETCHING, "");
    }

    private void endBlock(Channel channel) {
        channel.traceMoved();
        channel.status |= Cis.BIS.mask();
        if (channel.isListEnabled()) {
            beginFetch(channel);
            driveInterrupt(channel);
            enroll(channel);
            return;
        }
        if (channel.endsList()) {
            channel.status |= Cis.LIS.mask();
        }
        enter(channel, State.IDLE, "");
        channel.state = State.IDLE;
        leave(channel);
        driveInterrupt(channel);
    }

    /** Lets a channel bid for the bus, or rest until something changes. */
    private void enroll(Channel channel) {
        if (!isRunnable(channel)) {
            return;
        }
        if (channel.state == State.MOVING) {
            if (!channel.hasResidue()) {
                endBlock(channel);
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
        if ((enabled & channel.bit) == 0 || channel.halted || channel == granted) {
            return false;
        }
        boolean reads = channel.state == State.FETCHING || !channel.settings.memset;
        return (writeSuspended & channel.bit) == 0
                && !(reads && (readSuspended & channel.bit) != 0);
    }

    private boolean isHeld(Channel channel) {
        Settings settings = channel.settings;
        if (!settings.peripheral) {
            return false;
        }
        return settings.softwareRequest
                ? (requestedBySoftware & channel.bit) == 0
                : !requests[settings.perid].isAsserted();
    }

    /** Something about a channel has changed from outside; the next step looks at it. */
    private void arrive(Channel channel) {
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
        waitingForRequest = 0;
        for (int left = candidates; left != 0; left &= left - 1) {
            enroll(first(left));
        }
    }

    private void grantIfFree(long now) {
        if (granted != null || bidding == 0) {
            return;
        }
        Channel winner = channels[arbiter.choose(bidding)];
        bidding &= ~winner.bit;
        granted = winner;
        grantStartPs = now;
        if (winner.state == State.FETCHING) {
            grantBursts = 0;
            grantEndPs = now + winner.fetchPs();
        } else {
            grantBursts = bidding == 0 && !burstByBurst ? winner.runBursts() : 1;
            grantEndPs = now + winner.runPs(grantBursts);
        }
    }

    /** Moves the bursts of the run on the bus that have ended by now, if it is this channel's. */
    void catchUp(Channel channel) {
        if (channel != granted || grantBursts <= 1) {
            return;
        }
        long burstPs = channel.settings.burstPs;
        int over = (int) Math.min(grantBursts - 1, (clock.now() - grantStartPs) / burstPs);
        if (over == 0) {
            return;
        }
        if (channel.move(over, grantStartPs) instanceof BusAnswer.Fault fault) {
            granted = null;
            halt(channel, fault);
            wake();
            return;
        }
        grantBursts -= over;
        grantStartPs += over * burstPs;
    }

    /** Shortens a run to the burst that is on the bus now. */
    private void cutRun() {
        Channel channel = granted;
        if (channel == null || channel.state == State.FETCHING) {
            return;
        }
        catchUp(channel);
        if (channel == granted) {
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

    private void enter(Channel channel, State state, String detail) {
        channel.trace.entered(channel.state, state, detail);
        channel.state = state;
    }
}
