package dmakit.hardware.xdmac;

import dmakit.datasheet.xdmac.XdmacChannelRegister;
import dmakit.datasheet.xdmac.XdmacChannelRegister.Addressing;
import dmakit.datasheet.xdmac.XdmacChannelRegister.Cc;
import dmakit.datasheet.xdmac.XdmacChannelRegister.CdsMsp;
import dmakit.datasheet.xdmac.XdmacChannelRegister.Cis;
import dmakit.datasheet.xdmac.XdmacChannelRegister.Cndc;
import dmakit.datasheet.xdmac.XdmacChannelRegister.Csus;
import dmakit.datasheet.xdmac.XdmacChannelRegister.Cubc;
import dmakit.datasheet.xdmac.XdmacDescriptor;
import dmakit.datasheet.xdmac.XdmacDescriptor.Ubc;
import dmakit.hardware.BurstBus;
import dmakit.hardware.ChipTrace;
import dmakit.hardware.DescriptorWords;
import dmakit.hardware.Piece;
import dmakit.machine.bus.BusAnswer;
import dmakit.machine.bus.MasterPort;

/**
 * One channel: its registers, how far its block has come, and the moving of bytes. Time and the
 * sharing of the bus are the controller's.
 */
final class Channel extends BurstBus.Bidder {
    /** What a channel does next. Whether it may is a matter of suspension, requests and errors. */
    enum State {
        /** Is disabled. */
        IDLE("Idle"),
        /** Fetches the descriptor at {@code CNDA}. */
        FETCHING("Fetching"),
        /** Has data to move. */
        MOVING("Moving");

        private final String label;

        State(String label) {
            this.label = label;
        }

        @Override
        public String toString() {
            return label;
        }
    }

    /** Full bursts that one event may move when it has to move them one by one. */
    static final int SLOW_RUN_BURSTS_MAX = 4096;

    /** Bytes that one event may move. */
    static final int RUN_BYTES_MAX = 1 << 20;

    private static final long ADDRESS_MASK = 0xffff_ffffL;
    private static final long ADDRESS_END = 1L << 32;
    private static final int FILL_BYTES = 4096;
    private static final int CC_MASK = XdmacChannelRegister.CC.writableMask();
    private static final int CNDA_MASK = XdmacChannelRegister.CNDA.writableMask();
    private static final int BLEN_MASK = XdmacChannelRegister.CBC.writableMask();
    private static final int STRIDE_MASK = XdmacChannelRegister.CSUS.writableMask();

    /** Before the names of its registers in traces. */
    final String prefix;

    final ChipTrace trace;
    final Settings settings = new Settings();

    private final MasterPort port;
    private final byte[] words = new byte[XdmacDescriptor.SIZE];
    private final byte[] burst = new byte[Timing.BURST_BYTES_MAX];
    private final byte[] fill = new byte[FILL_BYTES];

    State state = State.IDLE;

    /** A refused access has stopped it; it stands where it is until it is disabled. */
    boolean halted;

    /** It is to be disabled when what it has on the bus ends. */
    boolean disabling;

    /** A flush is to end when what it has on the bus ends. */
    boolean flushing;

    /** What it runs came from a list. */
    private boolean listed;

    /** The descriptor of this block has been loaded. */
    boolean loaded;

    int mask;
    int status;
    int source;
    int dest;
    int next;
    int nextControl;
    int stride;
    int sourceStride;
    int destStride;

    /** Data of a microblock that starts now. */
    private int microblockData;

    /** Data not yet moved in this microblock, and microblocks after it. */
    int dataResidue;

    int microblocksAfter;

    private final Piece piece = new Piece();

    Channel(int index, MasterPort port, ChipTrace trace) {
        super(index);
        this.prefix = index + "_";
        this.port = port;
        this.trace = trace;
    }

    boolean isListEnabled() {
        return Cndc.NDE.isSet(nextControl);
    }

