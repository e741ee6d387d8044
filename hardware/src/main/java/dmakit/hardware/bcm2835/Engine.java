package dmakit.hardware.bcm2835;

import dmakit.datasheet.Field;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Cs;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Debug;
import dmakit.datasheet.bcm2835.DmaControllerRegister;
import dmakit.hardware.BurstBus;
import dmakit.hardware.RequestLine;
import dmakit.hardware.bcm2835.Channel.State;
import dmakit.machine.bus.BusAnswer;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.time.Clock;
import java.util.List;

/**
 * Who goes on, and what follows from what. {@link Bcm2835Dma} says what it does; this is where time
 * passes.
 */
final class Engine extends BurstBus<Channel> {
    private static final int NO_CHANNEL = -1;

    private final Clock clock;
    private final Channel[] channels;
    private final IrqLine[] irqs;

    /** For each channel, the channels that share its interrupt line. */
    private final int[] irqSharers;

    /** Channel 15 has no bit in the register, and power always. */
    private static final int ALWAYS_ENABLED = 1 << Bcm2835Dma.FIFTEEN;

    private int enabled = DmaControllerRegister.ENABLE.reset() | ALWAYS_ENABLED;
    private boolean debugPaused;
    private int interrupting;

    /** Those whose last write is unanswered, as a mask. */
    private int ending;

    private int lastGranted = NO_CHANNEL;

    Engine(
            Clock clock,
            String name,
            Channel[] channels,
            RequestLine[] requests,
            List<IrqLine> irqs) {
        super(clock, name, channels, requests);
        this.clock = clock;
        this.channels = channels;
        this.irqs = irqs.toArray(IrqLine[]::new);
        irqSharers = new int[channels.length];
        for (int i = 0; i < channels.length; i++) {
            for (int j = 0; j < channels.length; j++) {
                irqSharers[i] |= irqs.get(i) == irqs.get(j) ? 1 << j : 0;
            }
        }
        watchRequests();
    }

    /** Which channels have power. */
    int enabled() {
        return enabled & ~ALWAYS_ENABLED;
    }

    /** Which channels interrupt. */
    int interrupting() {
        return interrupting;
    }

    boolean isOnBus(Channel channel) {
        return has(channel) && channel.state == State.MOVING && !isInGap(channel);
    }

    /** Starts an idle channel that is active and has an address. */
    void start(Channel channel) {
        if (channel.state == State.IDLE && channel.active && channel.conblkAd != 0) {
            bidAt(channel, clock.now());
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
        if (channel.state == State.FETCHING || has(channel)) {
            channel.abortPending = true;
        } else if (channel.state == State.MOVING) {
            channel.abandon();
        }
    }

    void reset(Channel channel) {
        takeFromRun(channel);
        release(channel);
        channel.traceMoved();
        channel.trace.entered(channel.state, State.IDLE, "reset");
        channel.reset();
        ending &= ~channel.bit();
        driveInterrupt(channel);
        arrive(channel);
    }

    /** Powers the channels of a mask, and takes the power from the others. */
    void enable(int mask) {
        int next = mask | ALWAYS_ENABLED;
        for (Channel channel : channels) {
            if (((enabled ^ next) & channel.bit()) != 0) {
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

    @Override
    protected void endOthers() {
        long now = clock.now();
        for (int left = ending; left != 0; left &= left - 1) {
            Channel channel = first(left);
            if (bidsAtPs(channel) <= now) {
                endBlock(channel, now);
            }
        }
    }

    @Override
    protected long othersEndAtPs() {
        return earliestOf(ending);
    }

    @Override
    protected void fetchOver(Channel channel) {
        if (channel.fetch() instanceof BusAnswer.Fault fault) {
            refused(channel, fault);
            return;
        }
        enter(channel, State.MOVING, "");
        bidAt(channel, clock.now());
        enroll(channel);
    }

    @Override
    protected void burstsOver(Channel channel, int bursts, long startPs) {
        if (channel.move(bursts, startPs) instanceof BusAnswer.Fault fault) {
            refused(channel, fault);
            return;
        }
        bidAt(channel, clock.now() + channel.info.gapPs);
        if (channel.abortPending) {
            channel.abandon();
        }
        enroll(channel);
    }

    /** All bytes have moved; the block has ended when the last write is answered. */
    @Override
    protected void blockMoved(Channel channel) {
        long now = clock.now();
        enter(channel, State.ENDING, "");
        if (channel.waitsForWrites()) {
            if (!channel.info.waitsForResponse && !channel.info.destIgnored) {
                long written = Math.max(bidsAtPs(channel), now);
                bidAt(channel, written + Timing.RESPONSE_CYCLES * Timing.CYCLE_PS);
            }
            channel.advancedEarly = true;
            channel.advanceToNextBlock();
        }
        if (bidsAtPs(channel) <= now) {
            endBlock(channel, now);
        } else {
            ending |= channel.bit();
        }
    }

    private void endBlock(Channel channel, long now) {
        ending &= ~channel.bit();
        channel.traceMoved();
        channel.ended = true;
        if (channel.info.interrupts) {
            channel.interrupting = true;
            driveInterrupt(channel);
        }
        if (!channel.advancedEarly) {
            channel.advanceToNextBlock();
        }
        bidAt(channel, now);
        enter(channel, channel.conblkAd == 0 ? State.IDLE : State.FETCHING, "");
        enroll(channel);
    }

    /** Section 4.4: a read error stops the channel where it is, and interrupts. */
    @Override
    protected void refused(Channel channel, BusAnswer.Fault fault) {
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

    @Override
    protected boolean isRunnable(Channel channel) {
        return (channel.state == State.FETCHING || channel.state == State.MOVING)
                && channel.active
                && !Debug.READ_ERROR.isSet(channel.errors)
                && !isDebugPaused(channel)
                && (enabled & channel.bit()) != 0;
    }

    @Override
    protected boolean isHeld(Channel channel) {
        return channel.info.paced && !request(channel.info.permap).isAsserted();
    }

    @Override
    protected Channel choose(int bids) {
        Channel winner = first(bids);
        for (int left = bids & (bids - 1); left != 0; left &= left - 1) {
            Channel channel = first(left);
            if (beats(channel, winner)) {
                winner = channel;
            }
        }
        lastGranted = winner.index();
        return winner;
    }

    private boolean beats(Channel a, Channel b) {
        int priorityA = priority(a);
        int priorityB = priority(b);
        return priorityA != priorityB ? priorityA > priorityB : turnsUntil(a) < turnsUntil(b);
    }

    private int priority(Channel channel) {
        Field field = request(channel.info.permap).isPanicking() ? Cs.PANIC_PRIORITY : Cs.PRIORITY;
        return field.get(channel.control);
    }

    private int turnsUntil(Channel channel) {
        return Math.floorMod(channel.index() - lastGranted - 1, Bcm2835Dma.FIFTEEN + 1);
    }

    void driveInterrupt(Channel channel) {
        interrupting =
                channel.interrupting ? interrupting | channel.bit() : interrupting & ~channel.bit();
        irqs[channel.index()].set((interrupting & irqSharers[channel.index()]) != 0);
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
