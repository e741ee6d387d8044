package dmakit.hardware.msgdma;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.msgdma.MsgdmaCsr;
import dmakit.datasheet.msgdma.MsgdmaCsr.Control;
import dmakit.datasheet.msgdma.MsgdmaDescriptor;
import dmakit.machine.bus.Target;
import dmakit.machine.random.Rng;
import dmakit.machine.time.Clock;
import org.junit.jupiter.api.Test;

/** Whatever is stored into registers, the core does bounded work per event. */
class MsgdmaFuzzTest {
    private static final int ROUNDS = 20_000;
    private static final int EVENTS_PER_ROUND_MAX = 16;

    @Test
    void randomStoresNeverHangOrThrow() {
        Rng rng = new Rng(23);
        try (MsgdmaBench bench = new MsgdmaBench()) {
            // Descriptors may write into the core itself.
            bench.machine.bus().attach("csr", MsgdmaBench.DEVICE, MsgdmaCsr.SIZE, bench.csr);
            bench.machine
                    .bus()
                    .attach(
                            "desc",
                            MsgdmaBench.DEVICE + MsgdmaCsr.SIZE,
                            MsgdmaDescriptor.SIZE,
                            bench.descriptors);
            for (int round = 0; round < ROUNDS; round++) {
                act(bench, rng);
                for (int i = 0; i < EVENTS_PER_ROUND_MAX; i++) {
                    long next = bench.machine.clock().nextAt();
                    if (next == Clock.NEVER) {
                        break;
                    }
                    bench.machine.clock().advanceTo(next);
                }
            }
            bench.write(MsgdmaCsr.CONTROL, Control.RESET_DISPATCHER.mask());
            bench.settle();
            assertThat(bench.read(MsgdmaCsr.STATUS)).isEqualTo(MsgdmaCsr.STATUS.reset());
            assertThat(bench.irq.isAsserted()).isFalse();
        }
    }

    private static void act(MsgdmaBench bench, Rng rng) {
        switch (rng.nextInt(4)) {
            case 0 -> {
                Target[] all = {bench.csr, bench.descriptors, bench.responses};
                int[] sizes = {0x20, 0x20, 8};
                int which = rng.nextInt(3);
                int width = 1 << rng.nextInt(4);
                long offset = rng.nextInt(sizes[which] / width) * (long) width;
                all[which].write(offset, width, rng.nextLong());
                all[which].read(offset, width);
            }
            case 1 -> bench.write(MsgdmaCsr.CONTROL, rng.nextInt(64) & ~2);
            case 2 -> {
                while (bench.responseCount() > 0) {
                    bench.takeStatus();
                }
            }
            default ->
                    bench.start(
                            address(rng),
                            address(rng),
                            rng.oneIn(10) ? (int) rng.nextLong() : rng.nextInt(10_000),
                            rng.oneIn(2) ? MsgdmaBench.COPY : (int) rng.nextLong(),
                            (int) rng.nextLong());
        }
    }

    private static long address(Rng rng) {
        return switch (rng.nextInt(6)) {
            case 0 -> rng.nextLong();
            case 1 -> MsgdmaBench.DEVICE + rng.nextInt(0x80);
            default -> rng.nextInt((int) MsgdmaBench.RAM_SIZE);
        };
    }
}
