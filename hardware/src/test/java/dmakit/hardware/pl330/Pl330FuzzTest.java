package dmakit.hardware.pl330;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.pl330.Pl330Instruction;
import dmakit.datasheet.pl330.Pl330Register;
import dmakit.machine.random.Rng;
import dmakit.machine.time.Clock;
import org.junit.jupiter.api.Test;

/** Whatever is stored into registers and memory, the controller does bounded work per event. */
class Pl330FuzzTest {
    private static final int ROUNDS = 20_000;
    private static final int PROGRAMS = 0x1_0000;
    private static final int PROGRAM_BYTES = 128;
    private static final int EVENTS_PER_ROUND_MAX = 64;

    @Test
    void randomStoresAndProgramsNeverHangOrThrow() {
        Rng rng = new Rng(330);
        try (Pl330Bench bench = new Pl330Bench(Pl330Build.secure(8, 8, 8, 8, 16))) {
            for (int round = 0; round < ROUNDS; round++) {
                act(bench, rng);
                for (int i = 0; i < EVENTS_PER_ROUND_MAX; i++) {
                    long next = bench.machine.clock().nextAt();
                    if (next == Clock.NEVER) {
                        break;
                    }
                    bench.machine.clock().advanceTo(next);
                }
                if (rng.oneIn(50)) {
                    bench.pass(1_000_000);
                }
            }
            for (int channel = 0; channel < 8; channel++) {
                bench.kill(channel);
            }
            bench.killManager();
            bench.settle();
            assertThat(bench.read(Pl330Register.FSRC)).isZero();
            assertThat(bench.read(Pl330Register.FSRD)).isZero();
            assertThat(bench.abort.isAsserted()).isFalse();
        }
    }

    private static void act(Pl330Bench bench, Rng rng) {
        switch (rng.nextInt(8)) {
            case 0, 1 -> {
                int width = 1 << rng.nextInt(4);
                long offset = rng.nextInt(Pl330.SIZE / width) * (long) width;
                bench.dma.write(offset, width, rng.nextLong());
                bench.dma.read(offset, width);
            }
            case 2 -> {
                Pl330Register[] all = Pl330Register.values();
                bench.write(all[rng.nextInt(all.length)], (int) rng.nextLong());
            }
            case 3, 4 -> {
                int channel = rng.nextInt(8);
                int at = PROGRAMS + channel * PROGRAM_BYTES;
                bench.poke(at, program(rng));
                bench.kill(channel);
                bench.go(channel, rng.oneIn(20) ? (int) rng.nextLong() : at);
            }
            case 5 -> {
                bench.dma.request(rng.nextInt(8)).set(rng.oneIn(2));
                bench.dma.request(rng.nextInt(8)).setSingle(rng.oneIn(2));
                bench.dma.request(rng.nextInt(8)).setLast(rng.oneIn(2));
            }
            case 6 -> bench.killManager();
            default -> bench.debug(rng.oneIn(2), rng.nextInt(8), rng.nextInt(256), 0, 0);
        }
    }

    /** Instructions with random operands, a few of them none, addresses mostly in RAM. */
    private static byte[] program(Rng rng) {
        Code code = new Code();
        Pl330Instruction[] all = Pl330Instruction.values();
        while (code.here() < PROGRAM_BYTES - 8) {
            if (rng.oneIn(12)) {
                code.of(rng.nextInt(256));
            } else if (rng.oneIn(4)) {
                code.move(2 * rng.nextInt(2), rng.nextInt(1 << 24));
            } else if (rng.oneIn(4)) {
                code.move(
                        Code.CCR,
                        Code.control(
                                rng.nextInt(4), 1 + rng.nextInt(16), rng.oneIn(2), rng.oneIn(2)));
            } else {
                Pl330Instruction each = all[rng.nextInt(all.length)];
                code.of(each.opcode() | rng.nextInt(256) & ~each.mask());
                for (int i = 1; i < each.size(); i++) {
                    code.of(rng.nextInt(256));
                }
            }
        }
        return code.end();
    }
}
