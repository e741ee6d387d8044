package dmakit.hardware.isa;

import dmakit.datasheet.isa.IsaSoundRegister;
import dmakit.datasheet.isa.IsaSoundRegister.Ctrl;
import dmakit.datasheet.isa.IsaSoundRegister.Status;
import dmakit.hardware.ChipTrace;
import dmakit.hardware.IsaDmaWires;
import dmakit.machine.bus.Target;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.time.Alarm;
import dmakit.machine.time.Clock;
import dmakit.machine.trace.Trace;

/**
 * {@code dmakit,isa-sound}: plays bytes and records them, by DMA or by its data port. {@link
 * IsaSoundRegister} is its manual.
 */
public final class IsaSound implements Target {
    /** Ports it has. */
    public static final int PORT_COUNT = IsaSoundRegister.SIZE;

    private static final long PS_PER_SECOND = 1_000_000_000_000L;
    private static final int CONTROL_MASK =
            IsaSoundRegister.CTRL.writableMask() & ~Ctrl.RESET.mask();
    private static final int LOSS_COUNT_MAX = 0xff;
    private static final int BYTE = 0xff;

    private final Clock clock;
    private final ChipTrace trace;
    private final IsaDmaWires play;
    private final IsaDmaWires record;
    private final int playBytes;
    private final int recordBytes;
    private final IrqLine irq;
    private final Alarm beat;
    private final Bytes toPlay = new Bytes();
    private final Bytes recorded = new Bytes();
    private int control;
    private int status;
    private int rate = IsaSoundRegister.RATE_HIGH.reset() << 8 | IsaSoundRegister.RATE_LOW.reset();
    private int next;
    private int underruns;
    private int overruns;
    private int sum;
    private boolean playing;

    /** Bytes to play up to the last one of a count; 0 while none is in the FIFO. */
    private int untilLast;

    /**
     * Creates a card after power-on, its channels plugged in.
     *
     * @param name for traces
     * @param playBytes bytes of a transfer on its channel: 1 or 2
     * @param recordBytes likewise
     */
    public IsaSound(
            Clock clock,
            Trace trace,
            String name,
            IsaDmaWires play,
            int playBytes,
            IsaDmaWires record,
            int recordBytes,
            IrqLine irq) {
        this.clock = clock;
        this.trace = new ChipTrace(clock, trace, name);
        this.play = play;
        this.playBytes = playBytes;
        this.record = record;
        this.recordBytes = recordBytes;
        this.irq = irq;
        beat = new Alarm(name + " beat", this::beat);
        play.connect(new Player());
        record.connect(new Recorder());
    }

    // Ports.

    @Override
    public long read(long offset, int bytes) {
        IsaSoundRegister register = IsaSoundRegister.MAP.at(offset);
        if (register == null) {
            return BYTE;
        }
        int value =
                switch (register) {
                    case ID_LOW, ID_HIGH -> register.reset();
                    case CTRL -> control;
                    case STATUS -> status;
                    case PLAY_LEVEL -> toPlay.count();
                    case RECORD_LEVEL -> recorded.count();
                    case RATE_LOW -> rate & BYTE;
                    case RATE_HIGH -> rate >>> Byte.SIZE;
                    case DATA -> recorded.take();
                    case NEXT -> next;
                    case UNDERRUNS -> underruns;
                    case OVERRUNS -> overruns;
                    case SUM_0, SUM_1, SUM_2, SUM_3 ->
                            (sum
                                            >>> (Byte.SIZE
                                                    * (register.offset()
                                                            - IsaSoundRegister.SUM_0.offset())))
                                    & BYTE;
                };
        trace.accessed("", register, register.offset(), 1, value, false);
        drive();
        return value;
    }

    @Override
    public void write(long offset, int bytes, long value) {
        IsaSoundRegister register = IsaSoundRegister.MAP.at(offset);
        if (register == null) {
            return;
        }
        int stored = (int) value & BYTE;
        trace.accessed("", register, register.offset(), 1, stored, true);
        switch (register) {
            case CTRL -> control(stored);
            case STATUS -> status &= ~stored;
            case RATE_LOW -> rate = (rate & ~BYTE) | stored;
            case RATE_HIGH -> rate = (rate & BYTE) | (stored << Byte.SIZE);
            case DATA -> toPlay.put(stored);
            case NEXT -> next = stored;
            case ID_LOW,
                    ID_HIGH,
                    PLAY_LEVEL,
                    RECORD_LEVEL,
                    UNDERRUNS,
                    OVERRUNS,
                    SUM_0,
                    SUM_1,
                    SUM_2,
                    SUM_3 -> {
                // Read-only.
            }
        }
        drive();
    }

