package dmakit.hardware.i2s;

import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.i2s.PcmRegister;
import dmakit.datasheet.i2s.PcmRegister.Channels;
import dmakit.datasheet.i2s.PcmRegister.Cs;
import dmakit.datasheet.i2s.PcmRegister.Dreq;
import dmakit.datasheet.i2s.PcmRegister.Interrupts;
import dmakit.datasheet.i2s.PcmRegister.Mode;
import dmakit.hardware.ChipTrace;
import dmakit.hardware.PcmWire;
import dmakit.hardware.RequestLine;
import dmakit.hardware.WordFifo;
import dmakit.machine.bus.Target;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.time.Clock;
import dmakit.machine.trace.Trace;

/**
 * The PCM / I2S port of the BCM2835: two FIFOs of 64 words, a serial audio link, and two request
 * lines. BCM2835 ARM Peripherals, chapter 8.
 *
 * <p>It follows the clocks of its link, {@code MODE_A.CLKM} and {@code FSM} set. As the one that
 * makes them it stands still: the clock it would need comes from a manager that is not modelled.
 * Input in PDM and in Gray code is not modelled.
 */
public final class Bcm2835Pcm implements Target {
    /** Bytes of the block of registers. */
    public static final int SIZE = PcmRegister.SIZE;

    private static final int ERRORS = Cs.RXERR.mask() | Cs.TXERR.mask();
    private static final int COMMANDS = Cs.RXCLR.mask() | Cs.TXCLR.mask();
    private static final int KEPT = PcmRegister.CS_A.writableMask() & ~ERRORS & ~COMMANDS;
    private static final int SAMPLE_BITS = 32;
    private static final int HALF = 16;
    private static final int WIDTH_LEAST = 8;
    private static final int WIDTH_EXTENSION = 16;
    private static final long LOW = 0xffff_ffffL;

    /** WordFifo below which TXW is set, by TXTHR; by which RXR is set, by RXTHR. */
    private static final int[] TX_THRESHOLDS = {1, 16, 32, 64};

    private static final int[] RX_THRESHOLDS = {1, 16, 32, 64};

    private final ChipTrace trace;
    private final RequestLine txRequest;
    private final RequestLine rxRequest;
    private final IrqLine irq;
    private final WordFifo tx = new WordFifo(PcmRegister.DEPTH_WORDS);
    private final WordFifo rx = new WordFifo(PcmRegister.DEPTH_WORDS);
    private int control;
    private int errors;
    private int mode;
    private int rxChannels;
    private int txChannels;
    private int dreq = PcmRegister.DREQ_A.reset();
    private int interruptEnable;
    private int interrupts;
    private int gray;

    /**
     * Creates a port after power-on.
     *
     * @param name for traces
     * @param txRequest driven high while words to transmit are few
     * @param rxRequest driven high while words received are many
     * @param irq asserted while something enabled has interrupted
     * @param wire whose clocks it follows
     */
    public Bcm2835Pcm(
            Clock clock,
            Trace trace,
            String name,
            RequestLine txRequest,
            RequestLine rxRequest,
            IrqLine irq,
            PcmWire wire) {
        this.trace = new ChipTrace(clock, trace, name);
        this.txRequest = txRequest;
        this.rxRequest = rxRequest;
        this.irq = irq;
        wire.port(this::frame);
    }

    // Registers.

    @Override
    public long read(long offset, int bytes) {
        PcmRegister register = PcmRegister.MAP.at(offset);
        if (register == null || bytes != Register.BYTES) {
            return 0;
        }
        int value =
                switch (register) {
                    case CS_A -> status();
                    case FIFO_A -> take();
                    case MODE_A -> mode;
                    case RXC_A -> rxChannels;
                    case TXC_A -> txChannels;
                    case DREQ_A -> dreq;
                    case INTEN_A -> interruptEnable;
                    case INTSTC_A -> interrupts;
                    case GRAY -> gray;
                };
        trace.loaded(register, value);
        return Integer.toUnsignedLong(value);
    }

    @Override
    public void write(long offset, int bytes, long stored) {
        PcmRegister register = PcmRegister.MAP.at(offset);
        if (register == null || bytes != Register.BYTES) {
            return;
        }
        int value = (int) stored;
        trace.stored(register, value);
        switch (register) {
            case CS_A -> control(value);
            case FIFO_A -> put(value);
            case MODE_A -> mode = value & register.writableMask();
            case RXC_A -> rxChannels = value;
            case TXC_A -> txChannels = value;
            case DREQ_A -> dreq = value & register.writableMask();
            case INTEN_A -> interruptEnable = value & register.writableMask();
            case INTSTC_A -> interrupts &= ~value;
            case GRAY -> gray = value & PcmRegister.Gray.EN.mask();
        }
        drive();
    }

    private void control(int value) {
        errors &= ~value;
        control = value & KEPT;
        if (Cs.TXCLR.isSet(value)) {
            tx.clear();
        }
        if (Cs.RXCLR.isSet(value)) {
            rx.clear();
        }
    }

    private int status() {
        int value = control | errors;
        value = Cs.RXF.with(value, rx.isFull());
        value = Cs.TXE.with(value, tx.isEmpty());
        value = Cs.RXD.with(value, !rx.isEmpty());
        value = Cs.TXD.with(value, !tx.isFull());
        value = Cs.RXR.with(value, isRxReady());
        value = Cs.TXW.with(value, isTxWanting());
        value = Cs.RXSYNC.with(value, isInStep(rx, rxChannels, Mode.FRXP));
        return Cs.TXSYNC.with(value, isInStep(tx, txChannels, Mode.FTXP));
    }

