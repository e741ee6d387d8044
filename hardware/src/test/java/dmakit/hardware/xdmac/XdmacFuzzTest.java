package dmakit.hardware.xdmac;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.xdmac.XdmacDescriptor;
import dmakit.datasheet.xdmac.XdmacRegister;
import dmakit.machine.random.Rng;
import org.junit.jupiter.api.Test;

/** Whatever is stored to its registers and lies in memory, it takes it, step by bounded step. */
class XdmacFuzzTest {
    private static final int ROUNDS = 20_000;
    private static final int STEPS_PER_ROUND = 3;
    private static final int LISTS = 0x1000;
    private static final int LIST_COUNT = 32;
    private static final int CHANNELS = 16;
    private static final int FIRST_CUBC = 0x80;
    private static final int LENGTHS = 0x3ff;

    @Test
    void anyStoresAndAnyListsLeaveItObedient() {
        Rng rng = new Rng(7);
        try (XdmacBench bench = new XdmacBench()) {
            for (int round = 0; round < ROUNDS; round++) {
                if (rng.oneIn(4)) {
                    list(bench, rng);
                }
                poke(bench, rng);
                if (rng.oneIn(8)) {
                    bench.dma.request(rng.nextInt(Xdmac.REQUEST_COUNT)).set(rng.oneIn(2));
                }
                bench.finish(STEPS_PER_ROUND);
            }
            bench.write(XdmacRegister.GD, -1);
            assertThat(bench.finish(STEPS_PER_ROUND)).isLessThan(STEPS_PER_ROUND);
            assertThat(bench.read(XdmacRegister.GS)).isZero();
        }
    }

    private static void poke(XdmacBench bench, Rng rng) {
        int bytes = 1 << rng.nextInt(4);
        int offset = rng.nextInt(rng.oneIn(4) ? Xdmac.SIZE : 0x60 + CHANNELS * 0x40) & -bytes;
        if (rng.oneIn(4)) {
            bench.dma.read(offset, bytes);
            return;
        }
        long value = rng.oneIn(2) ? rng.nextLong() : interesting(rng);
        if ((offset - FIRST_CUBC) % 0x40 == 0 && !rng.oneIn(64)) {
            value &= LENGTHS; // long microblocks are rare, or little else would happen
        }
        bench.dma.write(offset, bytes, value & (-1L >>> (Long.SIZE - 8 * bytes)));
    }

    /** An address of a list, of memory, or of the chip itself; or a small number. */
    private static int interesting(Rng rng) {
        return switch (rng.nextInt(5)) {
            case 0 -> LISTS + 0x40 * rng.nextInt(LIST_COUNT);
            case 1 -> 0x10_0000 + rng.nextInt(0x10_0000);
            case 2 -> (int) XdmacBench.DMA_PHYS + rng.nextInt(0x800);
            case 3 -> 1 << rng.nextInt(Integer.SIZE);
            default -> rng.nextInt(64);
        };
    }

    private static void list(XdmacBench bench, Rng rng) {
        int[] words = new int[XdmacDescriptor.values().length];
        for (int i = 0; i < words.length; i++) {
            words[i] = rng.oneIn(3) ? (int) rng.nextLong() : interesting(rng);
        }
        words[0] = LISTS + 0x40 * rng.nextInt(LIST_COUNT);
        if (!rng.oneIn(64)) {
            words[1] &= 0xff00_0000 | LENGTHS;
        }
        bench.descriptor(LISTS + 0x40 * rng.nextInt(LIST_COUNT), words);
    }
}
