package dmakit.oracle.i8257;

import static dmakit.oracle.i8257.I8257Pair.addressPort;
import static dmakit.oracle.i8257.I8257Pair.countPort;
import static dmakit.oracle.i8257.I8257Pair.pagePort;
import static dmakit.oracle.i8257.I8257Pair.port;
import static org.assertj.core.api.Assertions.assertThat;

import dmakit.machine.random.Rng;
import dmakit.oracle.Peer;
import dmakit.oracle.Seeds;
import org.junit.jupiter.api.Test;

/**
 * Random loads and stores of their registers leave QEMU's pair of controllers and ours alike. What
 * they move is compared in {@link FloppyOracleTest}.
 */
class I8257OracleTest {
    private static final String CHIP = "i8257";
    private static final int PROGRAMS = 300;
    private static final int STEPS = 60;

    private long compared;

    @Test
    void randomRegisterProgramsLeaveTheSame() {
        long programs = 0;
        try (I8257Pair pair =
                new I8257Pair(Peer.stopped(I8257Pair.EMULATOR, "-M", "pc", "-m", "16"))) {
            for (long seed : Seeds.upTo(PROGRAMS).toArray()) {
                reset(pair);
                Rng rng = new Rng(seed);
                for (int i = 0; i < STEPS; i++) {
                    act(pair, rng, seed);
                }
                compareAll(pair, seed);
                programs++;
            }
        }
        Peer.summarize(
                CHIP,
                I8257Pair.EMULATOR,
                "%d programs, %d loads compared".formatted(programs, compared));
    }

    private static void reset(I8257Pair pair) {
        for (int first : new int[] {0, I8257Pair.CASCADE}) {
            pair.out(port(first, I8257Pair.MASTER_CLEAR), 0);
            for (int channel = first; channel < first + I8257Pair.CASCADE; channel++) {
                pair.outBoth(addressPort(channel), 0);
                pair.outBoth(countPort(channel), 0);
                pair.out(pagePort(channel), 0);
                pair.out(port(first, I8257Pair.MODE), channel % I8257Pair.CASCADE);
                pair.out(port(first, I8257Pair.REQUEST), channel % I8257Pair.CASCADE);
            }
            // NO_CARD: requests are to be seen, not served.
            pair.out(port(first, I8257Pair.COMMAND), I8257Pair.DISABLED);
        }
    }

    private void act(I8257Pair pair, Rng rng, long seed) {
        int channel = rng.nextInt(I8257Pair.CHANNELS);
        int value = rng.nextInt(256);
        switch (rng.nextInt(14)) {
            case 0, 1 -> pair.outBoth(addressPort(channel), rng.nextInt(0x10000));
            case 2, 3 -> pair.outBoth(countPort(channel), rng.nextInt(0x10000));
            case 4 -> pair.out(port(channel, I8257Pair.MODE), value);
            case 5 -> pair.out(port(channel, I8257Pair.SINGLE_MASK), value);
            case 6 -> pair.out(port(channel, I8257Pair.ALL_MASK), value);
            case 7 -> pair.out(port(channel, I8257Pair.CLEAR_MASK), value);
            case 8 -> pair.out(pagePort(channel), value);
            case 9 -> pair.out(port(channel, I8257Pair.REQUEST), value);
            case 10 -> compare(pair, port(channel, I8257Pair.STATUS), "status", seed);
            case 11 -> {
                compare(pair, addressPort(channel), "address of " + channel, seed);
                compare(pair, addressPort(channel), "address of " + channel, seed);
            }
            case 12 -> {
                compare(pair, countPort(channel), "count of " + channel, seed);
                compare(pair, countPort(channel), "count of " + channel, seed);
            }
            default -> {
                if (rng.oneIn(4)) {
                    pair.out(port(channel, I8257Pair.MASTER_CLEAR), value);
                    pair.out(port(channel, I8257Pair.COMMAND), I8257Pair.DISABLED);
                } else {
                    // An odd access, and what puts it right again.
                    compare(pair, countPort(channel), "half of the count", seed);
                    pair.out(port(channel, I8257Pair.CLEAR_FLIP_FLOP), value);
                }
            }
        }
    }

    private void compareAll(I8257Pair pair, long seed) {
        for (int channel = 0; channel < I8257Pair.CHANNELS; channel++) {
            for (int half = 0; half < 2; half++) {
                compare(pair, addressPort(channel), "address of " + channel, seed);
            }
            for (int half = 0; half < 2; half++) {
                compare(pair, countPort(channel), "count of " + channel, seed);
            }
            compare(pair, pagePort(channel), "page of " + channel, seed);
        }
        compare(pair, port(0, I8257Pair.STATUS), "status", seed);
        compare(pair, port(I8257Pair.CASCADE, I8257Pair.STATUS), "status of the second", seed);
    }

    private void compare(I8257Pair pair, int port, String name, long seed) {
        compared++;
        assertThat(pair.ours.in(port, 1))
                .as("%s: ours, then QEMU's; %s", name, Seeds.replay(CHIP, seed))
                .isEqualTo(pair.qemu.in(port, 1));
    }
}
