package dmakit.hardware.axi;

import static org.assertj.core.api.Assertions.assertThatCode;

import dmakit.machine.random.Rng;
import org.junit.jupiter.api.Test;

/** No order of register accesses breaks the model, also where it copies into its own registers. */
class AnyRegisterTest {
    private static final int ROUNDS = 20_000;

    @Test
    void storesOfAnythingAnywhereEndInBoundedTime() {
        for (int seed = 0; seed < 10; seed++) {
            long used = seed;
            assertThatCode(() -> storeAnything(used))
                    .as("seed %d", seed)
                    .doesNotThrowAnyException();
        }
    }

    private static void storeAnything(long seed) {
        Rng rng = new Rng(seed);
        try (CopyRig rig = new CopyRig()) {
            for (int i = 0; i < ROUNDS / 10; i++) {
                int bytes = 1 << rng.nextInt(4);
                long offset = rng.nextInt(rng.oneIn(3) ? AxiCopy.SIZE : 0x220) & -bytes;
                if (rng.oneIn(3)) {
                    rig.chip.read(offset, bytes);
                } else {
                    rig.chip.write(offset, bytes, value(rng));
                }
                rig.pass(rng.nextInt(50));
            }
        }
    }

    private static long value(Rng rng) {
        return switch (rng.nextInt(5)) {
            case 0 -> rng.nextLong();
            case 1 -> CopyRig.REGISTERS + rng.nextInt(0x220);
            case 2 -> rng.nextInt((int) CopyRig.RAM_SIZE);
            default -> rng.nextInt(8);
        };
    }
}