    void settings(int value) {
        settings.set(value & CC_MASK);
    }

    void microblock(int ubc) {
        dataResidue = ubc & Cubc.UBLEN.mask();
    }

    /** Starts without a list: the registers say what to move. */
    void beginBlock() {
        listed = false;
        loaded = true;
        microblockData = dataResidue;
    }

    @Override
    public boolean isFetching() {
        return state == State.FETCHING;
    }

    @Override
    public long burstPs() {
        return settings.burstPs;
    }

    @Override
    public long periodPs() {
        return settings.burstPs;
    }

    @Override
    public long fetchPs() {
        return Timing.fetchPs(XdmacDescriptor.sizeOf(Cndc.NDVIEW.get(nextControl)));
    }

    /** Fetches the descriptor at {@code CNDA} into the registers. */
    BusAnswer fetch() {
        int view = Cndc.NDVIEW.get(nextControl);
        int bytes = XdmacDescriptor.sizeOf(view);
        long address = next & -XdmacDescriptor.ALIGNMENT & ADDRESS_MASK;
        port.hold(Timing.fetchPs(bytes));
        BusAnswer answer = port.read(address, words, 0, bytes);
        if (!answer.isDone()) {
            return answer;
        }
        boolean updatesSource = Cndc.NDSUP.isSet(nextControl);
        boolean updatesDest = Cndc.NDDUP.isSet(nextControl);
        int ubc = word(XdmacDescriptor.MBR_UBC);
        if (updatesSource) {
            source = word(XdmacDescriptor.MBR_SA);
        }
        if (updatesDest) {
            // View 0 has one address, in the place of the source's.
            dest = word(view == 0 ? XdmacDescriptor.MBR_SA : XdmacDescriptor.MBR_DA);
        }
        if (view >= 2) {
            int keeps = Cc.PROT.mask();
            int loadedCc = word(XdmacDescriptor.MBR_CFG);
            settings((settings.value() & keeps) | (loadedCc & ~keeps));
        }
        microblocksAfter = view == 3 ? word(XdmacDescriptor.MBR_BC) & BLEN_MASK : 0;
        if (view == 3) {
            stride = word(XdmacDescriptor.MBR_DS);
            sourceStride = word(XdmacDescriptor.MBR_SUS) & STRIDE_MASK;
            destStride = word(XdmacDescriptor.MBR_DUS) & STRIDE_MASK;
        }
        next = word(XdmacDescriptor.MBR_NDA) & CNDA_MASK;
        nextControl = control(ubc);
        microblockData = Ubc.UBLEN.get(ubc);
        dataResidue = microblockData;
        listed = true;
        loaded = true;
        if (trace.isOn()) {
            trace.fetched(address, content());
        }
        return answer;
    }

    private static int control(int ubc) {
        return Cndc.NDVIEW.of(Ubc.NVIEW.get(ubc))
                | Cndc.NDDUP.of(Ubc.NDEN.get(ubc))
                | Cndc.NDSUP.of(Ubc.NSEN.get(ubc))
                | Cndc.NDE.of(Ubc.NDE.get(ubc));
    }

    private int word(XdmacDescriptor which) {
        return DescriptorWords.word(words, which);
    }

    private String content() {
        return String.format(
                "sa=0x%x da=0x%x ublen=%d blen=%d cc=0x%x next=0x%x",
                source, dest, dataResidue, microblocksAfter, settings.value(), next);
    }

    @Override
    public boolean hasResidue() {
        return dataResidue != 0;
    }

    /** Whether the end of this block is the end of a list. */
    boolean endsList() {
        return listed && !isListEnabled();
    }

    private int residueBytes() {
        return dataResidue * settings.datumBytes;
    }

