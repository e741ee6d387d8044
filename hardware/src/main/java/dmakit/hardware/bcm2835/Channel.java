package dmakit.hardware.bcm2835;

import dmakit.datasheet.bcm2835.DmaChannelRegister;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Cs;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Stride;
import dmakit.datasheet.bcm2835.DmaChannelRegister.TxfrLen;
import dmakit.datasheet.bcm2835.DmaControlBlock;
import dmakit.datasheet.bcm2835.DmaLiteChannelRegister;
import dmakit.hardware.BurstBus;
import dmakit.hardware.ChipTrace;
import dmakit.hardware.DescriptorWords;
import dmakit.hardware.Piece;
import dmakit.machine.bus.BusAnswer;
import dmakit.machine.bus.MasterPort;
import java.util.Arrays;

/**
 * One channel: its registers, how far its transfer has come, and the moving of bytes. Time and the
 * sharing of the bus are the controller's.
 *
 * <p>States live in fields: at 5 million control blocks a second each has 200 ns, and nothing may
 * be allocated.
 */
final class Channel extends BurstBus.Bidder {
    /** What a channel does next. Whether it may is a matter of ACTIVE, ENABLE and errors. */
    enum State {
        /** Has no control block. */
        IDLE("Idle"),
        /** Fetches the control block at {@code CONBLK_AD}. */
        FETCHING("Fetching"),
        /** Has bytes to move. */
        MOVING("Moving"),
        /** Has moved all bytes; the last write may be unanswered. */
        ENDING("Ending");

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
    private static final int WORD_BYTES = 4;

    final boolean lite;

    /** Before the names of its registers in traces. */
    final String prefix;

    final ChipTrace trace;
    final TransferInfo info;

    private final MasterPort port;
    private final byte[] block = new byte[DmaControlBlock.SIZE];
    private final byte[] burst = new byte[Timing.BURST_BYTES_MAX];

    State state = State.IDLE;

    boolean active;
    boolean ended;
    boolean interrupting;
    boolean loaded;
    int control;
    int errors;

    /** Error flags that the next read sets. */
    int disturbances;

    int conblkAd;
    int next;
    int sourceAd;
    int destAd;
    int stride;

    /** Bytes not yet moved in this row, and rows after it. A linear transfer is one row. */
    int rowResidue;

    int rowsAfter;
    private int rowBytes;

    /** {@code CONBLK_AD} has been replaced already while the last write is unanswered. */
    boolean advancedEarly;

    /** The control block being fetched is to end at once. */
    boolean abortPending;

    private boolean writeRefused;

    private final Piece piece = new Piece();

    Channel(int index, boolean lite, MasterPort port, ChipTrace trace) {
        super(index);
        this.lite = lite;
        this.prefix = index + "_";
        this.port = port;
        this.trace = trace;
        this.info = new TransferInfo(index, lite);
    }

    @Override
    public boolean isFetching() {
        return state == State.FETCHING;
    }

    @Override
    public long fetchPs() {
        return Timing.FETCH_PS;
    }

    @Override
    public long burstPs() {
        return info.burstPs;
    }

    @Override
    public long periodPs() {
        return info.periodPs();
    }

    /** Puts everything back to its value after power-on. */
    void reset() {
        state = State.IDLE;
        active = false;
        ended = false;
        interrupting = false;
        loaded = false;
        control = 0;
        errors = 0;
        disturbances = 0;
        conblkAd = 0;
        next = 0;
        sourceAd = 0;
        destAd = 0;
        stride = 0;
        rowResidue = 0;
        rowsAfter = 0;
        rowBytes = 0;
        advancedEarly = false;
        abortPending = false;
        writeRefused = false;
        piece.forget();
        info.set(0);
    }

    /** An address of a control block as the chip keeps it: the low bits cannot be set. */
    static int blockAddress(int value) {
        return value & -DmaControlBlock.ALIGNMENT;
    }

    boolean waitsForWrites() {
        return Cs.WAIT_FOR_OUTSTANDING_WRITES.isSet(control);
    }

