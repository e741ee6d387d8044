package dmakit.hardware.xdmac;

import dmakit.datasheet.Register;
import dmakit.datasheet.xdmac.XdmacChannelRegister;
import dmakit.datasheet.xdmac.XdmacChannelRegister.Cc;
import dmakit.datasheet.xdmac.XdmacLayout;
import dmakit.datasheet.xdmac.XdmacRegister;
import dmakit.datasheet.xdmac.XdmacRegister.Gtype;
import dmakit.hardware.ChipTrace;
import dmakit.hardware.RequestLine;
import dmakit.hardware.WordRegisters;
import dmakit.hardware.xdmac.Channel.State;
import dmakit.machine.Check;
import dmakit.machine.bus.MasterPort;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.time.Clock;
import dmakit.machine.trace.Trace;
import org.jspecify.annotations.Nullable;

/**
 * The XDMAC of Atmel's and Microchip's Arm chips, with up to 32 channels. SAMA5D2 Series data
 * sheet, "DMA Controller (XDMAC)"; {@link XdmacLayout} tells the variants apart.
 *
 * <p>Each channel walks
 *
 * <pre>{@code
 *        GE with NDE                     descriptor loaded
 * Idle ----------------> Fetching --------------------------> Moving
 *  | ^                      ^                                  | | ^
 *  | | GD, or a block       | a block ends, NDE                | | |
 *  | | ends without NDE     +----------------------------------+ | |
 *  | +-----------------------------------------------------------+ |
 *  +---------------------------------------------------------------+
 *        GE without NDE
 * }</pre>
 *
 * <p>and rests wherever it is while it is suspended, has been refused an access, or the request
 * that paces it is missing. A block is BLEN + 1 microblocks of UBLEN data; between memories a
 * microblock goes in bursts of MBSIZE data, with a peripheral in chunks of CSIZE data, one for each
 * request.
 *
 * <p><b>Time.</b> The controller has one master port; a fetch or a burst holds it. Where one
 * channel wants it, one event moves a run of bursts up to the end of the microblock; the run ends
 * when its bursts one after the other would. When another channel bids, or a register is read that
 * shows how far the run has come, the bursts that have ended by then are moved first. Where several
 * bid, {@link Arbiter} decides burst by burst. A bid that arrives in the very picosecond of a
 * decision takes part in the next.
 *
 * <p><b>Where the data sheet is silent</b>, this model chooses:
 *
 * <ul>
 *   <li>A refused access sets RBEIS or WBEIS; the channel stays enabled and stands still. Linux
 *       disables it then, since that is "not done automatically".
 *   <li>Disabling lets the burst on the bus end, forgets what is left of the block, and ends a
 *       suspension.
 *   <li>UBLEN 0 moves nothing and ends the block at once.
 *   <li>A descriptor whose view has no MBR_BC is one microblock.
 *   <li>The one address of view 0 replaces what NDSUP and NDDUP name, both if they name both.
 *   <li>LIS goes with the end of a list alone, BIS with the end of each block.
 *   <li>The registers of a transfer take stores while its channel is disabled. PROT is not loaded
 *       from descriptors.
 *   <li>Nothing stays in a FIFO between two bursts, so a flush ends with the burst on the bus, or
 *       at once.
 * </ul>
 */
public final class Xdmac extends WordRegisters {
    /** Most channels. */
    public static final int CHANNEL_COUNT_MAX = XdmacChannelRegister.CHANNEL_COUNT_MAX;

    /** Bytes of the block of registers. */
    public static final int SIZE = XdmacRegister.SIZE;

    /** Request lines, numbered as PERID does. */
    public static final int REQUEST_COUNT = 128;

    private static final int STRIDE = XdmacChannelRegister.STRIDE;
    private static final int FIFO_BYTES = 64;
    private static final int VERSION = 0x410;
    private static final int NB_REQ_MAX = 0x7f;

