package dmakit.hardware.bcm2835;

import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.bcm2835.DmaChannelRegister;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Cs;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Debug;
import dmakit.datasheet.bcm2835.DmaControllerRegister;
import dmakit.datasheet.bcm2835.DmaLiteChannelRegister;
import dmakit.datasheet.bcm2835.Dreq;
import dmakit.hardware.RequestLine;
import dmakit.hardware.bcm2835.Channel.State;
import dmakit.machine.Check;
import dmakit.machine.bus.BusAnswer;
import dmakit.machine.bus.MasterPort;
import dmakit.machine.bus.Target;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.time.Alarm;
import dmakit.machine.time.Clock;
import dmakit.machine.trace.Trace;
import dmakit.machine.trace.TraceEvent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The DMA controller of the BCM2835 to BCM2837: channels 0 to 14, of which 7 to 14 are lite ones.
 * BCM2835 ARM Peripherals, chapter 4. Channel 15 sits elsewhere (bus address 0x7EE05000) and
 * belongs to the firmware; its place in this block reads as zero.
 *
 * <p>Each channel walks
 *
 * <pre>{@code
 *         ACTIVE and CONBLK_AD                     block loaded
 * Idle ---------------------------> Fetching ----------------------> Moving
 *   ^                                  ^                               |
 *   | NEXTCONBK = 0                    | NEXTCONBK                     | length = 0
 *   +----------------------------------+---------- Ending <------------+
 * }</pre>
 *
 * and rests wherever it is while ACTIVE or its ENABLE bit is clear, an error flag is set, or the
 * request line that gates it is low.
 *
 * <p><b>Time.</b> The controller has one master port; a fetch or a burst holds it. Where one
 * channel wants it, one event moves a run of bursts up to the end of the row; the run ends when its
 * bursts one after the other would. When another channel bids, or a register is read that shows how
 * far the run has come, the bursts that have ended by then are moved first. Where several bid, each
 * burst goes to the highest priority, then round robin. A bid that arrives in the very picosecond
 * of a decision takes part in the next. Memory is read and written when a run is moved: the CPU
 * sees the bytes of a run no later than its end, and what the CPU stores into its source meanwhile
 * reaches every burst not yet moved.
 *
 * <p><b>Where the manual is silent</b>, or its errata are known:
 *
 * <ul>
 *   <li>2D mode moves YLENGTH + 1 rows.
 *   <li>A length of 0 moves nothing and ends the block at once.
 *   <li>The low 5 bits of CONBLK_AD and NEXTCONBK cannot be set.
 *   <li>A refused read sets READ_ERROR, clears ACTIVE and interrupts (section 4.4); with the flag
 *       cleared and ACTIVE set again the channel repeats the burst or fetch. A refused write has no
 *       flag: its bytes are lost and the transfer goes on.
 *   <li>ABORT zeroes the lengths, so that the block ends, END and INT included, at the next burst
 *       boundary. RESET drops the burst on the bus.
 *   <li>ACTIVE may be set while CONBLK_AD is 0; the channel starts once an address is written.
 *   <li>A channel whose ENABLE bit is clear rests; its registers answer.
 *   <li>The numbers in DMA_STATE are this model's.
 * </ul>
 */
public final class Bcm2835Dma implements Target {
    /** Channels in this block of registers. */
    public static final int CHANNEL_COUNT_MAX = 15;

    /** The first lite channel. */
    public static final int FIRST_LITE = 7;

    /** Bytes of the block of registers. */
    public static final int SIZE = DmaControllerRegister.SIZE;

    private static final int CHANNEL_STRIDE = DmaChannelRegister.CHANNEL_STRIDE;
    private static final int LG2_CHANNEL_STRIDE = Integer.numberOfTrailingZeros(CHANNEL_STRIDE);
    private static final int NO_CHANNEL = -1;
    private static final int CONTROL_MASK =
            Cs.DISDEBUG.mask()
                    | Cs.WAIT_FOR_OUTSTANDING_WRITES.mask()
                    | Cs.PANIC_PRIORITY.mask()
                    | Cs.PRIORITY.mask();
    private static final int ERROR_MASK =
            Debug.READ_ERROR.mask()
                    | Debug.FIFO_ERROR.mask()
                    | Debug.READ_LAST_NOT_SET_ERROR.mask();

    private final Clock clock;
    private final Trace trace;
    private final String name;
    private final Channel[] channels;
    private final IrqLine[] irqs;

    /** For each channel, the channels that share its interrupt line. */
    private final int[] irqSharers;

