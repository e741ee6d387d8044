package dmakit.hardware.plx;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.hardware.pci.PciBench;
import dmakit.machine.random.Rng;
import org.junit.jupiter.api.Test;

/** Whatever is stored to its registers and lies in memory, it takes it, step by bounded step. */
class PlxFuzzTest {
    private static final int ROUNDS = 20_000;
    private static final int STEPS_PER_ROUND = 3;
    private static final int LENGTHS = 0x3fff;

    @Test
    void anyStoresAndAnyRingsLeaveItObedient() {
        Rng rng = new Rng(11);
        try (PlxBench plx = new PlxBench()) {
            for (int round = 0; round < ROUNDS; round++) {
                if (rng.oneIn(2)) {
                    descriptor(plx, rng);
                }
                poke(plx, rng);
                plx.finish(STEPS_PER_ROUND);
            }
            plx.write(PlxBench.CTRL, 2);
            plx.finish(STEPS_PER_ROUND);
            plx.ring(PlxBench.RING_COUNT);
            plx.write(PlxBench.INTR, -1);
            plx.write(PlxBench.CTRL, 0);
            plx.fill(0x8000, 64, 1);
            plx.descriptor(0, PlxBench.VALID | 64, 0x8000, 0x9000);
            plx.descriptor(1, 0, 0, 0);
            plx.start();
            plx.finish(100);
            assertThat(plx.outcome(0)).isEqualTo(PlxBench.SUCCESS | 64);
            assertThat(plx.same(0x8000, 0x9000, 64)).isTrue();
        }
    }

    private static void poke(PlxBench plx, Rng rng) {
        int bytes = 1 << rng.nextInt(4);
        int offset = (rng.oneIn(8) ? rng.nextInt(0x2000) : 0x1f8 + rng.nextInt(0x50)) & -bytes;
        if (rng.oneIn(4)) {
            plx.bench.read(PciBench.REGION + offset, bytes);
            return;
        }
        long value = rng.oneIn(2) ? rng.nextLong() : interesting(rng);
        if (offset >= 0x210 && offset < 0x214 && !rng.oneIn(32)) {
            value &= LENGTHS;
        }
        plx.bench.write(PciBench.REGION + offset, bytes, value & (-1L >>> (Long.SIZE - 8 * bytes)));
    }

    private static long interesting(Rng rng) {
        return switch (rng.nextInt(5)) {
            case 0 -> PlxBench.RING + 16 * rng.nextInt(PlxBench.RING_COUNT);
            case 1 -> rng.nextInt(1 << 20);
            case 2 -> PlxBench.OWN + rng.nextInt(PlxDma.MEMORY_BYTES);
            case 3 -> 1L << rng.nextInt(Integer.SIZE);
            default -> PlxBench.START | rng.nextInt(64);
        };
    }

    private static void descriptor(PlxBench plx, Rng rng) {
        int flags = (int) rng.nextLong();
        if (!rng.oneIn(32)) {
            flags &= 0xf800_0000 | LENGTHS;
        }
        if (rng.oneIn(2)) {
            flags = flags & ~(1 << 27) | PlxBench.VALID;
        }
        long from = rng.oneIn(4) ? rng.nextLong() : interesting(rng);
        long to = rng.oneIn(4) ? rng.nextLong() : interesting(rng);
        plx.descriptor(rng.nextInt(PlxBench.RING_COUNT), flags, from, to);
    }
}
