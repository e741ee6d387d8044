package dmakit.datasheet.fifo;

import static dmakit.datasheet.Access.RO;
import static dmakit.datasheet.Access.RW;
import static dmakit.datasheet.Access.W1SC;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/**
 * Registers of {@code dmakit,loopback-fifo}: two FIFOs of {@link #DEPTH_WORDS} words, and a line
 * between them that moves one word every 4 / {@code RATE} seconds.
 *
 * <p>A word stored to {@code DATA} enters the transmit FIFO; a load takes one from the receive
 * FIFO. At each beat of the line the oldest transmit word leaves. With {@code CTRL.LOOP} it enters
 * the receive FIFO; otherwise it is counted into {@code TX_SUM} and gone, and with {@code
 * CTRL.SOURCE} the receive FIFO gets {@code RX_NEXT}, which then grows by one.
 */
public enum LoopbackFifoRegister implements Register {
    //           offset  reset        fields
    DATA(0x00, 0x0000_0000, Word.values()),
    STATUS(0x04, 0x0000_0000, Status.values()),
    CTRL(0x08, 0x0000_0000, Ctrl.values()),
    RATE(0x0c, 0x000f_4240, Word.values()),
    WATERMARK(0x10, 0x0010_0030, Watermark.values()),
    TX_UNDERRUNS(0x14, 0x0000_0000, Count.values()),
    TX_OVERRUNS(0x18, 0x0000_0000, Count.values()),
    RX_UNDERRUNS(0x1c, 0x0000_0000, Count.values()),
    RX_OVERRUNS(0x20, 0x0000_0000, Count.values()),
    TX_SUM(0x24, 0x0000_0000, Count.values()),
    RX_NEXT(0x28, 0x0000_0000, Word.values());

    /** Words each FIFO holds. */
    public static final int DEPTH_WORDS = 64;

    /** Bytes of the device's registers. */
    public static final int SIZE = 0x100;

    /** The checked map. */
    public static final RegisterMap<LoopbackFifoRegister> MAP =
            new RegisterMap<>("loopback fifo", SIZE, values());

    private final Row row;

    LoopbackFifoRegister(int offset, int reset, Field[] fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** A register that is one value: a word of data, bytes per second, a word to come. */
    public enum Word implements Field {
        /** The value. */
        VALUE(31, 0, RW);

        private final Bits bits;

        Word(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** How full the FIFOs are, and what they ask for. */
    public enum Status implements Field {
        /** Words in the receive FIFO. */
        RX_LEVEL(22, 16, RO),
        /** Words in the transmit FIFO. */
        TX_LEVEL(14, 8, RO),
        /** The line moves a word at each beat. */
        LINE_BUSY(2, 2, RO),
        /** Level of the receive request line. */
        RX_REQUEST(1, 1, RO),
        /** Level of the transmit request line. */
        TX_REQUEST(0, 0, RO);

        private final Bits bits;

        Status(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** What the device does. */
    public enum Ctrl implements Field {
        /** Empties both FIFOs, zeroes all counts, and leaves the other registers. */
        CLEAR(31, 31, W1SC),
        /** The receive request line may be asserted. */
        RX_REQ_EN(4, 4, RW),
        /** The transmit request line may be asserted. */
        TX_REQ_EN(3, 3, RW),
        /** The receive FIFO gets {@code RX_NEXT} at each beat. No effect with {@code LOOP}. */
        SOURCE(2, 2, RW),
        /** Transmitted words are received. */
        LOOP(1, 1, RW),
        /** The line runs. */
        ENABLE(0, 0, RW);

        private final Bits bits;

        Ctrl(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** When the FIFOs ask for data. */
    public enum Watermark implements Field {
        /** Receive requests while at least this many words are there; 0 counts as 1. */
        RX(22, 16, RW),
        /** Transmit requests while at most this many words are there. */
        TX(6, 0, RW);

        private final Bits bits;

        Watermark(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** A count, or a sum, modulo 2^32. */
    public enum Count implements Field {
        /** The count. */
        COUNT(31, 0, RO);

        private final Bits bits;

        Count(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
