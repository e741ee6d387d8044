package dmakit.hardware.ioat;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.ioat.IoatChannelRegister;
import dmakit.datasheet.ioat.IoatChannelRegister.Chancmd;
import dmakit.datasheet.ioat.IoatDescriptor.Op;
import dmakit.hardware.pci.PciBench;
import dmakit.machine.random.Rng;
import org.junit.jupiter.api.Test;

/** Whatever is stored to its registers and lies in memory, it takes it, step by bounded step. */
class IoatFuzzTest {
    private static final int ROUNDS = 20_000;
    private static final int STEPS_PER_ROUND = 4;
    private static final int PLACES = 32;
    private static final int CHANNELS = 4;

    @Test
    void anyStoresAndAnyDescriptorsLeaveItObedient() {
        for (Ioat.Kind kind : Ioat.Kind.values()) {
            Rng rng = new Rng(kind.ordinal());
            try (IoatBench bench = new IoatBench(kind)) {
                for (int round = 0; round < ROUNDS / 2; round++) {
                    descriptor(bench, rng);
                    poke(bench, rng);
                    if (rng.oneIn(2)) {
                        start(bench, rng);
                    }
                    bench.finish(STEPS_PER_ROUND);
                }
                for (int channel = 0; channel < CHANNELS; channel++) {
                    bench.command(channel, Chancmd.RESET.mask());
                }
                assertThat(bench.finish(STEPS_PER_ROUND)).isLessThan(STEPS_PER_ROUND);
                bench.descriptor(0, IoatBench.control(Op.COPY, 0, 0), 64, 0x2_0000, 0x3_0000);
                bench.fill(0x2_0000, 64, 5);
                bench.write(1, IoatChannelRegister.CHANERR, -1);
                bench.start(1, IoatBench.RING, 1);
                bench.finish();
                assertThat(bench.peek(0x3_0000, 64)).isEqualTo(bench.peek(0x2_0000, 64));
            }
        }
    }

    private static void start(IoatBench bench, Rng rng) {
        int channel = rng.nextInt(CHANNELS);
        if (rng.oneIn(2)) {
            bench.write(channel, IoatChannelRegister.CHANERR, -1);
        }
        bench.start(channel, IoatBench.RING + 64 * rng.nextInt(PLACES), rng.nextInt(6));
    }

    private static void poke(IoatBench bench, Rng rng) {
        int bytes = 1 << rng.nextInt(4);
        int offset = rng.nextInt(rng.oneIn(8) ? 0x4000 : 0x80 * (CHANNELS + 1)) & -bytes;
        if (rng.oneIn(3)) {
            bench.pci.read(PciBench.REGION + offset, bytes);
            return;
        }
        long value = rng.oneIn(2) ? rng.nextLong() : address(rng);
        bench.pci.write(PciBench.REGION + offset, bytes, value & (-1L >>> (64 - 8 * bytes)));
    }

    private static void descriptor(IoatBench bench, Rng rng) {
        Op op = Op.values()[rng.nextInt(Op.values().length)];
        int control = (int) rng.nextLong() & 0xff_ffff | op.code() << 24;
        if (rng.oneIn(16)) {
            control = (int) rng.nextLong();
        }
        long[] words = new long[7];
        for (int i = 0; i < words.length; i++) {
            words[i] = address(rng);
        }
        int place = rng.nextInt(PLACES);
        bench.descriptor(place, control, rng.nextInt(rng.oneIn(20) ? 1 << 21 : 9000), words);
        long next = rng.oneIn(20) ? address(rng) : IoatBench.RING + 64L * rng.nextInt(PLACES);
        bench.store64(IoatBench.RING + 64L * place + 24, next);
    }

    private static long address(Rng rng) {
        return switch (rng.nextInt(12)) {
            case 0 -> rng.nextLong();
            case 1 -> PciBench.REGION + rng.nextInt(0x400);
            case 2 -> IoatBench.RING + rng.nextInt(64 * PLACES);
            case 3 -> 1 << 20;
            default -> 0x1_0000 + (rng.nextInt(0xe_0000) & -64);
        };
    }
}
