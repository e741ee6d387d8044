package dmakit.hardware.isa;

import dmakit.datasheet.isa.IsaSoundRegister;

/** A FIFO of bytes. */
final class Bytes {
    private final byte[] bytes = new byte[IsaSoundRegister.DEPTH];
    private int first;
    private int count;

    int count() {
        return count;
    }

    int room() {
        return bytes.length - count;
    }

    /** Adds a byte; false, and nothing else, when it is full. */
    boolean put(int value) {
        if (count == bytes.length) {
            return false;
        }
        bytes[(first + count++) % bytes.length] = (byte) value;
        return true;
    }

    /** Takes the oldest byte; 0xff when there is none. */
    int take() {
        if (count == 0) {
            return 0xff;
        }
        int value = bytes[first] & 0xff;
        first = (first + 1) % bytes.length;
        count--;
        return value;
    }

    void clear() {
        count = 0;
    }
}
