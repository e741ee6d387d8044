package dmakit.hardware.spi;

import dmakit.datasheet.Register;
import dmakit.datasheet.spi.SpiRegister;
import dmakit.datasheet.spi.SpiRegister.Cs;
import dmakit.datasheet.spi.SpiRegister.Dc;
import dmakit.hardware.RequestLine;
import dmakit.hardware.WordFifo;
import dmakit.machine.bus.Target;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.time.Alarm;
import dmakit.machine.time.Clock;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/**
 * SPI0 of the BCM2835. BCM2835 ARM Peripherals, chapter 10.
 *
 * <p>While a transfer is active a byte goes out and one comes in for each byte in the transmit
 * FIFO, eight clocks each; a byte that comes in and finds its FIFO full waits, and the clock with
 * it. In DMA mode a load or store moves four bytes, and {@code DLEN} says how many there are.
 * LoSSI, bidirectional mode, polarity and phase have no effect.
 */
public final class Bcm2835Spi implements Target {
    /** Bytes of the block of registers. */
    public static final int SIZE = SpiRegister.SIZE;

    /** Chips that can be selected. */
    public static final int CHIP_COUNT = 3;

    /** One cycle of the core clock of 250 MHz, in picoseconds. */
    private static final long CORE_CYCLE_PS = 4_000;

    private static final int BITS = Byte.SIZE;
    private static final int BYTE_MASK = 0xff;
    private static final int DIVISOR_MAX = 1 << 16;
    private static final int THREE_QUARTERS = SpiRegister.DEPTH_BYTES * 3 / 4;
    private static final int CLEAR_TX = 1;
    private static final int CLEAR_RX = 2;
    private static final int KEPT = SpiRegister.CS.writableMask() & ~Cs.CLEAR.mask();

    private final Clock clock;
    private final RequestLine txRequest;
    private final RequestLine rxRequest;
    private final IrqLine irq;
    private final Alarm shifted;
    private final IntUnaryOperator[] chips = new IntUnaryOperator[CHIP_COUNT];
    private final WordFifo tx = new WordFifo(SpiRegister.DEPTH_BYTES);
    private final WordFifo rx = new WordFifo(SpiRegister.DEPTH_BYTES);
    private int control = SpiRegister.CS.reset() & KEPT;
    private int divisor;
    private int length;
    private int hold = SpiRegister.LTOH.reset();
    private int levels = SpiRegister.DC.reset();
    private int leftToStore;
    private int leftToShift;

    /**
     * Creates a controller after power-on, with nothing plugged in.
     *
     * @param name for diagnosis
     * @param txRequest asks for bytes to send
     * @param rxRequest asks that bytes are taken
     * @param irq asserted while something enabled has happened
     */
    public Bcm2835Spi(
            Clock clock, String name, RequestLine txRequest, RequestLine rxRequest, IrqLine irq) {
        this.clock = clock;
        this.txRequest = txRequest;
        this.rxRequest = rxRequest;
        this.irq = irq;
        shifted = new Alarm(name + " byte", this::byteShifted);
        Arrays.fill(chips, (IntUnaryOperator) _ -> 0);
    }

    /**
     * Plugs something in.
     *
     * @param select 0 to {@link #CHIP_COUNT} - 1
     * @param answer what comes in while a byte goes out
     */
    public void plug(int select, IntUnaryOperator answer) {
        chips[select] = answer;
    }

    @Override
    public long read(long offset, int bytes) {
        SpiRegister register = SpiRegister.MAP.at(offset);
        if (register == null || bytes != Register.BYTES) {
            return 0;
        }
        int value =
                switch (register) {
                    case CS -> status();
                    case FIFO -> take();
                    case CLK -> divisor;
                    case DLEN -> length;
                    case LTOH -> hold;
                    case DC -> levels;
                };
        return Integer.toUnsignedLong(value);
    }

    @Override
    public void write(long offset, int bytes, long stored) {
        SpiRegister register = SpiRegister.MAP.at(offset);
        if (register == null || bytes != Register.BYTES) {
            return;
        }
        int value = (int) stored & register.writableMask();
        switch (register) {
            case CS -> control(value);
            case FIFO -> put(value);
            case CLK -> divisor = value;
            case DLEN -> length = value;
            case LTOH -> hold = value;
            case DC -> levels = value;
        }
        shiftNext();
        drive();
    }

