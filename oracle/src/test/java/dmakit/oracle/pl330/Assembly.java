package dmakit.oracle.pl330;

import java.io.ByteArrayOutputStream;

/** A program, written by the encodings of the DMA-330 TRM, section 4.3, and no table of ours. */
final class Assembly {
    static final int SAR = 0;
    static final int CCR = 1;
    static final int DAR = 2;

    private final ByteArrayOutputStream code = new ByteArrayOutputStream();

    Assembly of(int... values) {
        for (int value : values) {
            code.write(value);
        }
        return this;
    }

    Assembly move(int register, int value) {
        return of(0xbc, register, value, value >> 8, value >> 16, value >> 24);
    }

    Assembly load() {
        return of(0x04);
    }

    Assembly store() {
        return of(0x08);
    }

    Assembly zeros() {
        return of(0x0c);
    }

    Assembly add(boolean dest, int halfword) {
        return of(dest ? 0x56 : 0x54, halfword, halfword >> 8);
    }

    Assembly subtract(boolean dest, int halfword) {
        return of(dest ? 0x5e : 0x5c, -halfword, -halfword >> 8);
    }

    Assembly nop() {
        return of(0x18);
    }

    Assembly readBarrier() {
        return of(0x12);
    }

    Assembly writeBarrier() {
        return of(0x13);
    }

    Assembly sendEvent(int event) {
        return of(0x34, event << 3);
    }

    Assembly waitForEvent(int event) {
        return of(0x36, event << 3);
    }

    Assembly waitForSingle(int peripheral) {
        return of(0x30, peripheral << 3);
    }

    Assembly waitForBurst(int peripheral) {
        return of(0x32, peripheral << 3);
    }

    Assembly loadBurst(int peripheral) {
        return of(0x27, peripheral << 3);
    }

    Assembly storeBurst(int peripheral) {
        return of(0x2b, peripheral << 3);
    }

    Assembly flush(int peripheral) {
        return of(0x35, peripheral << 3);
    }

    Assembly loop(int counter, int rounds) {
        return of(0x20 | counter << 1, rounds - 1);
    }

    int here() {
        return code.size();
    }

    Assembly endLoop(int counter, int start) {
        return of(0x38 | counter << 2, here() - start);
    }

    byte[] end() {
        return of(0x00).bytes();
    }

    byte[] bytes() {
        return code.toByteArray();
    }

    /** CCR for bursts of a shape on each side. */
    static int control(
            int lg2Source,
            int sourceBeats,
            boolean sourceInc,
            int lg2Dest,
            int beats,
            boolean inc) {
        return (inc ? 1 << 14 : 0)
                | (sourceInc ? 1 : 0)
                | lg2Source << 1
                | (sourceBeats - 1) << 4
                | lg2Dest << 15
                | (beats - 1) << 18;
    }
}