    /**
     * How many bursts may go in one event when nobody else wants the bus: up to the end of the
     * microblock, where both sides are RAM; otherwise one, since registers want their accesses at
     * their time.
     */
    @Override
    public int runBursts() {
        int burstBytes = settings.burstBytes;
        if (settings.peripheral || residueBytes() <= burstBytes) {
            return 1;
        }
        int bursts = Timing.ceilDiv(residueBytes(), burstBytes);
        boolean bulk = settings.movesInBulk();
        bursts = Math.min(bursts, bulk ? RUN_BYTES_MAX / burstBytes : SLOW_RUN_BURSTS_MAX);
        int bytes = Math.min(bursts * burstBytes, residueBytes());
        return reachesRam(bytes) ? bursts : 1;
    }

    private boolean reachesRam(int bytes) {
        return (settings.memset || reachesRam(source, bytes, settings.source, false))
                && reachesRam(dest, bytes, settings.dest, true);
    }

    private boolean reachesRam(int at, int bytes, Addressing way, boolean write) {
        long address = at & ADDRESS_MASK;
        return switch (way) {
            case FIXED -> isRam(address, settings.datumBytes, write);
            case INCREMENTED, MICROBLOCK_STRIDE -> isRam(address, bytes, write);
            // Where strides lead is seen datum by datum.
            case DATA_STRIDE -> false;
        };
    }

    private boolean isRam(long address, int bytes, boolean write) {
        return address + bytes <= ADDRESS_END && port.reachesRam(address, bytes, write);
    }

    @Override
    public long runPs(int bursts) {
        return (bursts - 1) * settings.burstPs + lastBurstPs(bursts);
    }

    private long lastBurstPs(int bursts) {
        int last =
                Math.min(settings.burstBytes, residueBytes() - (bursts - 1) * settings.burstBytes);
        return last == settings.burstBytes ? settings.burstPs : settings.burstPs(last);
    }

    /**
     * Moves the next bursts of this microblock, and steps to the next microblock at its end.
     *
     * @param startPs when the first of them started, for the trace
     * @return what refused; the burst of a refused read has not been moved, that of a refused write
     *     is lost
     */
    @Override
    public BusAnswer move(int bursts, long startPs) {
        port.hold(runPs(bursts));
        piece.begin(startPs, source, dest);
        int bytes = Math.min(bursts * settings.burstBytes, residueBytes());
        if (bursts > 1 && settings.movesInBulk() && moveInBulk(bytes)) {
            return BusAnswer.Done.DONE;
        }
        BusAnswer answer = BusAnswer.Done.DONE;
        for (int i = 0; i < bursts && answer.isDone(); i++) {
            answer = moveBurst();
        }
        return answer;
    }

    private boolean moveInBulk(int bytes) {
        if ((dest & ADDRESS_MASK) + bytes > ADDRESS_END) {
            return false;
        }
        BusAnswer answer = settings.memset ? fillInBulk(bytes) : copyInBulk(bytes);
        if (answer.isDone()) {
            advance(bytes);
        }
        return answer.isDone();
    }

    private BusAnswer copyInBulk(int bytes) {
        long from = source & ADDRESS_MASK;
        return from + bytes > ADDRESS_END
                ? new BusAnswer.Fault(from, BusAnswer.Cause.DECODE, false)
                : port.copy(from, dest & ADDRESS_MASK, bytes, settings.burstBytes);
    }

    private BusAnswer fillInBulk(int bytes) {
        pattern(fill, Math.min(bytes, FILL_BYTES));
        BusAnswer answer = BusAnswer.Done.DONE;
        for (int done = 0; done < bytes && answer.isDone(); done += FILL_BYTES) {
            int length = Math.min(FILL_BYTES, bytes - done);
            answer = port.write((dest & ADDRESS_MASK) + done, fill, 0, length);
        }
        return answer;
    }

    /** The pattern as it lies in memory from {@code dest} on: byte by byte, by the address. */
    private void pattern(byte[] into, int bytes) {
        for (int i = 0; i < bytes; i++) {
            int lane = (dest + i) & (Integer.BYTES - 1);
            into[i] = (byte) (stride >>> (Byte.SIZE * lane));
        }
    }

