package dmakit.datasheet.isa;

import static dmakit.datasheet.Access.RO;
import static dmakit.datasheet.Access.RW;
import static dmakit.datasheet.Access.W1C;
import static dmakit.datasheet.Access.W1SC;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/**
 * Ports of {@code dmakit,isa-sound}: a card that plays bytes on one DMA channel and records them on
 * another, each through a FIFO of {@link #DEPTH} bytes. It has ports of one byte.
 *
 * <p>While {@code CTRL.PLAY} is set it takes one byte from the play FIFO at each beat, {@code RATE}
 * times 100 beats a second, and adds it to {@code SUM}. While {@code CTRL.RECORD} is set it puts
 * one byte into the record FIFO at each beat: with {@code CTRL.LOOP} the byte just played, if there
 * was one; otherwise {@code NEXT}, which then grows by one. A beat that finds nothing to play, once
 * something was played, is an underrun; one that finds the record FIFO full is an overrun.
 *
 * <p>It requests DMA while the play FIFO has room for what a transfer brings, and while the record
 * FIFO has what a transfer takes: one byte on channels 0 to 3, two on channels 5 to 7.
 *
 * <p>The end of a count sets its bit in {@code STATUS}; for playing, once the last byte has been
 * played. The card interrupts while one is set and {@code CTRL.INTERRUPT} is.
 */
public enum IsaSoundRegister implements Register {
    // offset, reset, fields
    ID_LOW(0x0, 0x64, IdByte.values()),
    ID_HIGH(0x1, 0x6b, IdByte.values()),
    CTRL(0x2, 0x00, Ctrl.values()),
    STATUS(0x3, 0x00, Status.values()),
    PLAY_LEVEL(0x4, 0x00, Level.values()),
    RECORD_LEVEL(0x5, 0x00, Level.values()),
    RATE_LOW(0x6, 0xdc, Value.values()),
    RATE_HIGH(0x7, 0x05, Value.values()),
    DATA(0x8, 0x00, Value.values()),
    NEXT(0x9, 0x00, Value.values()),
    UNDERRUNS(0xa, 0x00, Level.values()),
    OVERRUNS(0xb, 0x00, Level.values()),
    SUM_0(0xc, 0x00, Level.values()),
    SUM_1(0xd, 0x00, Level.values()),
    SUM_2(0xe, 0x00, Level.values()),
    SUM_3(0xf, 0x00, Level.values());

    /** Bytes a FIFO holds. */
    public static final int DEPTH = 16;

    /** Ports of the card. */
    public static final int SIZE = 0x10;

    /** What {@code RATE} counts, in bytes per second. */
    public static final int RATE_UNIT = 100;

    /** The checked map. */
    public static final RegisterMap<IsaSoundRegister> MAP =
            new RegisterMap<>("isa-sound", 1, SIZE, values());

    private final Row row;

    IsaSoundRegister(int offset, int reset, Field[] fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** By which a driver knows the card: "dk". */
    public enum IdByte implements Field {
        /** A letter. */
        LETTER(7, 0, RO);

        private final Bits bits;

        IdByte(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** What it does. */
    public enum Ctrl implements Field {
        /** Empties the FIFOs and clears counts, sum and status; the other bits become zero. */
        RESET(7, 7, W1SC),
        /** Interrupt at the end of a count. */
        INTERRUPT(3, 3, RW),
        /** Record what is played. */
        LOOP(2, 2, RW),
        /** Record. */
        RECORD(1, 1, RW),
        /** Play. */
        PLAY(0, 0, RW);

        private final Bits bits;

        Ctrl(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** What happened. */
    public enum Status implements Field {
        /** A byte was lost. */
        OVERRUN(3, 3, W1C),
        /** There was nothing to play. */
        UNDERRUN(2, 2, W1C),
        /** The count of recording has ended. */
        RECORDED(1, 1, W1C),
        /** The count of playing has ended. */
        PLAYED(0, 0, W1C);

        private final Bits bits;

        Status(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** A count, or a byte of one; counts of losses stay at 255. */
    public enum Level implements Field {
        /** The value. */
        COUNT(7, 0, RO);

        private final Bits bits;

        Level(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** A byte. */
    public enum Value implements Field {
        /** The value. */
        BYTE(7, 0, RW);

        private final Bits bits;

        Value(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