    private void control(int value) {
        if (Ctrl.RESET.isSet(value)) {
            toPlay.clear();
            recorded.clear();
            control = 0;
            status = 0;
            underruns = 0;
            overruns = 0;
            sum = 0;
            playing = false;
            untilLast = 0;
            return;
        }
        control = value & CONTROL_MASK;
        if (!Ctrl.PLAY.isSet(control)) {
            playing = false;
        }
    }

    private boolean does(Ctrl bit) {
        return bit.isSet(control);
    }

    // The beat.

    private long beatPs() {
        return PS_PER_SECOND / (Math.max(rate, 1) * (long) IsaSoundRegister.RATE_UNIT);
    }

    private void beat() {
        int heard = does(Ctrl.PLAY) ? played() : -1;
        if (does(Ctrl.RECORD)) {
            if (!does(Ctrl.LOOP)) {
                record(next);
                next = next + 1 & BYTE;
            } else if (heard >= 0) {
                record(heard);
            }
        }
        drive();
    }

    /** Plays a byte; answers it, or -1 without one. */
    private int played() {
        if (toPlay.count() == 0) {
            if (playing) {
                playing = false;
                underruns = Math.min(underruns + 1, LOSS_COUNT_MAX);
                status |= Status.UNDERRUN.mask();
            }
            return -1;
        }
        int value = toPlay.take();
        sum += value;
        playing = true;
        if (untilLast > 0 && --untilLast == 0) {
            status |= Status.PLAYED.mask();
            playing = toPlay.count() > 0;
        }
        return value;
    }

    private void record(int value) {
        if (!recorded.put(value)) {
            overruns = Math.min(overruns + 1, LOSS_COUNT_MAX);
            status |= Status.OVERRUN.mask();
        }
    }

    /** Drives all wires, and the beat while there is anything for it to do. */
    private void drive() {
        boolean source = does(Ctrl.RECORD) && !does(Ctrl.LOOP);
        boolean busy = source || (does(Ctrl.PLAY) && (toPlay.count() > 0 || playing));
        if (!busy) {
            clock.cancel(beat);
        } else if (!beat.isSet()) {
            clock.setIn(beat, beatPs());
        }
        int ends = Status.PLAYED.mask() | Status.RECORDED.mask();
        irq.set(does(Ctrl.INTERRUPT) && (status & ends) != 0);
        play.request(does(Ctrl.PLAY) && toPlay.room() >= playBytes);
        record.request(does(Ctrl.RECORD) && recorded.count() >= recordBytes);
    }

    // DMA.

    private final class Player implements IsaDmaWires.Card {
        /** Read in spite of its direction, it gives ones. */
        @Override
        public int give(int bytes) {
            return -1;
        }

        @Override
        public void take(int bytes, int value) {
            for (int i = 0; i < bytes; i++) {
                toPlay.put((value >>> (Byte.SIZE * i)) & BYTE);
            }
            drive();
        }

        @Override
        public void terminalCount() {
            if (untilLast > 0) {
                status |= Status.PLAYED.mask();
            }
            untilLast = toPlay.count();
            drive();
        }
    }

    private final class Recorder implements IsaDmaWires.Card {
        @Override
        public int give(int bytes) {
            int value = 0;
            for (int i = 0; i < bytes; i++) {
                value |= recorded.take() << (Byte.SIZE * i);
            }
            drive();
            return value;
        }

        @Override
        public void take(int bytes, int value) {
            // Written in spite of its direction.
        }

        @Override
        public void terminalCount() {
            status |= Status.RECORDED.mask();
            drive();
        }
    }

    @Override
    public boolean tracesAccess(long offset) {
        return IsaSoundRegister.MAP.at(offset) != null;
    }
}