    private final RequestLine[] requests = new RequestLine[Dreq.LINE_COUNT];
    private final Alarm alarm;

    private int enabled = DmaControllerRegister.ENABLE.reset();
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

    /**
     * Creates a controller after power-on.
     *
     * @param port its way to memory and peripherals, in bus addresses; its name is the controller's
     *     in traces
     * @param irqs the interrupt line of each channel from 0 on, 1 to {@link #CHANNEL_COUNT_MAX};
     *     channels may share one, which then carries any of their levels
     */
    public Bcm2835Dma(Clock clock, Trace trace, MasterPort port, List<IrqLine> irqs) {
        int count = irqs.size();
        Check.argument(
                count >= 1 && count <= CHANNEL_COUNT_MAX,
                "%d interrupt lines, wanted one for each of 1 to 15 channels",
                count);
        this.clock = clock;
        this.trace = trace;
        this.name = port.name();
        this.irqs = irqs.toArray(IrqLine[]::new);
        channels = new Channel[count];
        irqSharers = new int[count];
        for (int i = 0; i < count; i++) {
            channels[i] = new Channel(i, i >= FIRST_LITE, port, trace);
            for (int j = 0; j < count; j++) {
                irqSharers[i] |= irqs.get(i) == irqs.get(j) ? 1 << j : 0;
            }
        }
        alarm = new Alarm(name, this::step);
        for (int i = 0; i < requests.length; i++) {
            requests[i] = new RequestLine(name + " request " + i);
            requests[i].onChange(this::requestChanged);
        }
        requests[Dreq.ALWAYS_ON.permap()].set(true);
    }

    /**
     * The request input that {@code TI.PERMAP} selects by a number, for its peripheral to drive.
     *
     * @param permap 1 to 31; line 0 is always asserted and nobody's
     */
    public RequestLine request(int permap) {
        Check.argument(
                permap > 0 && permap < requests.length, "no request line of number %d", permap);
        return requests[permap];
    }

    /** How many channels there are. */
    public int channelCount() {
        return channels.length;
    }

    /** Moves every burst in an event of its own, for the proof that runs change nothing. */
    void moveBurstByBurst() {
        burstByBurst = true;
    }

    // ---- registers

    @Override
    public long read(long offset, int bytes) {
        int at = (int) offset & -Register.BYTES;
        long word = readWord(at) & 0xffff_ffffL;
        if (bytes > Register.BYTES) {
            return word | ((long) readWord(at + Register.BYTES) << Integer.SIZE);
        }
        int lane = Byte.SIZE * (int) (offset & (Register.BYTES - 1));
        return bytes == Register.BYTES ? word : (word >>> lane) & ((1L << (Byte.SIZE * bytes)) - 1);
    }

    /** The bus has no byte strobes: a narrow store writes its whole word, zero elsewhere. */
    @Override
    public void write(long offset, int bytes, long value) {
        int at = (int) offset & -Register.BYTES;
        writeWord(at, (int) (value << (Byte.SIZE * (offset & (Register.BYTES - 1)))));
        if (bytes > Register.BYTES) {
            writeWord(at + Register.BYTES, (int) (value >>> Integer.SIZE));
        }
    }

    private int readWord(int at) {
        int index = at >> LG2_CHANNEL_STRIDE;
        if (index < channels.length) {
            Channel channel = channels[index];
            DmaChannelRegister register = registerAt(channel, at);
            int value = register == null ? 0 : readChannel(channel, register);
            if (register != null && trace.isOn()) {
                traceAccess(index + "_", register, at, value, false);
            }
            return value;
        }
        DmaControllerRegister register = DmaControllerRegister.MAP.at(at);
        if (register == null) {
            return 0;
        }
        int value =
                switch (register) {
                    case INT_STATUS -> interrupting;
                    case ENABLE -> enabled;
                };
        if (trace.isOn()) {
            traceAccess("", register, at, value, false);
        }
        return value;
    }

    private static @Nullable DmaChannelRegister registerAt(Channel channel, int at) {
        int inChannel = at & (CHANNEL_STRIDE - 1);
        return channel.lite && DmaLiteChannelRegister.MAP.at(inChannel) == null
                ? null
                : DmaChannelRegister.MAP.at(inChannel);
    }

