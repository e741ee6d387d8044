package dmakit.hardware.pl011;

import dmakit.datasheet.Register;
import dmakit.datasheet.pl011.UartRegister;
import dmakit.datasheet.pl011.UartRegister.Cr;
import dmakit.datasheet.pl011.UartRegister.Dmacr;
import dmakit.datasheet.pl011.UartRegister.Dr;
import dmakit.datasheet.pl011.UartRegister.Fr;
import dmakit.datasheet.pl011.UartRegister.Ifls;
import dmakit.datasheet.pl011.UartRegister.LcrH;
import dmakit.datasheet.pl011.UartRegister.Rsr;
import dmakit.datasheet.pl011.UartRegister.Status;
import dmakit.hardware.RequestLine;
import dmakit.hardware.WordFifo;
import dmakit.machine.bus.Target;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.time.Alarm;
import dmakit.machine.time.Clock;

/**
 * The PL011 UART of Arm. PrimeCell UART (PL011) TRM, DDI 0183.
 *
 * <p>Characters take their time on the line, by {@code IBRD}, {@code FBRD} and {@code LCR_H}. With
 * {@code CR.LBE} what is sent is received; otherwise it goes nowhere, and nothing comes. Modem
 * lines, IrDA, parity and breaks have no effect.
 */
public final class Pl011 implements Target {
    /** Bytes of the block of registers. */
    public static final int SIZE = UartRegister.SIZE;

    private static final long PS_PER_SECOND = 1_000_000_000_000L;

    /** Clocks of a bit, and parts of the divisor's fraction. */
    private static final int SAMPLES = 16;

    private static final int FRACTIONS = 64;
    private static final int WORD_BITS_LEAST = 5;

    /** Bit times after which a waiting character interrupts. */
    private static final int TIMEOUT_BITS = 32;

    /** Eighths of the depth, by level. Reserved codes count as the last. */
    private static final int[] LEVEL_EIGHTHS = {1, 2, 4, 6, 7, 7, 7, 7};

    private final Clock clock;
    private final int clockHz;
    private final RequestLine txRequest;
    private final RequestLine rxRequest;
    private final IrqLine irq;
    private final Alarm sent;
    private final Alarm timeout;
    private final WordFifo tx = new WordFifo(UartRegister.DEPTH);
    private final WordFifo rx = new WordFifo(UartRegister.DEPTH);
    private boolean sending;
    private int onTheLine;
    private boolean lost;
    private int receiveStatus;
    private int ilpr;
    private int ibrd;
    private int fbrd;
    private int format;
    private int control = UartRegister.CR.reset();
    private int levels = UartRegister.IFLS.reset();
    private int mask;
    private int raw;
    private int dma;

    /**
     * Creates a UART after power-on.
     *
     * @param name for diagnosis
     * @param clockHz of {@code UARTCLK}, at least 1
     * @param txRequest asks for characters to transmit
     * @param rxRequest asks that characters are taken
     * @param irq asserted while something enabled has happened
     */
    public Pl011(
            Clock clock,
            String name,
            int clockHz,
            RequestLine txRequest,
            RequestLine rxRequest,
            IrqLine irq) {
        this.clock = clock;
        this.clockHz = clockHz;
        this.txRequest = txRequest;
        this.rxRequest = rxRequest;
        this.irq = irq;
        sent = new Alarm(name + " sent", this::characterSent);
        timeout = new Alarm(name + " timeout", this::nothingCame);
    }

    /** Loads of any width answer the same: the bus has 16 bits. */
    @Override
    public long read(long offset, int bytes) {
        UartRegister register = UartRegister.MAP.at(offset & -Register.BYTES);
        if (register == null) {
            return 0;
        }
        int value =
                switch (register) {
                    case DR -> take();
                    case RSR_ECR -> receiveStatus;
                    case FR -> flags();
                    case ILPR -> ilpr;
                    case IBRD -> ibrd;
                    case FBRD -> fbrd;
                    case LCR_H -> format;
                    case CR -> control;
                    case IFLS -> levels;
                    case IMSC -> mask;
                    case RIS -> raw;
                    case MIS -> raw & mask;
                    case ICR -> 0;
                    case DMACR -> dma;
                    case PERIPH_ID0, PERIPH_ID1, PERIPH_ID2, PERIPH_ID3 -> register.reset();
                    case PCELL_ID0, PCELL_ID1, PCELL_ID2, PCELL_ID3 -> register.reset();
                };
        return Integer.toUnsignedLong(value)
                & (bytes >= Register.BYTES ? -1L : (1L << (Byte.SIZE * bytes)) - 1);
    }

