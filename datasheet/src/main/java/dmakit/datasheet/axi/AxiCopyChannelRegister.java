package dmakit.datasheet.axi;

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
 * Registers of one channel of {@code dmakit,axi-copy}. A channel copies {@code LENGTH} bytes from
 * {@code SOURCE} to {@code DEST}, any bytes at any addresses.
 *
 * <p>Addresses, length and configuration are taken when {@code START} is written; while the channel
 * is busy, stores to them have no effect. {@code LENGTH} then tells the bytes that have not been
 * written yet.
 */
public enum AxiCopyChannelRegister implements Register {
    //      offset  reset        fields
    CTRL(0x00, 0x0000_0000, Ctrl.values()),
    STATUS(0x04, 0x0000_0000, Status.values()),
    SOURCE(0x08, 0x0000_0000, Word.values()),
    SOURCE_HIGH(0x0c, 0x0000_0000, Word.values()),
    DEST(0x10, 0x0000_0000, Word.values()),
    DEST_HIGH(0x14, 0x0000_0000, Word.values()),
    LENGTH(0x18, 0x0000_0000, Word.values()),
    CONFIG(0x1c, 0x0000_0f02, Config.values());

    /** From one channel's registers to the next one's, in bytes. */
    public static final int CHANNEL_STRIDE = 0x20;

    /** The checked map of one channel. */
    public static final RegisterMap<AxiCopyChannelRegister> MAP =
            new RegisterMap<>("axi copy channel", CHANNEL_STRIDE, values());

    private final Row row;

    AxiCopyChannelRegister(int offset, int reset, Field[] fields) {
        row = new Row(offset, reset, fields);
    }

    @Override
    public Row row() {
        return row;
    }

    /** What the channel is to do. */
    public enum Ctrl implements Field {
        /** The channel interrupts while {@code DONE} or an error is set. */
        IRQ_EN(2, 2, RW),
        /** Starts no further burst; the channel is idle when those on their way have ended. */
        STOP(1, 1, W1SC),
        /** Starts an idle channel. */
        START(0, 0, W1SC);

        private final Bits bits;

        Ctrl(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** How the channel is doing. */
    public enum Status implements Field {
        /** A write was refused; the channel stopped. */
        WRITE_ERROR(3, 3, W1C),
        /** A read was refused; the channel stopped. */
        READ_ERROR(2, 2, W1C),
        /** The last byte has been written, and that has been answered. */
        DONE(1, 1, W1C),
        /** Bursts are to start, or on their way. */
        BUSY(0, 0, RO);

        private final Bits bits;

        Status(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** How the channel uses the bus. */
    public enum Config implements Field {
        /** Who goes first where the policy is {@code PRIORITY}; 0 is the lowest. */
        PRIORITY(19, 16, RW),
        /** Beats of the longest burst, minus one. */
        BURST_BEATS(15, 8, RW),
        /** Bytes of a beat, as a power of two; more than the bus is wide counts as its width. */
        LG2_BEAT_BYTES(2, 0, RW);

        private final Bits bits;

        Config(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }

    /** A register that is one value: half an address, or bytes. */
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
}
