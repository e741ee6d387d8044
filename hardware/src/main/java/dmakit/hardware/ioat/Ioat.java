package dmakit.hardware.ioat;

import dmakit.datasheet.Register;
import dmakit.datasheet.ioat.IoatChannelRegister;
import dmakit.datasheet.ioat.IoatChannelRegister.Chancmd;
import dmakit.datasheet.ioat.IoatChannelRegister.Status;
import dmakit.datasheet.ioat.IoatRegister;
import dmakit.datasheet.ioat.IoatRegister.Cbver;
import dmakit.datasheet.ioat.IoatRegister.Chancnt;
import dmakit.datasheet.ioat.IoatRegister.Dmacapability;
import dmakit.datasheet.ioat.IoatRegister.Intrdelay;
import dmakit.hardware.ChipTrace;
import dmakit.hardware.Halves;
import dmakit.hardware.pci.Bar;
import dmakit.hardware.pci.PciFunction;
import dmakit.hardware.pci.PciIdentity;
import dmakit.machine.bus.Target;
import dmakit.machine.time.Alarm;
import dmakit.machine.time.Clock;
import dmakit.machine.trace.Trace;
import org.jspecify.annotations.Nullable;

/**
 * Intel I/OAT: a PCI function whose channels copy, and compute and check the sums of RAID 5 and 6.
 * Intel Xeon Processor E5 v2 Product Families Datasheet, Volume Two, "Intel QuickData Technology";
 * the layouts of descriptors are those of Linux's {@code drivers/dma/ioat/hw.h}.
 *
 * <p>Each channel walks
 *
 * <pre>{@code
 *          CHAINADDR, then DMACOUNT              all done
 * Halted --------------------------> Active <--------------> Done
 *   ^                                |    ^     DMACOUNT
 *   | RESET, ABORT, an error SUSPEND |    | RESUME, or another chain
 *   +------------------------------- v    |
 *                                  Suspended
 * }</pre>
 *
 * <p>It fetches the descriptor that the one before names, as long as fewer have ended than DMACOUNT
 * announced since CHAINADDR was stored; both are counted modulo 2^16, and a second descriptor of
 * one operation counts as well. At the end of a descriptor with COMPL_WRITE it stores CHANSTS to
 * CHANCMP, at one with INT_EN it interrupts, and then not again before INT_REARM.
 *
 * <p><b>Time.</b> The channels share the link: each step, a fetch or a request's worth of every
 * operand, holds it; they take turns.
 *
 * <p><b>Where the data sheet is silent</b>, this model chooses:
 *
 * <ul>
 *   <li>A refused access to data sets READ_DATA or WRITE_DATA, a refused fetch NEXT_ADDRESS, a
 *       refused completion COMPLETION_ADDRESS; all halt.
 *   <li>A check that fails halts, unless CHANERRMSK passes over it; it is written back where WB_EN
 *       asks for it.
 *   <li>A reset keeps CHANCMP, CHANCTRL and CHANERRMSK, which Linux does not store again.
 *   <li>An error is final for the channel until CHANERR is cleared and another chain is stored.
 *   <li>INTRDELAY is kept and delays nothing.
 * </ul>
 */
public final class Ioat implements Target {
    /** Region of the table of messages. */
    private static final int MSIX_REGION = 2;

    private static final int LG2_TRANSFER_BYTES_MAX = 20;
    private static final int STRIDE = IoatChannelRegister.STRIDE;
    private static final int CHANNELS_MASK = (1 << IoatRegister.CHANNEL_COUNT_MAX) - 1;

    /** Which of its kind a function is. */
    public enum Kind {
        /** Version 3.3: syndromes of up to 16 sources, checks that write back. */
        SOURCES_16(
                IoatRegister.DEVICE_ID,
                Dmacapability.PQ.mask()
                        | Dmacapability.RAID16SS.mask()
                        | Dmacapability.DWBES.mask()),
        /** Version 3.3 without either: exclusive or and syndromes of up to 8, checks that halt. */
        SOURCES_8(
                IoatRegister.DEVICE_ID_8_SOURCES,
                Dmacapability.XOR.mask() | Dmacapability.PQ.mask());

        private static final int VERSION = Cbver.MAJOR.of(3) | Cbver.MINOR.of(3);

        private final int deviceId;
        private final int capabilities;

        Kind(int deviceId, int capabilities) {
            this.deviceId = deviceId;
            this.capabilities = capabilities;
        }
    }

    private final Clock clock;
    private final ChipTrace trace;
    private final Kind kind;
    private final PciFunction function;
    private final Channel[] channels = new Channel[IoatRegister.CHANNEL_COUNT_MAX];
    private final Alarm stepDone;
    private int interruptControl;
    private int attention;
    private int delay;
    private int waiting;
    private int last = -1;
    private @Nullable Channel granted;

