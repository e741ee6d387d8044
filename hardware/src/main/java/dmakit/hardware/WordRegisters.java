package dmakit.hardware;

import dmakit.datasheet.Register;
import dmakit.machine.bus.Target;

/**
 * Registers of 32 bits on a bus without byte strobes: a narrow load sees its lanes of the word, a
 * narrow store writes the whole word, zero elsewhere, and 64 bits are two words, the lower first.
 */
public abstract class WordRegisters implements Target {
    /** For chips. */
    protected WordRegisters() {}

    /**
     * What a load of a word sees.
     *
     * @param at offset in the block, in bytes, a multiple of 4
     */
    protected abstract int readWord(int at);

    /**
     * What a store of a word does.
     *
     * @param at offset in the block, in bytes, a multiple of 4
     */
    protected abstract void writeWord(int at, int value);

    @Override
    public final long read(long offset, int bytes) {
        int at = (int) offset & -Register.BYTES;
        long word = Integer.toUnsignedLong(readWord(at));
        if (bytes > Register.BYTES) {
            return word | (long) readWord(at + Register.BYTES) << Integer.SIZE;
        }
        return word >>> shift(offset) & -1L >>> (Long.SIZE - Byte.SIZE * bytes);
    }

    @Override
    public final void write(long offset, int bytes, long value) {
        int at = (int) offset & -Register.BYTES;
        writeWord(at, (int) value << shift(offset));
        if (bytes > Register.BYTES) {
            writeWord(at + Register.BYTES, (int) (value >>> Integer.SIZE));
        }
    }

    private static int shift(long offset) {
        return Byte.SIZE * (int) (offset & (Register.BYTES - 1));
    }
}
