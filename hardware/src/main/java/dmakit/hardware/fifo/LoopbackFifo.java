package dmakit.hardware.fifo;

import dmakit.datasheet.Register;
import dmakit.datasheet.fifo.LoopbackFifoRegister;
import dmakit.datasheet.fifo.LoopbackFifoRegister.Ctrl;
import dmakit.datasheet.fifo.LoopbackFifoRegister.Status;
import dmakit.datasheet.fifo.LoopbackFifoRegister.Watermark;
import dmakit.hardware.ChipTrace;
import dmakit.hardware.RequestLine;
import dmakit.hardware.WordFifo;
import dmakit.machine.bus.Target;
import dmakit.machine.time.Alarm;
import dmakit.machine.time.Clock;
import dmakit.machine.trace.Trace;

/**
 * {@code dmakit,loopback-fifo}: a transmit and a receive FIFO with a line between them, for slave
 * and cyclic transfers. {@link LoopbackFifoRegister} describes the registers.
 *
 * <p>The line moves one word every 4 / RATE seconds while it has something to do. It falls idle at
 * the beat that finds nothing to send, which counts one transmit underrun; the next word stored
 * starts it again, one beat later. A free-running source never falls idle.
 *
 * <p>What does not fit or is not there is counted and has no other effect: a store to a full
 * transmit FIFO is dropped (TX_OVERRUNS), a load from an empty receive FIFO answers 0
 * (RX_UNDERRUNS), a word that arrives at a full receive FIFO is dropped (RX_OVERRUNS).
 *
 * <p>The transmit request line is high while the transmit FIFO holds at most WATERMARK.TX words,
 * the receive request line while the receive FIFO holds at least WATERMARK.RX; both only while CTRL
 * enables them. Likewise their single wires are high while there is room for, or there is, a word.
 * A line panics while its FIFO is one word from losing data.
 */
public final class LoopbackFifo implements Target {
    /** Bytes of the block of registers. */
    public static final int SIZE = LoopbackFifoRegister.SIZE;

    /** Least rate of the line, in bytes per second; less counts as this. */
    public static final int RATE_MIN = 4;

    /** Greatest rate of the line, in bytes per second; more counts as this. */
    public static final int RATE_MAX = 1_000_000_000;

    private static final int DEPTH = LoopbackFifoRegister.DEPTH_WORDS;
    private static final long PS_PER_SECOND = 1_000_000_000_000L;
    private static final int CONTROL_MASK =
            LoopbackFifoRegister.CTRL.writableMask() & ~Ctrl.CLEAR.mask();

    private final Clock clock;
    private final ChipTrace trace;
    private final RequestLine txRequest;
    private final RequestLine rxRequest;
    private final Alarm beat;

    private final WordFifo tx = new WordFifo(DEPTH);
    private final WordFifo rx = new WordFifo(DEPTH);
    private int control = LoopbackFifoRegister.CTRL.reset();
    private int rate = LoopbackFifoRegister.RATE.reset();
    private int watermark = LoopbackFifoRegister.WATERMARK.reset();
    private int txUnderruns;
    private int txOverruns;
    private int rxUnderruns;
    private int rxOverruns;
    private int txSum;
    private int rxNext;

    /**
     * Creates a device after power-on.
     *
     * @param name for traces
     * @param txRequest driven high while a driver may store words
     * @param rxRequest driven high while a driver may load words
     */
    public LoopbackFifo(
            Clock clock, Trace trace, String name, RequestLine txRequest, RequestLine rxRequest) {
        this.clock = clock;
        this.trace = new ChipTrace(clock, trace, name);
        this.txRequest = txRequest;
        this.rxRequest = rxRequest;
        this.beat = new Alarm(name + " line", this::beat);
    }

    /** A load of any width takes a whole word from the receive FIFO. */
    @Override
    public long read(long offset, int bytes) {
        LoopbackFifoRegister register = LoopbackFifoRegister.MAP.at(offset);
        if (register == null) {
            return 0;
        }
        int value =
                switch (register) {
                    case DATA -> receive();
                    case STATUS -> status();
                    case CTRL -> control;
                    case RATE -> rate;
                    case WATERMARK -> watermark;
                    case TX_UNDERRUNS -> txUnderruns;
                    case TX_OVERRUNS -> txOverruns;
                    case RX_UNDERRUNS -> rxUnderruns;
                    case RX_OVERRUNS -> rxOverruns;
                    case TX_SUM -> txSum;
                    case RX_NEXT -> rxNext;
                };
        trace.loaded(register, value);
        long word = value & 0xffff_ffffL;
        return bytes >= Register.BYTES ? word : word & ((1L << (Byte.SIZE * bytes)) - 1);
    }

