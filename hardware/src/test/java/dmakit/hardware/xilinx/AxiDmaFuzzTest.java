package dmakit.hardware.xilinx;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.xilinx.AxiDmaRegister;
import dmakit.datasheet.xilinx.AxiDmaRegister.Dmacr;
import dmakit.datasheet.xilinx.AxiDmaRegister.Dmasr;
import dmakit.machine.random.Rng;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is stored to its registers and lies in memory, it takes it, burst by burst. */
class AxiDmaFuzzTest {
    private static final int ROUNDS = 20_000;
    private static final int STEPS_PER_ROUND = 4;
    private static final int DESCRIPTORS = 0x1000;
    private static final int DESCRIPTOR_COUNT = 32;
    private static final int REGISTERS = 2 * AxiDmaRegister.CHANNEL_SIZE;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anyStoresAndAnyDescriptorsLeaveItObedient(boolean scattered) {
        Rng rng = new Rng(scattered ? 11 : 12);
        AxiDma.Build build = scattered ? AxiDmaBench.SCATTERED : AxiDmaBench.SIMPLE;
        try (AxiDmaBench bench = AxiDmaBench.looped(build)) {
            for (int round = 0; round < ROUNDS; round++) {
                if (rng.oneIn(3)) {
                    descriptor(bench, rng);
                }
                poke(bench, rng);
                bench.finish(STEPS_PER_ROUND);
            }
            for (int channel : new int[] {AxiDmaBench.MM2S, AxiDmaBench.S2MM}) {
                bench.finish(100);
                bench.write(channel, AxiDmaRegister.DMACR, Dmacr.RESET.mask());
                bench.finish(100);
                assertThat(bench.is(channel, Dmasr.HALTED)).isTrue();
            }
            assertThat(bench.finish(100)).isZero();
        }
    }

    private static void poke(AxiDmaBench bench, Rng rng) {
        int bytes = 1 << rng.nextInt(4);
        int offset = rng.nextInt(rng.oneIn(8) ? AxiDma.SIZE : REGISTERS) & -bytes;
        if (rng.oneIn(4)) {
            bench.dma.read(offset, bytes);
            return;
        }
        long value = rng.oneIn(4) ? rng.nextLong() : interesting(rng);
        boolean isControl = offset % AxiDmaRegister.CHANNEL_SIZE == 0;
        if (isControl && !rng.oneIn(8)) {
            value = value & ~Dmacr.RESET.mask() | Dmacr.RS.mask();
        }
        bench.dma.write(offset, bytes, value & (-1L >>> (Long.SIZE - 8 * bytes)));
    }

    /** An address of a descriptor, of memory, or of the core itself; or a small number. */
    private static long interesting(Rng rng) {
        return switch (rng.nextInt(6)) {
            case 0, 1 -> DESCRIPTORS + 0x40L * rng.nextInt(DESCRIPTOR_COUNT);
            case 2 -> 0x10_0000 + rng.nextInt(0x10_0000);
            case 3 -> AxiDmaBench.DMA_PHYS + rng.nextInt(0x80);
            case 4 -> 1L << rng.nextInt(Integer.SIZE);
            default -> rng.nextInt(256);
        };
    }

    private static void descriptor(AxiDmaBench bench, Rng rng) {
        long at = DESCRIPTORS + 0x40L * rng.nextInt(DESCRIPTOR_COUNT);
        long next = rng.oneIn(16) ? rng.nextLong() : interesting(rng);
        long buffer = rng.oneIn(16) ? rng.nextLong() : interesting(rng);
        int control = (int) rng.nextLong() & (rng.oneIn(16) ? -1 : 0x0c00_01ff);
        bench.descriptor(at, next, buffer, control);
    }
}
