package dmakit.hardware.bcm2835;

import dmakit.datasheet.Register;
import dmakit.datasheet.bcm2835.DmaChannelRegister;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Cs;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Debug;
import dmakit.datasheet.bcm2835.DmaControllerRegister;
import dmakit.datasheet.bcm2835.DmaLiteChannelRegister;
import dmakit.datasheet.bcm2835.Dreq;
import dmakit.hardware.ChipTrace;
import dmakit.hardware.RequestLine;
import dmakit.hardware.WordRegisters;
import dmakit.hardware.bcm2835.Channel.State;
import dmakit.machine.Check;
import dmakit.machine.bus.MasterPort;
import dmakit.machine.bus.Target;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.time.Clock;
import dmakit.machine.trace.Trace;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The DMA controller of the BCM2835 to BCM2837: channels 0 to 14, of which 7 to 14 are lite ones.
 * BCM2835 ARM Peripherals, chapter 4. Channel 15 has its registers elsewhere (bus address
 * 0x7EE05000, section 4.2.1), no bit in ENABLE, and belongs to the firmware of most boards: it is
 * there if the board gives it an interrupt line. Its place in this block reads as zero.
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
 *   <li>FIFO_ERROR and READ_LAST_NOT_SET_ERROR are recorded and stop nothing (section 4.4). Nothing
 *       in a sound machine causes them: a test or an experiment does, by {@link #disturb}.
 *   <li>Channel 15 is a full one without the FIFO of channel 0.
 *   <li>ABORT zeroes the lengths, so that the block ends, END and INT included, at the next burst
 *       boundary. RESET drops the burst on the bus.
 *   <li>ACTIVE may be set while CONBLK_AD is 0; the channel starts once an address is written.
 *   <li>A channel whose ENABLE bit is clear rests; its registers answer.
 *   <li>PAUSED, which "will occur if the active bit has been cleared", is clear after power-on all
 *       the same: it says nothing before the first control block.
 *   <li>The numbers in DMA_STATE are this model's.
 * </ul>
 */
public final class Bcm2835Dma extends WordRegisters {
    /** Channels in this block of registers. */
    public static final int CHANNEL_COUNT_MAX = 15;

    /** The first lite channel. */
    public static final int FIRST_LITE = 7;

    /** Bytes of the block of registers. */
    public static final int SIZE = DmaControllerRegister.SIZE;

    /** Bytes of the registers of channel 15. */
    public static final int CHANNEL_15_SIZE = DmaChannelRegister.CHANNEL_STRIDE;

    /** The channel that is not in the block. */
    static final int FIFTEEN = 15;

    /** What may go wrong between the controller and what it reads from. Section 4.4. */
    public enum Disturbance {
        /** A read burst comes without its end mark: READ_LAST_NOT_SET_ERROR. */
        READ_LAST_NOT_SET(Debug.READ_LAST_NOT_SET_ERROR),
        /** The external read FIFO, which channel 0 alone has, reports an error: FIFO_ERROR. */
        READ_FIFO(Debug.FIFO_ERROR);

        private final Debug flag;

        Disturbance(Debug flag) {
            this.flag = flag;
        }
    }

    private static final int CHANNEL_STRIDE = DmaChannelRegister.CHANNEL_STRIDE;
    private static final int LG2_CHANNEL_STRIDE = Integer.numberOfTrailingZeros(CHANNEL_STRIDE);
    private static final int CONTROL_MASK =
            Cs.DISDEBUG.mask()
                    | Cs.WAIT_FOR_OUTSTANDING_WRITES.mask()
                    | Cs.PANIC_PRIORITY.mask()
                    | Cs.PRIORITY.mask();
    private static final int ERROR_MASK =
            Debug.READ_ERROR.mask()
                    | Debug.FIFO_ERROR.mask()
                    | Debug.READ_LAST_NOT_SET_ERROR.mask();

    private final ChipTrace trace;
    private final Channel[] channels;
    private final RequestLine[] requests = new RequestLine[Dreq.LINE_COUNT];
    private final Engine engine;

    /**
     * Creates a controller after power-on.
     *
     * @param port its way to memory and peripherals, in bus addresses; its name is the controller's
     *     in traces
     * @param irqs the interrupt line of each channel from 0 on, 1 to {@link #CHANNEL_COUNT_MAX};
     *     channels may share one, which then carries any of their levels
     */
    public Bcm2835Dma(Clock clock, Trace trace, MasterPort port, List<IrqLine> irqs) {
        this(clock, trace, port, irqs, null);
    }

    /**
     * Creates a controller with all its channels.
     *
     * @param irqs the lines of channels 0 to 14
     * @param fifteenth the line of channel 15, or null if the board leaves that one out; {@link
     *     #channel15} are its registers
     */
    public Bcm2835Dma(
            Clock clock,
            Trace trace,
            MasterPort port,
            List<IrqLine> irqs,
            @Nullable IrqLine fifteenth) {
        List<IrqLine> lines = new ArrayList<>(irqs);
        Check.argument(
                !lines.isEmpty() && lines.size() <= CHANNEL_COUNT_MAX,
                "%d interrupt lines, wanted one for each of 1 to 15 channels",
                lines.size());
        if (fifteenth != null) {
            Check.argument(
                    lines.size() == CHANNEL_COUNT_MAX,
                    "channel 15 beside %d others, wanted 15",
                    lines.size());
            lines.add(fifteenth);
        }
        int count = lines.size();
        String name = port.name();
        this.trace = new ChipTrace(clock, trace, name);
        channels = new Channel[count];
        for (int i = 0; i < count; i++) {
            channels[i] =
                    new Channel(
                            i,
                            i >= FIRST_LITE && i < FIFTEEN,
                            port,
                            new ChipTrace(clock, trace, name + "." + i));
        }
        for (int i = 0; i < requests.length; i++) {
            requests[i] = new RequestLine(name + " request " + i);
        }
        requests[Dreq.ALWAYS_ON.permap()].set(true);
        engine = new Engine(clock, name, channels, requests, lines);
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

    /**
     * The registers of channel 15, for their own place on the bus.
     *
     * @throws IllegalArgumentException when the controller has no such channel
     */
    public Target channel15() {
        Check.argument(
                channels.length > FIFTEEN, "%d channels have no channel 15", channels.length);
        return new Channel15();
    }

    /**
     * Drives the pause signal of the board's debugger: while it is asserted every channel rests
     * that does not have CS.DISDEBUG set.
     */
    public void debugPause(boolean level) {
        engine.debugPause(level);
    }

    /**
     * Lets the next read of a channel go wrong. Its bytes are moved all the same.
     *
     * @param channel 0 to {@link #channelCount} - 1; 0 for {@link Disturbance#READ_FIFO}
     */
    public void disturb(int channel, Disturbance disturbance) {
        Check.argument(
                channel >= 0 && channel < channels.length, "channel %d is not there", channel);
        Check.argument(
                disturbance != Disturbance.READ_FIFO || channel == 0,
                "channel %d has no external FIFO",
                channel);
        engine.disturb(channels[channel], disturbance.flag.mask());
    }

    /** Moves every burst in an event of its own, for the proof that runs change nothing. */
    void moveBurstByBurst() {
        engine.moveBurstByBurst();
    }

    @Override
    public boolean tracesAccess(long offset) {
        int at = (int) offset & -Register.BYTES;
        Channel channel = channelAt(at);
        return channel != null
                ? registerAt(channel, at) != null
                : DmaControllerRegister.MAP.at(at) != null;
    }

    /** The registers of channel 15 are kept behind the block, where no address of the block is. */
    private final class Channel15 implements Target {
        @Override
        public long read(long offset, int bytes) {
            return Bcm2835Dma.this.read(SIZE + offset, bytes);
        }

        @Override
        public void write(long offset, int bytes, long value) {
            Bcm2835Dma.this.write(SIZE + offset, bytes, value);
        }

        @Override
        public boolean tracesAccess(long offset) {
            return Bcm2835Dma.this.tracesAccess(SIZE + offset);
        }
    }

    private @Nullable Channel channelAt(int at) {
        int index = at >= SIZE ? FIFTEEN : at >> LG2_CHANNEL_STRIDE;
        return index < channels.length && (index != FIFTEEN || at >= SIZE) ? channels[index] : null;
    }

    @Override
    protected int readWord(int at) {
        Channel channel = channelAt(at);
        if (channel != null) {
            DmaChannelRegister register = registerAt(channel, at);
            if (register == null) {
                return 0;
            }
            int value = readChannel(channel, register);
            trace.loaded(channel.prefix, register, at, value);
            return value;
        }
        DmaControllerRegister register = DmaControllerRegister.MAP.at(at);
        if (register == null) {
            return 0;
        }
        int value =
                switch (register) {
                    case INT_STATUS -> engine.interrupting();
                    case ENABLE -> engine.enabled();
                };
        trace.loaded(register, value);
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
                engine.catchUp(channel);
                yield channel.sourceAd;
            }
            case DEST_AD -> {
                engine.catchUp(channel);
                yield channel.destAd;
            }
            case TXFR_LEN -> {
                engine.catchUp(channel);
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
        value = Cs.DREQ_STOPS_DMA.with(value, engine.waitsForRequest(channel));
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
        boolean rests = !channel.active || engine.isDebugPaused(channel);
        return switch (channel.state) {
            case IDLE -> channel.loaded && rests;
            case FETCHING, ENDING -> rests;
            case MOVING -> rests || engine.isInGap(channel);
        };
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
                !channel.info.destIgnored
                        && (channel.state == State.ENDING || engine.isOnBus(channel));
        return Debug.OUTSTANDING_WRITES.with(value, unanswered ? 1 : 0) | channel.errors;
    }

    @Override
    protected void writeWord(int at, int value) {
        Channel channel = channelAt(at);
        if (channel != null) {
            DmaChannelRegister register = registerAt(channel, at);
            if (register != null) {
                trace.stored(channel.prefix, register, at, value);
                writeChannel(channel, register, value);
            }
            return;
        }
        DmaControllerRegister register = DmaControllerRegister.MAP.at(at);
        if (register != null) {
            trace.stored(register, value);
        }
        if (register == DmaControllerRegister.ENABLE) {
            engine.enable(value & DmaControllerRegister.ENABLE.writableMask());
        }
    }

    private void writeChannel(Channel channel, DmaChannelRegister register, int value) {
        switch (register) {
            case CS -> writeControl(channel, value);
            case CONBLK_AD -> {
                channel.conblkAd = Channel.blockAddress(value);
                engine.start(channel);
            }
            case NEXTCONBK -> channel.next = Channel.blockAddress(value);
            case DEBUG -> {
                channel.errors &= ~(value & ERROR_MASK);
                engine.arrive(channel);
            }
            case TI, SOURCE_AD, DEST_AD, TXFR_LEN, STRIDE -> {
                // Loaded from the control block alone.
            }
        }
    }

    private void writeControl(Channel channel, int value) {
        if (Cs.RESET.isSet(value)) {
            engine.reset(channel);
            return;
        }
        if (Cs.INT.isSet(value)) {
            channel.interrupting = false;
            engine.driveInterrupt(channel);
        }
        if (Cs.END.isSet(value)) {
            channel.ended = false;
        }
        engine.control(channel, value & CONTROL_MASK);
        boolean active = Cs.ACTIVE.isSet(value);
        if (active != channel.active) {
            engine.setActive(channel, active);
        }
        if (Cs.ABORT.isSet(value)) {
            engine.abort(channel);
        }
        engine.start(channel);
    }
}
