package dmakit.hardware.pl330;

import java.io.ByteArrayOutputStream;

/** Writes programs byte by byte, as the manual's encodings have them. */
final class Code {
    static final int SAR = 0;
    static final int CCR = 1;
    static final int DAR = 2;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** A CCR whose source and destination both advance, with bursts of the same shape. */
    static int copyControl(int lg2Beat, int beats) {
        return control(lg2Beat, beats, true, true);
    }

    static int control(int lg2Beat, int beats, boolean sourceInc, boolean destInc) {
        return (destInc ? 1 << 14 : 0)
                | (sourceInc ? 1 : 0)
                | lg2Beat << 1
                | lg2Beat << 15
                | (beats - 1) << 4
                | (beats - 1) << 18;
    }

    Code of(int... values) {
        for (int value : values) {
            bytes.write(value);
        }
        return this;
    }

    Code move(int register, int value) {
        return of(0xbc, register).word(value);
    }

    private Code word(int value) {
        return of(value, value >> 8, value >> 16, value >> 24);
    }

    Code copy(int control, int from, int to) {
        return move(CCR, control).move(SAR, from).move(DAR, to);
    }

    Code addh(boolean dest, int halfword) {
        return of(dest ? 0x56 : 0x54, halfword, halfword >> 8);
    }

    Code adnh(boolean dest, int halfword) {
        return of(dest ? 0x5e : 0x5c, halfword, halfword >> 8);
    }

    Code ld() {
        return of(0x04);
    }

    Code st() {
        return of(0x08);
    }

    Code stz() {
        return of(0x0c);
    }

    /** Begins a loop of so many rounds. */
    Code lp(int counter, int rounds) {
        return of(0x20 | counter << 1, rounds - 1);
    }

    int here() {
        return bytes.size();
    }

    /** Ends a loop that began at a place. */
    Code lpend(int counter, int start) {
        return of(0x38 | counter << 2, bytes.size() - start);
    }

    /** Ends a loop that goes on until the peripheral's last request. */
    Code lpendForever(int start) {
        return of(0x28, bytes.size() - start);
    }

    Code sev(int event) {
        return of(0x34, event << 3);
    }

    Code wfe(int event) {
        return of(0x36, event << 3);
    }

    Code wfpSingle(int peripheral) {
        return of(0x30, peripheral << 3);
    }

    Code wfpBurst(int peripheral) {
        return of(0x32, peripheral << 3);
    }

    Code wfpEither(int peripheral) {
        return of(0x31, peripheral << 3);
    }

    Code ldp(boolean burst, int peripheral) {
        return of(burst ? 0x27 : 0x25, peripheral << 3);
    }

    Code stp(boolean burst, int peripheral) {
        return of(burst ? 0x2b : 0x29, peripheral << 3);
    }

    Code flushp(int peripheral) {
        return of(0x35, peripheral << 3);
    }

    byte[] end() {
        return of(0x00).toBytes();
    }

    byte[] toBytes() {
        return bytes.toByteArray();
    }
}
