package dmakit.hardware.xdmac;

import dmakit.datasheet.xdmac.XdmacChannelRegister.Cis;
import dmakit.hardware.BurstBus;
import dmakit.hardware.RequestLine;
import dmakit.hardware.xdmac.Channel.State;
import dmakit.machine.bus.BusAnswer;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.time.Clock;

/**
 * Who goes on, and what follows from what. {@link Xdmac} says what it does; this is where time
 * passes.
 */
final class Engine extends BurstBus<Channel> {
    private final Channel[] channels;
    private final IrqLine irq;
    private final Arbiter arbiter;

    // Each set of channels as a mask.
    private int enabled;
    private int readSuspended;
    private int writeSuspended;
    private int requestedBySoftware;
    private int interruptMask;
    private int interrupting;

    Engine(Clock clock, String name, Channel[] channels, RequestLine[] requests, IrqLine irq) {
        super(clock, name, channels, requests);
        this.channels = channels;
        this.irq = irq;
        arbiter = new Arbiter(channels.length);
        watchRequests();
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
        return has(channel) && channel.state == State.MOVING;
    }

    // What registers do.

    void enable(int set) {
        int starting = set & ~enabled & mask();
        for (int left = starting; left != 0; left &= left - 1) {
            Channel channel = first(left);
            enabled |= channel.bit();
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
            if (has(channel)) {
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
        idle(channel);
        driveInterrupt(channel);
    }

    private void idle(Channel channel) {
        enabled &= ~channel.bit();
        requestedBySoftware &= ~channel.bit();
        leave(channel);
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
            if (!has(channel)) {
                arrive(channel);
            }
        }
    }

    void requestBySoftware(int set) {
        for (int left = set & enabled; left != 0; left &= left - 1) {
            Channel channel = first(left);
            if (channel.settings.peripheral && channel.settings.softwareRequest) {
                requestedBySoftware |= channel.bit();
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
            if (!has(channel)) {
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
        interrupting = wants ? interrupting | channel.bit() : interrupting & ~channel.bit();
        drive();
    }

    private void drive() {
        irq.set((interrupting & interruptMask) != 0);
    }

    private int mask() {
        return channels.length == Integer.SIZE ? -1 : (1 << channels.length) - 1;
    }

    // What follows from what.

    @Override
    protected void fetchOver(Channel channel) {
        if (channel.disabling) {
            finishDisabling(channel);
            return;
        }
        if (channel.fetch() instanceof BusAnswer.Fault fault) {
            refused(channel, fault);
            return;
        }
        enter(channel, State.MOVING, "");
        afterGrant(channel);
    }

    @Override
    protected void burstsOver(Channel channel, int bursts, long startPs) {
        Settings settings = channel.settings;
        RequestLine served =
                settings.peripheral && !settings.softwareRequest ? request(settings.perid) : null;
        requestedBySoftware &= ~channel.bit();
        BusAnswer answer = channel.move(bursts, startPs);
        if (served != null) {
            served.acknowledge(RequestLine.Acknowledge.BURST);
        }
        if (answer instanceof BusAnswer.Fault fault && channel.state != State.IDLE) {
            refused(channel, fault);
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
    @Override
    protected void refused(Channel channel, BusAnswer.Fault fault) {
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

    @Override
    protected void blockMoved(Channel channel) {
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
        idle(channel);
        driveInterrupt(channel);
    }

    @Override
    protected boolean isRunnable(Channel channel) {
        if ((enabled & channel.bit()) == 0 || channel.halted) {
            return false;
        }
        boolean reads = channel.state == State.FETCHING || !channel.settings.memset;
        return (writeSuspended & channel.bit()) == 0
                && !(reads && (readSuspended & channel.bit()) != 0);
    }

    @Override
    protected boolean isHeld(Channel channel) {
        Settings settings = channel.settings;
        if (!settings.peripheral) {
            return false;
        }
        return settings.softwareRequest
                ? (requestedBySoftware & channel.bit()) == 0
                : !request(settings.perid).isAsserted();
    }

    @Override
    protected Channel choose(int bids) {
        return channels[arbiter.choose(bids)];
    }

    private void enter(Channel channel, State state, String detail) {
        channel.trace.entered(channel.state, state, detail);
        channel.state = state;
    }
}