    @Override
    public void write(long offset, int bytes, long stored) {
        UartRegister register = UartRegister.MAP.at(offset & -Register.BYTES);
        if (register == null) {
            return;
        }
        int value = (int) stored & register.writableMask();
        switch (register) {
            case DR -> put(value);
            case RSR_ECR -> receiveStatus = 0;
            case ILPR -> ilpr = value;
            case IBRD -> ibrd = value;
            case FBRD -> fbrd = value;
            case LCR_H -> format(value);
            case CR -> control = value;
            case IFLS -> levels = value;
            case IMSC -> mask = value;
            case ICR -> raw &= ~value;
            case DMACR -> dma = value;
            case FR, RIS, MIS -> {
                // Read-only.
            }
            case PERIPH_ID0, PERIPH_ID1, PERIPH_ID2, PERIPH_ID3 -> {
                // Read-only.
            }
            case PCELL_ID0, PCELL_ID1, PCELL_ID2, PCELL_ID3 -> {
                // Read-only.
            }
        }
        sendNext();
        drive();
    }

    @Override
    public String registerName(long offset) {
        UartRegister register = UartRegister.MAP.at(offset);
        return register == null ? Target.super.registerName(offset) : register.name();
    }

    private int depth() {
        return LcrH.FEN.isSet(format) ? UartRegister.DEPTH : 1;
    }

    private void format(int value) {
        if (LcrH.FEN.isSet(format) != LcrH.FEN.isSet(value)) {
            tx.clear();
            rx.clear();
        }
        format = value;
    }

    private int flags() {
        int value = Fr.TXFE.with(0, tx.isEmpty());
        value = Fr.RXFF.with(value, rx.count() >= depth());
        value = Fr.TXFF.with(value, tx.count() >= depth());
        value = Fr.RXFE.with(value, rx.isEmpty());
        return Fr.BUSY.with(value, sending || !tx.isEmpty());
    }

    private int take() {
        if (rx.isEmpty()) {
            return 0;
        }
        int character = rx.take();
        receiveStatus = Rsr.OE.with(0, Dr.OE.isSet(character));
        if (rx.isEmpty()) {
            clock.cancel(timeout);
            raw &= ~Status.RT.mask();
        }
        if (rx.count() < rxLevel()) {
            raw &= ~Status.RX.mask();
        }
        drive();
        return character;
    }

    /** A character that finds the FIFO full is lost. */
    private void put(int character) {
        if (tx.count() < depth()) {
            tx.put(character);
            if (tx.count() > txLevel()) {
                raw &= ~Status.TX.mask();
            }
        }
    }

    // The line.

    private void sendNext() {
        boolean on = Cr.UARTEN.isSet(control) && Cr.TXE.isSet(control);
        if (!on || sending || tx.isEmpty() || divisor() == 0) {
            return;
        }
        onTheLine = Dr.DATA.get(tx.take());
        sending = true;
        clock.setIn(sent, characterBits() * bitPs());
        if (tx.count() == txLevel()) {
            raw |= Status.TX.mask();
        }
    }

    private long divisor() {
        return (long) ibrd * FRACTIONS + fbrd;
    }

    /** DDI 0183, 3.3.6: a bit takes 16 periods of UARTCLK divided by the divisor. */
    private long bitPs() {
        return divisor() * SAMPLES * (PS_PER_SECOND / FRACTIONS) / clockHz;
    }

    private int dataBits() {
        return WORD_BITS_LEAST + LcrH.WLEN.get(format);
    }

    private int characterBits() {
        int parity = LcrH.PEN.isSet(format) ? 1 : 0;
        int stop = LcrH.STP2.isSet(format) ? 2 : 1;
        return 1 + dataBits() + parity + stop;
    }

    private void characterSent() {
        sending = false;
        if (Cr.LBE.isSet(control)) {
            receive(onTheLine & ((1 << dataBits()) - 1));
        }
        sendNext();
        drive();
    }

    private void receive(int character) {
        if (!Cr.UARTEN.isSet(control) || !Cr.RXE.isSet(control)) {
            return;
        }
        if (rx.count() >= depth()) {
            lost = true;
            raw |= Status.OE.mask();
            return;
        }
        rx.put(Dr.OE.with(character, lost));
        lost = false;
        if (rx.count() == rxLevel()) {
            raw |= Status.RX.mask();
        }
        clock.setIn(timeout, TIMEOUT_BITS * bitPs());
    }

    private void nothingCame() {
        raw |= Status.RT.mask();
        drive();
    }

    private int txLevel() {
        return depth() * LEVEL_EIGHTHS[Ifls.TXIFLSEL.get(levels)] / Byte.SIZE;
    }

    private int rxLevel() {
        return Math.max(1, depth() * LEVEL_EIGHTHS[Ifls.RXIFLSEL.get(levels)] / Byte.SIZE);
    }

    /** DDI 0183, 2.4.6: single for one character, burst for as many as the level says. */
    private void drive() {
        boolean on = Cr.UARTEN.isSet(control);
        boolean sends = on && Dmacr.TXDMAE.isSet(dma) && Cr.TXE.isSet(control);
        boolean halted = Dmacr.DMAONERR.isSet(dma) && Status.OE.isSet(raw);
        boolean takes = on && Dmacr.RXDMAE.isSet(dma) && !halted;
        txRequest.set(sends && tx.count() <= txLevel());
        txRequest.setSingle(sends && tx.count() < depth());
        rxRequest.set(takes && rx.count() >= rxLevel());
        rxRequest.setSingle(takes && !rx.isEmpty());
        irq.set((raw & mask) != 0);
    }
}
