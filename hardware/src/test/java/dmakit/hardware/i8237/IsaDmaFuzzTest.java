package dmakit.hardware.i8237;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.machine.random.Rng;
import org.junit.jupiter.api.Test;

/** Whatever is stored to its ports, it takes it, and is as obedient afterwards as before. */
class IsaDmaFuzzTest {
    private static final int ROUNDS = 20_000;
    private static final int STEPS_PER_ROUND = 4;
    private static final int[] FIRST = {0x00, 0x80, 0xc0};

    @Test
    void anyStoresLeaveItObedient() {
        Rng rng = new Rng(5);
        try (IsaBench isa = new IsaBench()) {
            for (int round = 0; round < ROUNDS; round++) {
                int port = FIRST[rng.nextInt(3)] + rng.nextInt(0x20);
                int bytes = 1 << rng.nextInt(3);
                if (rng.oneIn(4)) {
                    isa.machine.bus().ports().read(port, bytes);
                } else {
                    isa.machine.bus().ports().write(port, bytes, rng.nextLong());
                }
                isa.wires.get(rng.nextInt(8)).request(rng.oneIn(2));
                isa.finish(STEPS_PER_ROUND);
            }
            for (int i = 0; i < 8; i++) {
                isa.wires.get(i).request(false);
            }
            isa.out(0x0d, 0);
            isa.out(0xda, 0);
            isa.finish(STEPS_PER_ROUND);
            isa.pair.setUpAsFirmware();
            int before = isa.cards.get(1).next;
            isa.program(1, 0x44, 1, 0x2345, 9);
            isa.wires.get(1).request(true);
            isa.finish(100);
            assertThat(isa.cards.get(1).next - before).isEqualTo(10);
            assertThat(isa.ram(0x12345, 1)[0]).isEqualTo((byte) before);
        }
    }
}
