package dmakit.hardware.pl330;

import java.util.Arrays;

/**
 * Lines of program that have been fetched. Any line goes anywhere; the oldest makes room. A store
 * to memory does not reach it: a program that changes under a running thread is seen late.
 */
final class InstructionCache {
    private static final int NONE = -1;

    private final int lineBytes;
    private final int[] addresses;
    private final boolean[] valid;
    private final byte[] bytes;
    private int oldest;
    private int lastHit;

    InstructionCache(int lines, int lineBytes) {
        this.lineBytes = lineBytes;
        addresses = new int[lines];
        valid = new boolean[lines];
        bytes = new byte[lines * lineBytes];
    }

    int lineBytes() {
        return lineBytes;
    }

    /** Where the line that holds a byte starts. */
    int lineOf(int address) {
        return address & -lineBytes;
    }

    boolean holds(int address) {
        return find(lineOf(address)) != NONE;
    }

    /** A byte of a line that is held. */
    byte at(int address) {
        return bytes[find(lineOf(address)) * lineBytes + (address & (lineBytes - 1))];
    }

    /** Takes a line in. */
    void fill(int line, byte[] content) {
        valid[oldest] = true;
        addresses[oldest] = line;
        System.arraycopy(content, 0, bytes, oldest * lineBytes, lineBytes);
        oldest = (oldest + 1) % addresses.length;
    }

    /** Forgets everything. */
    void invalidate() {
        Arrays.fill(valid, false);
        oldest = 0;
    }

    private int find(int line) {
        if (valid[lastHit] && addresses[lastHit] == line) {
            return lastHit;
        }
        for (int i = 0; i < addresses.length; i++) {
            if (valid[i] && addresses[i] == line) {
                lastHit = i;
                return i;
            }
        }
        return NONE;
    }
}