    @Override
    public boolean tracesAccess(long offset) {
        return LoopbackFifoRegister.MAP.at(offset) != null;
    }

    /** A store of any width puts a whole word into the transmit FIFO. */
    @Override
    public void write(long offset, int bytes, long value) {
        LoopbackFifoRegister register = LoopbackFifoRegister.MAP.at(offset);
        if (register == null) {
            return;
        }
        int word = (int) value;
        trace.stored(register, word);
        switch (register) {
            case DATA -> transmit(word);
            case CTRL -> control(word);
            case RATE -> rate = word;
            case WATERMARK -> watermark = word & LoopbackFifoRegister.WATERMARK.writableMask();
            case RX_NEXT -> rxNext = word;
            case STATUS, TX_UNDERRUNS, TX_OVERRUNS, RX_UNDERRUNS, RX_OVERRUNS, TX_SUM -> {
                // Read-only.
            }
        }
        runLine();
        driveRequests();
    }

    private int receive() {
        if (rx.isEmpty()) {
            rxUnderruns++;
            return 0;
        }
        int word = rx.take();
        driveRequests();
        return word;
    }

    private void transmit(int word) {
        if (tx.isFull()) {
            txOverruns++;
        } else {
            tx.put(word);
        }
    }

    private int status() {
        int value = Status.RX_LEVEL.of(rx.count()) | Status.TX_LEVEL.of(tx.count());
        value = Status.LINE_BUSY.with(value, beat.isSet());
        value = Status.RX_REQUEST.with(value, rxRequest.isAsserted());
        return Status.TX_REQUEST.with(value, txRequest.isAsserted());
    }

    private void control(int value) {
        if (Ctrl.CLEAR.isSet(value)) {
            tx.clear();
            rx.clear();
            txUnderruns = 0;
            txOverruns = 0;
            rxUnderruns = 0;
            rxOverruns = 0;
            txSum = 0;
            clock.cancel(beat);
        }
        control = value & CONTROL_MASK;
    }

    private void runLine() {
        if (!Ctrl.ENABLE.isSet(control)) {
            clock.cancel(beat);
        } else if (!beat.isSet() && (!tx.isEmpty() || isSource())) {
            clock.setIn(beat, beatPs());
        }
    }

    private boolean isSource() {
        return Ctrl.SOURCE.isSet(control) && !Ctrl.LOOP.isSet(control);
    }

    private long beatPs() {
        int bytesPerSecond =
                Integer.compareUnsigned(rate, RATE_MAX) > 0 ? RATE_MAX : Math.max(rate, RATE_MIN);
        return PS_PER_SECOND * Register.BYTES / bytesPerSecond;
    }

    private void beat() {
        boolean sends = !tx.isEmpty();
        if (sends) {
            int word = tx.take();
            if (Ctrl.LOOP.isSet(control)) {
                arrive(word);
            } else {
                txSum += word;
            }
        } else if (!isSource()) {
            txUnderruns++;
        }
        if (isSource()) {
            arrive(rxNext++);
        }
        if (sends || isSource()) {
            clock.setIn(beat, beatPs());
        }
        driveRequests();
    }

    private void arrive(int word) {
        if (rx.isFull()) {
            rxOverruns++;
        } else {
            rx.put(word);
        }
    }

    private void driveRequests() {
        txRequest.set(Ctrl.TX_REQ_EN.isSet(control) && tx.count() <= Watermark.TX.get(watermark));
        rxRequest.set(
                Ctrl.RX_REQ_EN.isSet(control)
                        && rx.count() >= Math.max(Watermark.RX.get(watermark), 1));
        txRequest.setSingle(Ctrl.TX_REQ_EN.isSet(control) && !tx.isFull());
        rxRequest.setSingle(Ctrl.RX_REQ_EN.isSet(control) && !rx.isEmpty());
        txRequest.setPanic(txRequest.isAsserted() && beat.isSet() && tx.count() <= 1);
        rxRequest.setPanic(rxRequest.isAsserted() && rx.count() >= DEPTH - 1);
    }
}