    /** Fetches the control block at {@code CONBLK_AD} into the registers. */
    BusAnswer fetch() {
        port.hold(Timing.FETCH_PS);
        BusAnswer answer = port.read(conblkAd & ADDRESS_MASK, block, 0, DmaControlBlock.SIZE);
        if (!answer.isDone()) {
            return answer;
        }
        noteDisturbances();
        info.set(word(DmaControlBlock.TI));
        sourceAd = word(DmaControlBlock.SOURCE_AD);
        destAd = word(DmaControlBlock.DEST_AD);
        stride = lite ? 0 : word(DmaControlBlock.STRIDE);
        next = blockAddress(word(DmaControlBlock.NEXTCONBK));
        setLength(word(DmaControlBlock.TXFR_LEN));
        loaded = true;
        advancedEarly = false;
        writeRefused = false;
        if (abortPending) {
            abandon();
        }
        if (trace.isOn()) {
            trace.fetched(conblkAd & ADDRESS_MASK, content());
        }
        return answer;
    }

    private int word(DmaControlBlock which) {
        return DescriptorWords.word(block, which);
    }

    private void setLength(int length) {
        if (lite) {
            rowBytes = length & DmaLiteChannelRegister.TXFR_LEN.writableMask();
            rowsAfter = 0;
        } else if (info.twoDimensional) {
            rowBytes = TxfrLen.XLENGTH.get(length);
            rowsAfter = rowBytes == 0 ? 0 : TxfrLen.YLENGTH.get(length);
        } else {
            rowBytes = length & DmaChannelRegister.TXFR_LEN.writableMask();
            rowsAfter = 0;
        }
        rowResidue = rowBytes;
    }

    /** {@code TXFR_LEN} as it reads now. */
    int length() {
        return info.twoDimensional
                ? TxfrLen.YLENGTH.of(rowsAfter) | TxfrLen.XLENGTH.of(rowResidue)
                : rowResidue;
    }

    @Override
    public boolean hasResidue() {
        return (rowResidue | rowsAfter) != 0;
    }

    /** Zeroes the lengths, so that the block ends where it stands. */
    void abandon() {
        rowResidue = 0;
        rowsAfter = 0;
        abortPending = false;
    }

    /**
     * How many bursts may go in one event when nobody else wants the bus: up to the end of the row,
     * where both sides are RAM; otherwise one, since registers want their accesses at their time.
     */
    @Override
    public int runBursts() {
        if (info.paced || rowResidue <= info.burstBytes || disturbances != 0) {
            return 1;
        }
        int bursts = Timing.ceilDiv(rowResidue, info.burstBytes);
        bursts =
                Math.min(
                        bursts,
                        movesInBulk() ? RUN_BYTES_MAX / info.burstBytes : SLOW_RUN_BURSTS_MAX);
        int bytes = Math.min(bursts * info.burstBytes, rowResidue);
        return reachesRam(bytes) ? bursts : 1;
    }

    private boolean movesInBulk() {
        return info.sourceAdvances && info.destAdvances && !info.sourceIgnored && !info.destIgnored;
    }

    private boolean reachesRam(int bytes) {
        return (info.sourceIgnored || reachesRam(sourceAd, bytes, info.sourceAdvances, false))
                && (info.destIgnored || reachesRam(destAd, bytes, info.destAdvances, true));
    }

    private boolean reachesRam(int at, int bytes, boolean advances, boolean write) {
        long address = at & ADDRESS_MASK;
        int span = advances ? bytes : Timing.WIDE_BYTES;
        return address + span <= ADDRESS_END && port.reachesRam(address, span, write);
    }

    @Override
    public long runPs(int bursts) {
        return (bursts - 1) * info.periodPs() + lastBurstPs(bursts);
    }

    private long lastBurstPs(int bursts) {
        int last = Math.min(info.burstBytes, rowResidue - (bursts - 1) * info.burstBytes);
        return last == info.burstBytes ? info.burstPs : info.burstPs(last);
    }

    /**
     * Moves the next bursts of this row, and steps to the next row at its end.
     *
     * @param startPs when the first of them started, for the trace
     * @return the refusal of a read; a refused write loses its bytes and nothing else, since the
     *     chip has no flag for it
     */
    @Override
    public BusAnswer move(int bursts, long startPs) {
        port.hold((bursts - 1) * info.burstPs + lastBurstPs(bursts));
        piece.begin(startPs, sourceAd, destAd);
        int bytes = Math.min(bursts * info.burstBytes, rowResidue);
        if (movesInBulk() && isUnbroken(sourceAd, bytes) && isUnbroken(destAd, bytes)) {
            BusAnswer answer =
                    port.copy(
                            sourceAd & ADDRESS_MASK, destAd & ADDRESS_MASK, bytes, info.burstBytes);
            if (answer.isDone()) {
                noteDisturbances();
                advance(bytes);
                return answer;
            }
        }
        BusAnswer answer = BusAnswer.Done.DONE;
        for (int i = 0; i < bursts && answer.isDone(); i++) {
            answer = moveBurst();
        }
        return answer;
    }