    private final ChipTrace trace;
    private final XdmacLayout layout;
    private final Channel[] channels;
    private final RequestLine[] requests = new RequestLine[REQUEST_COUNT];
    private final Engine engine;
    private int globalConfiguration;

    /**
     * Creates a controller after power-on.
     *
     * @param port its way to memory and peripherals; its name is the controller's in traces
     * @param irq what its channels interrupt by, together
     * @param channelCount 1 to {@link #CHANNEL_COUNT_MAX}
     */
    public Xdmac(
            Clock clock,
            Trace trace,
            MasterPort port,
            IrqLine irq,
            XdmacLayout layout,
            int channelCount) {
        Check.argument(
                channelCount >= 1 && channelCount <= CHANNEL_COUNT_MAX,
                "%d channels, wanted 1 to 32",
                channelCount);
        String name = port.name();
        this.trace = new ChipTrace(clock, trace, name);
        this.layout = layout;
        channels = new Channel[channelCount];
        for (int i = 0; i < channelCount; i++) {
            channels[i] = new Channel(i, port, new ChipTrace(clock, trace, name + "." + i));
        }
        for (int i = 0; i < REQUEST_COUNT; i++) {
            requests[i] = new RequestLine(name + " request " + i);
        }
        engine = new Engine(clock, name, channels, requests, irq);
    }

    /**
     * The request input that PERID selects by a number, for its peripheral to drive.
     *
     * @param perid 0 to 127
     */
    public RequestLine request(int perid) {
        Check.argument(perid >= 0 && perid < REQUEST_COUNT, "no request line of number %d", perid);
        return requests[perid];
    }

    /** How many channels there are. */
    public int channelCount() {
        return channels.length;
    }

    /** Moves every burst in an event of its own, for the proof that runs change nothing. */
    void moveBurstByBurst() {
        engine.moveBurstByBurst();
    }

    // Accesses.

    @Override
    public boolean tracesAccess(long offset) {
        int at = (int) offset & -Register.BYTES;
        return layout.at(at) != null || channelRegister(at) != null;
    }

    private @Nullable Channel channelAt(int at) {
        int inChannels = at - layout.channelBase();
        return inChannels >= 0 && inChannels / STRIDE < channels.length
                ? channels[inChannels / STRIDE]
                : null;
    }

    private @Nullable XdmacChannelRegister channelRegister(int at) {
        return channelAt(at) == null
                ? null
                : XdmacChannelRegister.MAP.at((at - layout.channelBase()) % STRIDE);
    }

    @Override
    protected int readWord(int at) {
        Channel channel = channelAt(at);
        XdmacChannelRegister own = channelRegister(at);
        if (channel != null && own != null) {
            int value = readChannel(channel, own);
            trace.loaded(channel.prefix, own, at, value);
            return value;
        }
        XdmacRegister register = layout.at(at);
        if (register == null) {
            return 0;
        }
        int value = readGlobal(register);
        trace.loaded("", register, at, value);
        return value;
    }

    private int readGlobal(XdmacRegister register) {
        return switch (register) {
            case GTYPE ->
                    Gtype.NB_REQ.of(NB_REQ_MAX)
                            | Gtype.FIFO_SZ.of(FIFO_BYTES)
                            | Gtype.NB_CH.of(channels.length - 1);
            case GCFG -> globalConfiguration;
            case GWAC -> engine.arbiter().weights();
            case GIM -> engine.interruptMask();
            case GIS -> engine.interrupting();
            case GS -> engine.enabled();
            case GRS -> engine.readSuspended();
            case GWS -> engine.writeSuspended();
            case GSWS -> engine.requestedBySoftware();
            case VERSION -> VERSION;
            case GIE, GID, GE, GD, GRWS, GRWR, GSWR, GSWF -> 0;
        };
    }