    private int readChannel(Channel channel, DmaChannelRegister register) {
        return switch (register) {
            case CS -> controlAndStatus(channel);
            case CONBLK_AD -> channel.conblkAd;
            case TI -> channel.info.value();
            case SOURCE_AD -> {
                catchUp(channel);
                yield channel.sourceAd;
            }
            case DEST_AD -> {
                catchUp(channel);
                yield channel.destAd;
            }
            case TXFR_LEN -> {
                catchUp(channel);
                yield channel.length();
            }
            case STRIDE -> channel.stride;
            case NEXTCONBK -> channel.next;
            case DEBUG -> debug(channel);
        };
    }

    private int controlAndStatus(Channel channel) {
        int value = channel.control;
        value = Cs.ERROR.with(value, channel.errors != 0);
        value = Cs.WAITING_FOR_OUTSTANDING_WRITES.with(value, awaitsLastWrite(channel));
        value = Cs.DREQ_STOPS_DMA.with(value, (waitingForRequest & channel.bit) != 0);
        value = Cs.PAUSED.with(value, isPaused(channel));
        value = Cs.DREQ.with(value, channel.loaded && requests[channel.info.permap].isAsserted());
        value = Cs.INT.with(value, channel.interrupting);
        value = Cs.END.with(value, channel.ended);
        return Cs.ACTIVE.with(value, channel.active);
    }

    private static boolean awaitsLastWrite(Channel channel) {
        return channel.state == State.ENDING && channel.waitsForWrites();
    }

    private boolean isPaused(Channel channel) {
        return switch (channel.state) {
            case IDLE, ENDING -> false;
            case FETCHING -> !channel.active;
            case MOVING -> !channel.active || isInGap(channel);
        };
    }

    /** Whether the channel burns wait cycles, or waits for a response, between two bursts. */
    private boolean isInGap(Channel channel) {
        long now = clock.now();
        if (channel != granted) {
            return channel.wakeAtPs > now;
        }
        // A run that has been caught up may start its next burst later than now.
        long since = now - grantStartPs;
        return since < 0
                || (grantBursts > 1 && since % channel.info.periodPs() >= channel.info.burstPs);
    }

    private boolean isOnBus(Channel channel) {
        return channel == granted && channel.state == State.MOVING && !isInGap(channel);
    }

    private int debug(Channel channel) {
        int value =
                channel.lite
                        ? DmaLiteChannelRegister.DEBUG.reset()
                        : DmaChannelRegister.DEBUG.reset();
        value =
                Debug.DMA_STATE.with(
                        value,
                        switch (channel.state) {
                            case IDLE -> 0;
                            case FETCHING -> 1;
                            case MOVING -> 2;
                            case ENDING -> 3;
                        });
        boolean unanswered =
                !channel.info.destIgnored && (channel.state == State.ENDING || isOnBus(channel));
        return Debug.OUTSTANDING_WRITES.with(value, unanswered ? 1 : 0) | channel.errors;
    }

    private void writeWord(int at, int value) {
        int index = at >> LG2_CHANNEL_STRIDE;
        if (index < channels.length) {
            Channel channel = channels[index];
            DmaChannelRegister register = registerAt(channel, at);
            if (register != null) {
                if (trace.isOn()) {
                    traceAccess(index + "_", register, at, value, true);
                }
                writeChannel(channel, register, value);
            }
        } else if (at == DmaControllerRegister.ENABLE.offset()) {
            if (trace.isOn()) {
                traceAccess("", DmaControllerRegister.ENABLE, at, value, true);
            }
            enable(value & DmaControllerRegister.ENABLE.writableMask());
        }
    }

    private void writeChannel(Channel channel, DmaChannelRegister register, int value) {
        switch (register) {
            case CS -> writeControl(channel, value);
            case CONBLK_AD -> {
                channel.conblkAd = Channel.blockAddress(value);
                start(channel);
            }
            case NEXTCONBK -> channel.next = Channel.blockAddress(value);
            case DEBUG -> {
                channel.errors &= ~(value & ERROR_MASK);
                arrive(channel);
            }
            case TI, SOURCE_AD, DEST_AD, TXFR_LEN, STRIDE -> {
                // Loaded from the control block alone.
            }
        }
    }

    private void writeControl(Channel channel, int value) {
        if (Cs.RESET.isSet(value)) {
            reset(channel);
            return;
        }
        if (Cs.INT.isSet(value)) {
            channel.interrupting = false;
            driveInterrupt(channel);
        }
        if (Cs.END.isSet(value)) {
            channel.ended = false;
        }
        channel.control = value & CONTROL_MASK;
        boolean active = Cs.ACTIVE.isSet(value);
        if (active != channel.active) {
            takeFromRun(channel);
            setActive(channel, active);
        }
        if (Cs.ABORT.isSet(value)) {
            abort(channel);
        }
        start(channel);
    }