    @Override
    public String registerName(long offset) {
        SpiRegister register = SpiRegister.MAP.at(offset);
        return register == null ? Target.super.registerName(offset) : register.name();
    }

    private boolean isDma() {
        return Cs.DMAEN.isSet(control);
    }

    private void control(int value) {
        int clear = Cs.CLEAR.get(value);
        if ((clear & CLEAR_TX) != 0) {
            tx.clear();
        }
        if ((clear & CLEAR_RX) != 0) {
            rx.clear();
        }
        boolean begins = Cs.TA.isSet(value) && !Cs.TA.isSet(control);
        control = value & KEPT;
        if (begins) {
            leftToStore = length;
            leftToShift = length;
        }
        if (!Cs.TA.isSet(control)) {
            clock.cancel(shifted);
        }
    }

    private int status() {
        int value = Cs.RXF.with(control, rx.isFull());
        value = Cs.RXR.with(value, rx.count() >= THREE_QUARTERS);
        value = Cs.TXD.with(value, !tx.isFull());
        value = Cs.RXD.with(value, !rx.isEmpty());
        return Cs.DONE.with(value, isDone());
    }

    private boolean isDone() {
        boolean all = tx.isEmpty() && !shifted.isSet();
        return all && (!isDma() || leftToShift == 0);
    }

    private void put(int value) {
        if (!isDma()) {
            putByte(value);
            return;
        }
        for (int i = 0; i < Integer.BYTES && leftToStore > 0; i++) {
            putByte(value >>> (BITS * i));
            leftToStore--;
        }
    }

    /** A byte that finds the FIFO full is lost. */
    private void putByte(int value) {
        if (!tx.isFull()) {
            tx.put(value & BYTE_MASK);
        }
    }

    private int take() {
        int value = 0;
        int count = Math.min(rx.count(), isDma() ? Integer.BYTES : 1);
        for (int i = 0; i < count; i++) {
            value |= rx.take() << (BITS * i);
        }
        shiftNext();
        drive();
        return value;
    }

    private void shiftNext() {
        if (Cs.TA.isSet(control) && !shifted.isSet() && !tx.isEmpty() && !rx.isFull()) {
            clock.setIn(shifted, BITS * clockPs());
        }
    }

    private long clockPs() {
        int cycles = divisor == 0 ? DIVISOR_MAX : Math.max(2, divisor & ~1);
        return cycles * CORE_CYCLE_PS;
    }

    private void byteShifted() {
        if (tx.isEmpty()) {
            return; // cleared on the way
        }
        int select = Cs.CS.get(control);
        int out = tx.take();
        rx.put(select < CHIP_COUNT ? chips[select].applyAsInt(out) & BYTE_MASK : 0);
        leftToShift = Math.max(0, leftToShift - 1);
        if (isDma() && leftToShift == 0 && Cs.ADCS.isSet(control)) {
            control &= ~Cs.TA.mask();
        }
        shiftNext();
        drive();
    }

    /** 10.5, DC: a finished transfer asks for what it has received, however little that is. */
    private void drive() {
        boolean on = isDma() && (Cs.TA.isSet(control) || !rx.isEmpty());
        boolean sends = on && leftToStore > 0;
        boolean rest = leftToShift == 0 && !rx.isEmpty();
        txRequest.set(sends && tx.count() < Dc.TDREQ.get(levels));
        txRequest.setPanic(sends && tx.count() < Dc.TPANIC.get(levels));
        rxRequest.set(on && (rx.count() > Dc.RDREQ.get(levels) || rest));
        rxRequest.setPanic(on && rx.count() > Dc.RPANIC.get(levels));
        boolean done = Cs.INTD.isSet(control) && Cs.TA.isSet(control) && isDone();
        boolean full = Cs.INTR.isSet(control) && rx.count() >= THREE_QUARTERS;
        irq.set(done || full);
    }
}
