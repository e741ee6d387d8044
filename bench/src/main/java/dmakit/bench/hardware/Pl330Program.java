package dmakit.bench.hardware;

import java.io.ByteArrayOutputStream;

/** A copy of 16 MiB, assembled as drivers do it: two nests of loops of 65,536 bursts each. */
final class Pl330Program {
    static final int BYTES = 16 << 20;

    private static final int SAR = 0;
    private static final int CCR = 1;
    private static final int DAR = 2;

    /** Both sides advance, by bursts of 16 beats of 8 bytes. */
    private static final int CONTROL = 1 << 14 | 1 | 3 << 1 | 3 << 15 | 15 << 4 | 15 << 18;

    private static final int ROUNDS = 256;
    private static final int NESTS = BYTES / (ROUNDS * ROUNDS * 128);

    private final ByteArrayOutputStream code = new ByteArrayOutputStream();

    private Pl330Program() {}

    static byte[] copy(int from, int to) {
        Pl330Program program = new Pl330Program();
        program.move(CCR, CONTROL);
        program.move(SAR, from);
        program.move(DAR, to);
        for (int i = 0; i < NESTS; i++) {
            program.nest();
        }
        program.of(0x00);
        return program.code.toByteArray();
    }

    private void nest() {
        of(0x22, ROUNDS - 1);
        int outer = code.size();
        of(0x20, ROUNDS - 1);
        int inner = code.size();
        of(0x04, 0x08);
        of(0x38, code.size() - inner);
        of(0x3c, code.size() - outer);
    }

    private void move(int register, int value) {
        of(0xbc, register, value, value >> 8, value >> 16, value >> 24);
    }

    private void of(int... values) {
        for (int value : values) {
            code.write(value);
        }
    }
}