    private int readChannel(Channel channel, XdmacChannelRegister register) {
        return switch (register) {
            case CIE, CID -> 0;
            case CIM -> channel.mask;
            case CIS -> {
                int status = channel.status;
                channel.status = 0;
                engine.driveInterrupt(channel);
                yield status;
            }
            case CSA -> {
                engine.catchUp(channel);
                yield channel.source;
            }
            case CDA -> {
                engine.catchUp(channel);
                yield channel.dest;
            }
            case CNDA -> channel.next;
            case CNDC -> channel.nextControl;
            case CUBC -> {
                engine.catchUp(channel);
                yield channel.dataResidue;
            }
            case CBC -> {
                engine.catchUp(channel);
                yield channel.microblocksAfter;
            }
            case CC -> configuration(channel);
            case CDS_MSP -> channel.stride;
            case CSUS -> channel.sourceStride;
            case CDUS -> channel.destStride;
        };
    }

    private int configuration(Channel channel) {
        boolean onBus = engine.isOnBus(channel);
        int value = Cc.INITD.with(channel.settings.value(), channel.loaded);
        value = Cc.RDIP.with(value, onBus && !channel.settings.memset);
        return Cc.WRIP.with(value, onBus);
    }

    @Override
    protected void writeWord(int at, int value) {
        Channel channel = channelAt(at);
        XdmacChannelRegister own = channelRegister(at);
        if (channel != null && own != null) {
            trace.stored(channel.prefix, own, at, value);
            writeChannel(channel, own, value);
            return;
        }
        XdmacRegister register = layout.at(at);
        if (register != null) {
            trace.stored("", register, at, value);
            writeGlobal(register, value);
        }
    }

    private void writeGlobal(XdmacRegister register, int value) {
        switch (register) {
            case GCFG -> globalConfiguration = value & layout.described(register).writableMask();
            case GWAC -> engine.arbiter().weights(value);
            case GIE -> engine.interruptMask(engine.interruptMask() | value);
            case GID -> engine.interruptMask(engine.interruptMask() & ~value);
            case GE -> engine.enable(value);
            case GD -> engine.disable(value);
            case GRS -> engine.suspend(value, engine.writeSuspended());
            case GWS -> engine.suspend(engine.readSuspended(), value);
            case GRWS ->
                    engine.suspend(engine.readSuspended() | value, engine.writeSuspended() | value);
            case GRWR ->
                    engine.suspend(
                            engine.readSuspended() & ~value, engine.writeSuspended() & ~value);
            case GSWR -> engine.requestBySoftware(value);
            case GSWF -> engine.flush(value);
            case GTYPE, GIM, GIS, GS, GSWS, VERSION -> {
                // Read-only.
            }
        }
    }

    private void writeChannel(Channel channel, XdmacChannelRegister register, int value) {
        int known = value & register.writableMask();
        if (channel.state != State.IDLE && isOfTransfer(register)) {
            return;
        }
        switch (register) {
            case CIE -> interruptBy(channel, channel.mask | known);
            case CID -> interruptBy(channel, channel.mask & ~known);
            case CSA -> channel.source = known;
            case CDA -> channel.dest = known;
            case CNDA -> channel.next = known;
            case CNDC -> channel.nextControl = known;
            case CUBC -> channel.microblock(known);
            case CBC -> channel.microblocksAfter = known;
            case CC -> channel.settings(known);
            case CDS_MSP -> channel.stride = known;
            case CSUS -> channel.sourceStride = known;
            case CDUS -> channel.destStride = known;
            case CIM, CIS -> {
                // Read-only.
            }
        }
    }

    private static boolean isOfTransfer(XdmacChannelRegister register) {
        return switch (register) {
            case CIE, CID, CIM, CIS -> false;
            case CSA, CDA, CNDA, CNDC, CUBC, CBC, CC, CDS_MSP, CSUS, CDUS -> true;
        };
    }

    private void interruptBy(Channel channel, int mask) {
        channel.mask = mask;
        engine.driveInterrupt(channel);
    }
}
