package dmakit.kernel.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.kernel.MemoryFixture;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.mm.Gfp;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.random.Rng;
import org.junit.jupiter.api.Test;

/** Caches that act at the worst moments, and a driver that follows or forgets the rules. */
class AdversaryTest {
    private static final int SEEDS = 60;
    private static final int ROUNDS = 40;
    private static final int BYTES = 512;

    @Test
    void aDriverThatFollowsTheRulesIsRightWithEverySeed() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            assertThat(wrongBytes(seed, true)).as("seed %d", seed).isZero();
        }
    }

    @Test
    void aDriverThatForgetsToUnmapIsWrongWithSomeSeed() {
        int wrong = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            wrong += wrongBytes(seed, false);
        }
        assertThat(wrong).isPositive();
    }

    @Test
    void coherentMemoryIsRightBehindABarrier() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            try (MemoryFixture kernel = MemoryFixture.adversary(seed)) {
                CoherentBuffer buffer =
                        kernel.mapping.allocCoherent(kernel.device(), BYTES, Gfp.KERNEL);
                for (int round = 1; round <= ROUNDS; round++) {
                    kernel.machine.cpu().store8(buffer.va() + round, (byte) round);
                    kernel.machine.cpu().barrier();
                    assertThat(kernel.bus.load8(buffer.dma() + round))
                            .as("seed %d", seed)
                            .isEqualTo((byte) round);
                }
            }
        }
    }

    /** A device that adds 1 to each byte, read by the CPU behind the unmap, or in front of it. */
    private static int wrongBytes(long seed, boolean unmapsBeforeReading) {
        try (MemoryFixture kernel = MemoryFixture.adversary(seed)) {
            Cpu cpu = kernel.machine.cpu();
            Device device = kernel.device();
            Rng rng = Rng.named(seed, "driver");
            long va = kernel.mm.slab().kzalloc(BYTES, Gfp.KERNEL);
            long phys = va - AddressLayout.LINEAR_BASE;
            byte[] bytes = new byte[BYTES];
            byte[] seen = new byte[BYTES];
            int wrong = 0;
            for (int round = 0; round < ROUNDS; round++) {
                for (int i = 0; i < BYTES; i++) {
                    bytes[i] = (byte) rng.nextInt(256);
                }
                cpu.store(va, bytes, 0, BYTES);
                DmaDirection direction = DmaDirection.BIDIRECTIONAL;
                long dma = kernel.mapping.mapSingle(device, va, BYTES, direction);
                for (int i = 0; i < BYTES; i++) {
                    kernel.bus.store8(phys + i, (byte) (kernel.bus.load8(phys + i) + 1));
                }
                if (unmapsBeforeReading) {
                    kernel.mapping.unmapSingle(device, dma, BYTES, direction);
                }
                cpu.load(va, seen, 0, BYTES);
                for (int i = 0; i < BYTES; i++) {
                    wrong += seen[i] == (byte) (bytes[i] + 1) ? 0 : 1;
                }
                if (!unmapsBeforeReading) {
                    kernel.mapping.unmapSingle(device, dma, BYTES, direction);
                }
            }
            return wrong;
        }
    }
}