    private void reset(Channel channel) {
        takeFromRun(channel);
        if (granted == channel) {
            granted = null;
        }
        channel.traceMoved(clock.now());
        if (trace.isOn() && channel.state != State.IDLE) {
            traceState(channel, channel.state.toString(), State.IDLE.toString(), "reset");
        }
        channel.reset();
        ending &= ~channel.bit;
        driveInterrupt(channel);
        arrive(channel);
    }

    private void setActive(Channel channel, boolean active) {
        channel.active = active;
        if (trace.isOn() && channel.state != State.IDLE) {
            String here = channel.state.toString();
            String from = active ? "Paused" : here;
            String to = active ? here : "Paused";
            traceState(channel, from, to, residue(channel));
        }
        if (!active) {
            channel.traceMoved(clock.now());
        }
    }

    private void abort(Channel channel) {
        takeFromRun(channel);
        if (channel.state == State.FETCHING || channel == granted) {
            channel.abortPending = true;
        } else if (channel.state == State.MOVING) {
            channel.abandon();
        }
    }

    /** Starts an idle channel that is active and has an address. */
    private void start(Channel channel) {
        if (channel.state == State.IDLE && channel.active && channel.conblkAd != 0) {
            channel.wakeAtPs = clock.now();
            enter(channel, State.FETCHING, "");
        }
        arrive(channel);
    }

    private void enable(int value) {
        for (Channel channel : channels) {
            if (((enabled ^ value) & channel.bit) != 0) {
                takeFromRun(channel);
            }
        }
        enabled = value;
        for (Channel channel : channels) {
            arrive(channel);
        }
    }

    // ---- the one event

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
        if (channel.fetch(now) instanceof BusAnswer.Fault fault) {
            halt(channel, fault);
            return;
        }
        enter(channel, State.MOVING, "");
        channel.wakeAtPs = now;
        enroll(channel);
    }

    private void finishBursts(Channel channel, long now) {
        if (channel.move(grantBursts, grantStartPs, now) instanceof BusAnswer.Fault fault) {
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
        channel.traceMoved(now);
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
        if (trace.isOn()) {
            channel.traceMoved(clock.now());
            channel.traceFault(fault, clock.now());
            traceState(channel, channel.state.toString(), "Halted", residue(channel));
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
                && channel.errors == 0
                && (enabled & channel.bit) != 0;
    }

    private boolean isHeld(Channel channel) {
        return channel.info.paced && !requests[channel.info.permap].isAsserted();
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
        return Math.floorMod(channel.index - lastGranted - 1, CHANNEL_COUNT_MAX);
    }

    /** Moves the bursts of the run on the bus that have ended by now, if it is this channel's. */
    private void catchUp(Channel channel) {
        if (channel != granted || grantBursts <= 1) {
            return;
        }
        long since = clock.now() - grantStartPs - channel.info.burstPs;
        if (since < 0) {
            return;
        }
        long periodPs = channel.info.periodPs();
        int over = (int) Math.min(grantBursts - 1, 1 + since / periodPs);
        if (channel.move(over, grantStartPs, clock.now()) instanceof BusAnswer.Fault fault) {
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

    private void driveInterrupt(Channel channel) {
        interrupting =
                channel.interrupting ? interrupting | channel.bit : interrupting & ~channel.bit;
        irqs[channel.index].set((interrupting & irqSharers[channel.index]) != 0);
    }

    // ---- trace

    private void enter(Channel channel, State state, String detail) {
        if (trace.isOn()) {
            traceState(channel, channel.state.toString(), state.toString(), detail);
        }
        channel.state = state;
    }

    private void traceState(Channel channel, String from, String to, String detail) {
        trace.emit(new TraceEvent.StateChange(clock.now(), channel.name, from, to, detail));
    }

    private static String residue(Channel channel) {
        return channel.rowsAfter == 0
                ? "residue=" + channel.rowResidue
                : "residue=" + channel.rowResidue + " rows=" + channel.rowsAfter;
    }

    private void traceAccess(String prefix, Register register, int at, int value, boolean write) {
        String label = prefix + register.name();
        int untouched = value & register.notModelledMask();
        if (write && untouched != 0) {
            label += " (not modelled: 0x" + Integer.toHexString(untouched) + ")";
        }
        trace.emit(
                new TraceEvent.RegisterAccess(
                        clock.now(), name, label, at, Register.BYTES, value & 0xffff_ffffL, write));
    }
}