    private boolean isRxReady() {
        return rx.count() >= RX_THRESHOLDS[Cs.RXTHR.get(control)];
    }

    private boolean isTxWanting() {
        return tx.count() < TX_THRESHOLDS[Cs.TXTHR.get(control)];
    }

    private boolean isInStep(WordFifo fifo, int channels, Field packed) {
        boolean both = Channels.CH1EN.isSet(channels) && Channels.CH2EN.isSet(channels);
        return packed.isSet(mode) || !both || fifo.count() % 2 == 0;
    }

    private int take() {
        if (rx.isEmpty()) {
            fail(Cs.RXERR);
            return 0;
        }
        int word = rx.take();
        drive();
        return word;
    }

    private void put(int word) {
        if (tx.isFull()) {
            fail(Cs.TXERR);
        } else {
            tx.put(word);
        }
    }

    // The link.

    /** One frame passes in both directions. */
    private long frame(long received) {
        boolean follows =
                Cs.EN.isSet(control)
                        && !Mode.CLK_DIS.isSet(mode)
                        && Mode.CLKM.isSet(mode)
                        && Mode.FSM.isSet(mode);
        if (!follows) {
            return 0;
        }
        long sent = Cs.TXON.isSet(control) ? transmitted() : 0;
        if (Cs.RXON.isSet(control)) {
            receive(received);
        }
        drive();
        return sent;
    }

    private long transmitted() {
        boolean first = Channels.CH1EN.isSet(txChannels);
        boolean second = Channels.CH2EN.isSet(txChannels);
        if (Mode.FTXP.isSet(mode)) {
            int word = next();
            long low = first ? sample(word, Channels.CH1WEX, Channels.CH1WID) : 0;
            long high = second ? sample(word >>> HALF, Channels.CH2WEX, Channels.CH2WID) : 0;
            return low << SAMPLE_BITS | high;
        }
        long one = first ? sample(next(), Channels.CH1WEX, Channels.CH1WID) : 0;
        long two = second ? sample(next(), Channels.CH2WEX, Channels.CH2WID) : 0;
        return one << SAMPLE_BITS | two;
    }

    private int next() {
        if (tx.isEmpty()) {
            fail(Cs.TXERR);
            return 0;
        }
        return tx.take();
    }

    /** The low bits of a word, left-justified. */
    private long sample(int word, Field extension, Field width) {
        return Integer.toUnsignedLong(word << (SAMPLE_BITS - bits(txChannels, extension, width)));
    }

    private static int bits(int channels, Field extension, Field width) {
        int bits = WIDTH_LEAST + width.get(channels);
        return Math.min(SAMPLE_BITS, extension.isSet(channels) ? bits + WIDTH_EXTENSION : bits);
    }

    private void receive(long frame) {
        boolean first = Channels.CH1EN.isSet(rxChannels);
        boolean second = Channels.CH2EN.isSet(rxChannels);
        int one = word((int) (frame >>> SAMPLE_BITS), Channels.CH1WEX, Channels.CH1WID);
        int two = word((int) (frame & LOW), Channels.CH2WEX, Channels.CH2WID);
        if (Mode.FRXP.isSet(mode)) {
            int low = first ? one & 0xffff : 0;
            push(second ? two << HALF | low : low);
            return;
        }
        if (first) {
            push(one);
        }
        if (second) {
            push(two);
        }
    }

    /** The first bits of a sample, right-justified. */
    private int word(int sample, Field extension, Field width) {
        int shift = SAMPLE_BITS - bits(rxChannels, extension, width);
        return Cs.RXSEX.isSet(control) ? sample >> shift : sample >>> shift;
    }

    private void push(int word) {
        if (rx.isFull()) {
            fail(Cs.RXERR);
        } else {
            rx.put(word);
        }
    }

    // What follows.

    private void fail(Cs error) {
        if (!error.isSet(errors)) {
            trace.changed("Running", error.name(), "");
        }
        errors |= error.mask();
        Interrupts which = error == Cs.RXERR ? Interrupts.RXERR : Interrupts.TXERR;
        interrupts |= which.mask() & interruptEnable;
        driveInterrupt();
    }

    private void drive() {
        boolean on = Cs.EN.isSet(control) && Cs.DMAEN.isSet(control);
        txRequest.set(on && tx.count() < Dreq.TX.get(dreq));
        txRequest.setPanic(on && Cs.TXON.isSet(control) && tx.count() < Dreq.TX_PANIC.get(dreq));
        rxRequest.set(on && rx.count() > Dreq.RX.get(dreq));
        rxRequest.setPanic(on && rx.count() > Dreq.RX_PANIC.get(dreq));
        if (isRxReady()) {
            interrupts |= Interrupts.RXR.mask() & interruptEnable;
        }
        if (isTxWanting()) {
            interrupts |= Interrupts.TXW.mask() & interruptEnable;
        }
        driveInterrupt();
    }

    private void driveInterrupt() {
        irq.set(interrupts != 0);
    }

    @Override
    public String registerName(long offset) {
        PcmRegister register = PcmRegister.MAP.at(offset);
        return register == null ? Target.super.registerName(offset) : register.name();
    }

    @Override
    public boolean tracesAccess(long offset) {
        return PcmRegister.MAP.at(offset) != null;
    }
}