    /**
     * Creates a function after power-on, to be plugged in.
     *
     * @param name for traces
     */
    public Ioat(Clock clock, Trace trace, String name, Kind kind) {
        this.clock = clock;
        this.trace = new ChipTrace(clock, trace, name);
        this.kind = kind;
        function =
                new PciFunction(
                                name,
                                new PciIdentity(
                                        IoatRegister.VENDOR_ID,
                                        kind.deviceId,
                                        IoatRegister.CLASS_CODE,
                                        0,
                                        IoatRegister.VENDOR_ID,
                                        0))
                        .add(new Bar(0, Bar.Width.MEMORY_32, IoatRegister.REGION_BYTES, this))
                        .addPowerManagement()
                        .addMsi(0)
                        .addExpress()
                        .addMsix(IoatRegister.CHANNEL_COUNT_MAX, MSIX_REGION);
        Field256 field = new Field256();
        for (int i = 0; i < channels.length; i++) {
            channels[i] = new Channel(i, this, field, new ChipTrace(clock, trace, name + "." + i));
        }
        stepDone = new Alarm(name, this::step);
    }

    /** What sits in the slot. */
    public PciFunction function() {
        return function;
    }

    // What channels ask and say.

    int capabilities() {
        return kind.capabilities;
    }

    int transferBytesMax() {
        return 1 << LG2_TRANSFER_BYTES_MAX;
    }

    /** A channel has something to do. */
    void ready(Channel channel) {
        if (channel != granted) {
            waiting |= 1 << channel.index;
            grant();
        }
    }

    void attention(int channel) {
        attention |= 1 << channel;
        boolean perChannel = Chancnt.MSIX_VECTOR_CONTROL.isSet(interruptControl);
        driveInterrupt();
        if (Chancnt.MASTER_INT_EN.isSet(interruptControl)) {
            function.message(perChannel ? channel : 0);
        }
    }

    private void driveInterrupt() {
        function.interrupt(attention != 0 && Chancnt.MASTER_INT_EN.isSet(interruptControl));
    }

    // The link.

    private void grant() {
        if (granted != null || waiting == 0) {
            return;
        }
        int later = waiting & (-2 << last);
        int winner = Integer.numberOfTrailingZeros(later != 0 ? later : waiting);
        waiting &= ~(1 << winner);
        last = winner;
        Channel channel = channels[winner];
        granted = channel;
        clock.setIn(stepDone, channel.stepPs());
    }

    /** Ends one step, whose work is bounded by a request per operand, and gives the link away. */
    private void step() {
        Channel channel = granted;
        granted = null;
        if (channel != null) {
            channel.step();
            if (channel.isReady()) {
                waiting |= 1 << channel.index;
            }
        }
        grant();
    }

    // Loads and stores.

    @Override
    public long read(long offset, int bytes) {
        int at = (int) offset & -Register.BYTES;
        long low = Integer.toUnsignedLong(readWord(at, lanes(offset, bytes)));
        if (bytes > Register.BYTES) {
            return low | ((long) readWord(at + Register.BYTES, -1) << Integer.SIZE);
        }
        return (low >>> (Byte.SIZE * (offset & (Register.BYTES - 1))))
                & (-1L >>> (Long.SIZE - Byte.SIZE * bytes));
    }

    @Override
    public void write(long offset, int bytes, long value) {
        int at = (int) offset & -Register.BYTES;
        int shift = Byte.SIZE * (int) (offset & (Register.BYTES - 1));
        writeWord(at, (int) value << shift, lanes(offset, bytes));
        if (bytes > Register.BYTES) {
            writeWord(at + Register.BYTES, (int) (value >>> Integer.SIZE), -1);
        }
    }

    private static int lanes(long offset, int bytes) {
        if (bytes >= Register.BYTES) {
            return -1;
        }
        int shift = Byte.SIZE * (int) (offset & (Register.BYTES - 1));
        return ((1 << (Byte.SIZE * bytes)) - 1) << shift;
    }

    @Override
    public boolean tracesAccess(long offset) {
        int at = (int) offset & -Register.BYTES;
        return IoatRegister.MAP.at(at) != null || channelRegister(at) != null;
    }

    private @Nullable Channel channelAt(int at) {
        int index = at / STRIDE - 1;
        return index >= 0 && index < channels.length ? channels[index] : null;
    }

    private @Nullable IoatChannelRegister channelRegister(int at) {
        return channelAt(at) == null ? null : IoatChannelRegister.MAP.at(at % STRIDE);
    }

    private int readWord(int at, int lanes) {
        Channel channel = channelAt(at);
        IoatChannelRegister own = channelRegister(at);
        if (channel != null && own != null) {
            int value = readChannel(channel, own);
            trace.loaded(channel.prefix, own, at, value);
            return value;
        }
        IoatRegister register = IoatRegister.MAP.at(at);
        if (register == null) {
            return 0;
        }
        int value = readGlobal(register, lanes);
        trace.loaded(register, value);
        return value;
    }

