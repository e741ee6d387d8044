package dmakit.hardware;

import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import java.util.List;

/** The words of a descriptor as they lie in memory, little-endian. */
public final class DescriptorWords {
    private DescriptorWords() {}

    /** One word of a descriptor. */
    public static int word(byte[] block, Register which) {
        return word(block, which.offset());
    }

    /** The word at an offset in bytes. */
    public static int word(byte[] block, int at) {
        return (block[at] & 0xff)
                | (block[at + 1] & 0xff) << 8
                | (block[at + 2] & 0xff) << 16
                | block[at + 3] << 24;
    }

    /** Replaces the word at an offset in bytes. */
    public static void store(byte[] block, int at, int value) {
        for (int i = 0; i < Register.BYTES; i++) {
            block[at + i] = (byte) (value >>> (Byte.SIZE * i));
        }
    }

    /** An address of two words. */
    public static long address(byte[] block, Register low, Register high) {
        return Halves.join(word(block, low), word(block, high));
    }

    /** The words that are not zero, for a trace. */
    public static String text(byte[] block, List<? extends Register> layout) {
        StringBuilder text = new StringBuilder();
        for (Register which : layout) {
            int value = word(block, which);
            if (value != 0) {
                text.append(text.isEmpty() ? "" : " ").append(RegisterMap.describe(which, value));
            }
        }
        return text.toString();
    }
}