    private BusAnswer moveBurst() {
        int bytes = Math.min(info.burstBytes, rowResidue);
        if (info.sourceIgnored) {
            Arrays.fill(burst, 0, bytes, (byte) 0);
        } else {
            BusAnswer answer =
                    info.sourceAdvances
                            ? transfer(sourceAd, 0, bytes, false)
                            : repeat(sourceAd, bytes, info.sourceBeatBytes, false);
            if (!answer.isDone()) {
                return answer;
            }
            noteDisturbances();
        }
        // Step first: a write may reach this very channel's registers, and reset it.
        int dest = destAd;
        advance(bytes);
        // Zero strobes leave RAM as it is. Peripherals have no strobes and take the zeros, which
        // drivers use to feed a FIFO from nowhere.
        if (!info.destIgnored && !(info.sourceIgnored && reachesRam(dest, bytes, true, true))) {
            BusAnswer answer =
                    info.destAdvances
                            ? transfer(dest, 0, bytes, true)
                            : repeat(dest, bytes, info.destBeatBytes, true);
            noteRefusedWrite(answer);
        }
        return BusAnswer.Done.DONE;
    }

    /** Section 4.4: recorded, and the transfer goes on. */
    private void noteDisturbances() {
        errors |= disturbances;
        disturbances = 0;
    }

    /** Moves a burst from or to one address that does not advance, beat by beat. */
    private BusAnswer repeat(int at, int bytes, int beatBytes, boolean write) {
        BusAnswer answer = BusAnswer.Done.DONE;
        for (int done = 0; done < bytes && answer.isDone(); done += beatBytes) {
            answer = transfer(at, done, Math.min(beatBytes, bytes - done), write);
        }
        return answer;
    }

    /** Moves between {@link #burst} from {@code done} on and ascending addresses. */
    private BusAnswer transfer(int at, int done, int bytes, boolean write) {
        long address = at & ADDRESS_MASK;
        int length = bytes;
        int odd = bytes % WORD_BYTES;
        if (odd != 0 && !port.reachesRam(address, bytes, write)) {
            // Peripherals know whole words only: the strobes of the last beat do not reach them.
            length += WORD_BYTES - odd;
            if (write) {
                Arrays.fill(burst, done + bytes, done + length, (byte) 0);
            }
        }
        int first = (int) Math.min(length, ADDRESS_END - address);
        BusAnswer answer = access(address, done, first, write);
        return first == length || !answer.isDone()
                ? answer
                : access(0, done + first, length - first, write);
    }

    private BusAnswer access(long address, int done, int bytes, boolean write) {
        return write
                ? port.write(address, burst, done, bytes)
                : port.read(address, burst, done, bytes);
    }

    private void noteRefusedWrite(BusAnswer answer) {
        if (answer instanceof BusAnswer.Fault fault && !writeRefused) {
            writeRefused = true;
            trace.refused(fault);
        }
    }

    private static boolean isUnbroken(int at, int bytes) {
        return (at & ADDRESS_MASK) + bytes <= ADDRESS_END;
    }

    private void advance(int bytes) {
        if (info.sourceAdvances) {
            sourceAd += bytes;
        }
        if (info.destAdvances) {
            destAd += bytes;
        }
        piece.add(bytes);
        rowResidue -= bytes;
        if (rowResidue == 0 && rowsAfter > 0) {
            rowsAfter--;
            rowResidue = rowBytes;
            sourceAd += Stride.S_STRIDE.getSigned(stride);
            destAd += Stride.D_STRIDE.getSigned(stride);
        }
    }

    /** Replaces {@code CONBLK_AD} by the next address; at the end of the chain ACTIVE clears. */
    void advanceToNextBlock() {
        conblkAd = next;
        if (conblkAd == 0) {
            active = false;
        }
    }

    /** Reports what has moved since the last report, as one piece. */
    void traceMoved() {
        piece.report(trace);
    }

    private String content() {
        return DescriptorWords.text(block, DmaControlBlock.MAP.registers());
    }
}