    private BusAnswer moveBurst() {
        int bytes = Math.min(settings.burstBytes, residueBytes());
        if (settings.memset) {
            pattern(burst, bytes);
        } else {
            BusAnswer answer = transfer(source, bytes, settings.source, sourceDataStride(), false);
            if (!answer.isDone()) {
                return answer;
            }
        }
        // Step first: a write may reach this very channel's registers, and disable it.
        int to = dest;
        Addressing way = settings.dest;
        int dataStride = destDataStride();
        advance(bytes);
        return transfer(to, bytes, way, dataStride, true);
    }

    private int sourceDataStride() {
        return CdsMsp.SDS_MSP.getSigned(stride);
    }

    private int destDataStride() {
        // While a pattern fills memory, this half is pattern.
        return settings.memset ? 0 : CdsMsp.DDS_MSP.getSigned(stride);
    }

    private BusAnswer transfer(int at, int bytes, Addressing way, int dataStride, boolean write) {
        return switch (way) {
            case INCREMENTED, MICROBLOCK_STRIDE -> unbroken(at, bytes, write);
            case FIXED -> scattered(at, bytes, 0, write);
            case DATA_STRIDE -> scattered(at, bytes, settings.datumBytes + dataStride, write);
        };
    }

    private BusAnswer unbroken(int at, int bytes, boolean write) {
        long address = at & ADDRESS_MASK;
        int first = (int) Math.min(bytes, ADDRESS_END - address);
        BusAnswer answer = access(address, 0, first, write);
        return first == bytes || !answer.isDone() ? answer : access(0, first, bytes - first, write);
    }

    private BusAnswer scattered(int at, int bytes, int step, boolean write) {
        BusAnswer answer = BusAnswer.Done.DONE;
        int datum = settings.datumBytes;
        int address = at;
        for (int done = 0; done + datum <= bytes && answer.isDone(); done += datum) {
            answer = access(address & ADDRESS_MASK, done, datum, write);
            address += step;
        }
        return answer;
    }

    private BusAnswer access(long address, int done, int bytes, boolean write) {
        return write
                ? port.write(address, burst, done, bytes)
                : port.read(address, burst, done, bytes);
    }

    private void advance(int bytes) {
        int data = bytes / settings.datumBytes;
        if (!settings.memset) {
            source += steps(settings.source, bytes, data, sourceDataStride());
        }
        dest += steps(settings.dest, bytes, data, destDataStride());
        piece.add(bytes);
        dataResidue -= data;
        if (dataResidue == 0) {
            if (settings.source.ordinal() >= Addressing.MICROBLOCK_STRIDE.ordinal()) {
                source += Csus.SUBS.getSigned(sourceStride);
            }
            if (settings.dest.ordinal() >= Addressing.MICROBLOCK_STRIDE.ordinal()) {
                dest += Csus.SUBS.getSigned(destStride);
            }
            if (microblocksAfter > 0) {
                microblocksAfter--;
                dataResidue = microblockData;
            }
        }
    }

    private static int steps(Addressing way, int bytes, int data, int dataStride) {
        return switch (way) {
            case FIXED -> 0;
            case INCREMENTED, MICROBLOCK_STRIDE -> bytes;
            case DATA_STRIDE -> bytes + data * dataStride;
        };
    }

    /** Disabled: what is left of the block is forgotten. */
    void disable() {
        state = State.IDLE;
        halted = false;
        disabling = false;
        dataResidue = 0;
        microblocksAfter = 0;
        status |= Cis.DIS.mask();
        endFlush();
    }

    void endFlush() {
        if (flushing) {
            flushing = false;
            status |= Cis.FIS.mask();
        }
    }

    /** Reports what has moved since the last report, as one piece. */
    void traceMoved() {
        piece.report(trace);
    }
}