    private int readGlobal(IoatRegister register, int lanes) {
        return switch (register) {
            case CHANCNT -> {
                int value = Chancnt.CHANCNT.of(channels.length);
                value = Chancnt.XFERCAP.with(value, LG2_TRANSFER_BYTES_MAX);
                value = Chancnt.INT_STATUS.with(value, attention != 0);
                boolean master = Chancnt.MASTER_INT_EN.isSet(interruptControl);
                yield Chancnt.INT.with(value, attention != 0 && master) | interruptControl;
            }
            case ATTNSTATUS -> {
                int value = attention;
                attention &= ~lanes;
                driveInterrupt();
                yield value;
            }
            case CBVER -> Kind.VERSION;
            case INTRDELAY -> Intrdelay.COALESCE_SUPPORT.mask() | delay;
            case DMACAPABILITY -> kind.capabilities;
        };
    }

    private static int readChannel(Channel channel, IoatChannelRegister register) {
        return switch (register) {
            case CHANCTRL -> IoatChannelRegister.CHANCTRL.reset() | channel.control;
            case CHANCMD -> Chancmd.DMACOUNT.of(channel.count);
            case CHANSTS_LOW -> (int) channel.completed() | channel.status().ordinal();
            case CHANSTS_HIGH -> Halves.high(channel.completed());
            case CHAINADDR_LOW -> Halves.low(channel.chain);
            case CHAINADDR_HIGH -> Halves.high(channel.chain);
            case CHANCMP_LOW -> Halves.low(channel.completionAddress);
            case CHANCMP_HIGH -> Halves.high(channel.completionAddress);
            case CDAR_LOW -> Halves.low(channel.current());
            case CDAR_HIGH -> Halves.high(channel.current());
            case CHANERR -> channel.errors;
            case CHANERRMSK -> channel.errorMask;
            case DCACTRL -> channel.cacheControl;
        };
    }

    private void writeWord(int at, int value, int lanes) {
        Channel channel = channelAt(at);
        IoatChannelRegister own = channelRegister(at);
        if (channel != null && own != null) {
            trace.stored(channel.prefix, own, at, value & lanes);
            writeChannel(channel, own, value, lanes);
            return;
        }
        IoatRegister register = IoatRegister.MAP.at(at);
        if (register == null) {
            return;
        }
        trace.stored(register, value & lanes);
        int stored = lanes & register.writableMask();
        switch (register) {
            case CHANCNT -> {
                interruptControl = merged(interruptControl, value, stored);
                driveInterrupt();
            }
            case INTRDELAY -> delay = merged(delay, value, stored);
            case ATTNSTATUS, CBVER, DMACAPABILITY -> {
                // Read-only.
            }
        }
    }

    private static int merged(int before, int value, int lanes) {
        return (before & ~lanes) | (value & lanes);
    }

    private void writeChannel(Channel channel, IoatChannelRegister register, int value, int lanes) {
        int stored = lanes & register.writableMask();
        switch (register) {
            case CHANCTRL -> channel.control(merged(channel.control, value, stored));
            case CHANCMD -> command(channel, value & lanes, lanes);
            case CHAINADDR_LOW -> channel.chain(lowStored(channel.chain, value, lanes));
            case CHAINADDR_HIGH -> channel.chain(highStored(channel.chain, value, lanes));
            case CHANCMP_LOW ->
                    channel.completionAddress =
                            lowStored(channel.completionAddress, value, lanes) & -(long) Long.BYTES;
            case CHANCMP_HIGH ->
                    channel.completionAddress = highStored(channel.completionAddress, value, lanes);
            case CHANERR -> channel.errors &= ~(value & lanes);
            case CHANERRMSK -> channel.errorMask = merged(channel.errorMask, value, stored);
            case DCACTRL -> channel.cacheControl = merged(channel.cacheControl, value, stored);
            case CHANSTS_LOW, CHANSTS_HIGH, CDAR_LOW, CDAR_HIGH -> {
                // Read-only.
            }
        }
    }

    private static long lowStored(long before, int value, int lanes) {
        int low = merged((int) before, value, lanes);
        return (before & ~0xffff_ffffL) | Integer.toUnsignedLong(low);
    }

    private static long highStored(long before, int value, int lanes) {
        int high = merged((int) (before >>> Integer.SIZE), value, lanes);
        return (before & 0xffff_ffffL) | (long) high << Integer.SIZE;
    }

    private void command(Channel channel, int value, int lanes) {
        if (Chancmd.RESET.isSet(value)) {
            channel.reset();
        } else if (Chancmd.ABORT.isSet(value)) {
            channel.abort();
        } else if (Chancmd.SUSPEND.isSet(value)) {
            channel.suspend(channel == granted);
        } else if (Chancmd.RESUME.isSet(value)) {
            channel.resume();
        }
        if ((lanes & Chancmd.DMACOUNT.mask()) == Chancmd.DMACOUNT.mask()) {
            channel.count(Chancmd.DMACOUNT.get(value));
        }
        if (channel.status() != Status.ACTIVE) {
            waiting &= ~(1 << channel.index) & CHANNELS_MASK;
        }
    }
}
