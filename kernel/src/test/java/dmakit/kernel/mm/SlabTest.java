package dmakit.kernel.mm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.MemoryFixture;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.memory.Ram;
import dmakit.machine.random.Rng;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class SlabTest {
    private static final long GIB = 1L << 30;

    private final MemoryFixture kernel = MemoryFixture.nonCoherent();
    private final Cpu cpu = kernel.machine.cpu();
    private final Slab slab =
            new Slab(cpu, kernel.machine.ram(), kernel.calls, kernel.mm.pages(), 8);

    @AfterEach
    void close() {
        kernel.close();
    }

    @Test
    void aSizeGetsTheSmallestCacheThatHoldsIt() {
        long[][] wanted = {
            {1, 8},
            {8, 8},
            {9, 16},
            {33, 64},
            {65, 96},
            {96, 96},
            {97, 128},
            {129, 192},
            {192, 192},
            {193, 256},
            {257, 512},
            {4097, 8192},
            {8192, 8192},
            {8193, 16384},
            {12289, 16384},
            {20000, 32768}
        };
        for (long[] pair : wanted) {
            assertThat(slab.sizeRoundup(pair[0])).as("size %d", pair[0]).isEqualTo(pair[1]);
            assertThat(slab.ksize(slab.kmalloc(pair[0], Gfp.KERNEL))).isEqualTo(pair[1]);
        }
    }

    @Test
    void wholeCacheLinesAsLeastAlignmentMergeTheSmallCaches() {
        Slab aligned = new Slab(cpu, kernel.machine.ram(), kernel.calls, kernel.mm.pages(), 64);
        assertThat(aligned.sizeRoundup(8)).isEqualTo(64);
        assertThat(aligned.sizeRoundup(33)).isEqualTo(64);
        assertThat(aligned.sizeRoundup(65)).isEqualTo(128);
        assertThat(aligned.sizeRoundup(96)).isEqualTo(128);
        assertThat(aligned.sizeRoundup(129)).isEqualTo(192);
        for (int size = 1; size <= 8192; size++) {
            assertThat(aligned.sizeRoundup(size) % 64).isZero();
        }
        assertThat(aligned.kmalloc(10, Gfp.KERNEL) % 64).isZero();
    }

    @Test
    void aPowerOfTwoIsAlignedToItself() {
        for (int size = 8; size <= 65536; size *= 2) {
            for (int i = 0; i < 20; i++) {
                assertThat(slab.kmalloc(size, Gfp.KERNEL) % size).isZero();
            }
        }
    }

    @Test
    void memoryForLimitedDevicesComesFromTheDmaZone() {
        try (MemoryFixture big =
                MemoryFixture.with(GIB - 1, new Ram.Bank(0, GIB), new Ram.Bank(4 * GIB, GIB))) {
            long va = big.mm.slab().kmalloc(64, Gfp.KERNEL.with(Gfp.DMA));
            assertThat(va - AddressLayout.LINEAR_BASE).isLessThan(GIB);
            assertThat(big.mm.slab().kmalloc(64, Gfp.KERNEL) - AddressLayout.LINEAR_BASE)
                    .isGreaterThanOrEqualTo(4 * GIB);
        }
    }

    @Test
    void zeroedMemoryIsZeroToItsRealEnd() {
        long va = slab.kmalloc(100, Gfp.KERNEL);
        cpu.fill(va, 128, (byte) 7);
        slab.kfree(va);
        assertThat(slab.kzalloc(100, Gfp.KERNEL)).isEqualTo(va);
        byte[] content = new byte[128];
        cpu.load(va, content, 0, 128);
        assertThat(content).containsOnly(0);
    }

    @Test
    void nothingIsASizeToo() {
        assertThat(slab.kmalloc(0, Gfp.KERNEL)).isEqualTo(Slab.ZERO_SIZE);
        assertThat(slab.ksize(Slab.ZERO_SIZE)).isZero();
        slab.kfree(Slab.ZERO_SIZE);
        slab.kfree(0);
    }

    @Test
    void tooMuchIsRefused() {
        assertThat(slab.kmalloc(Slab.SIZE_MAX, Gfp.KERNEL)).isPositive();
        for (long size : new long[] {Slab.SIZE_MAX + 1, Long.MAX_VALUE, -1}) {
            assertThatThrownBy(() -> slab.kmalloc(size, Gfp.KERNEL))
                    .isInstanceOfSatisfying(
                            KernelException.class,
                            e -> assertThat(e.errno()).isEqualTo(Errno.ENOMEM));
        }
    }

    @Test
    void anObjectThatGrowsKeepsItsBytes() {
        long va = slab.kmalloc(16, Gfp.KERNEL);
        cpu.store64(va, 0x1122_3344_5566_7788L);
        assertThat(slab.krealloc(va, 12, Gfp.KERNEL)).isEqualTo(va);
        long moved = slab.krealloc(va, 300, Gfp.KERNEL);
        assertThat(cpu.load64(moved)).isEqualTo(0x1122_3344_5566_7788L);
        assertThatThrownBy(() -> slab.kfree(va)).isInstanceOf(IllegalArgumentException.class);
        assertThat(slab.krealloc(moved, 0, Gfp.KERNEL)).isEqualTo(Slab.ZERO_SIZE);
        assertThat(slab.ksize(slab.krealloc(0, 5, Gfp.KERNEL))).isEqualTo(8);
    }

    @Nested
    class AWrongFree {
        @Test
        void ofAFreeObjectIsRefused() {
            long other = slab.kmalloc(64, Gfp.KERNEL);
            long va = slab.kmalloc(64, Gfp.KERNEL);
            slab.kfree(va);
            assertThatThrownBy(() -> slab.kfree(va))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("0x" + Long.toHexString(va))
                    .hasMessageContaining("is free");
            slab.kfree(other);
        }

        @Test
        void ofALargeObjectFreedBeforeIsRefused() {
            long va = slab.kmalloc(10_000, Gfp.KERNEL);
            slab.kfree(va);
            assertThatThrownBy(() -> slab.kfree(va)).isInstanceOf(IllegalArgumentException.class);
        }

        @Test
        void ofTheMiddleOfAnObjectNamesItsStart() {
            long va = slab.kmalloc(96, Gfp.KERNEL);
            assertThatThrownBy(() -> slab.kfree(va + 8))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("0x" + Long.toHexString(va));
            long large = slab.kmalloc(10_000, Gfp.KERNEL);
            assertThatThrownBy(() -> slab.kfree(large + 4096))
                    .isInstanceOf(IllegalArgumentException.class);
        }

        @Test
        void ofMemoryFromElsewhereIsRefused() {
            long page = kernel.mm.pages().getFreePages(Gfp.KERNEL, 0);
            long virtual = kernel.mm.vmalloc().vmalloc(10);
            for (long va : new long[] {page, virtual, 64, -8, AddressLayout.LINEAR_BASE}) {
                assertThatThrownBy(() -> slab.kfree(va))
                        .isInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    @Test
    void anyOrderOfAllocationsAndFreesKeepsObjectsApartAndReturnsAllPages() {
        for (long seed = 1; seed <= 10; seed++) {
            exercise(Rng.named(seed, "kmalloc"), seed);
        }
    }

    private void exercise(Rng rng, long seed) {
        long pagesBefore = kernel.mm.pages().freePages(Zone.DMA);
        TreeMap<Long, Long> objects = new TreeMap<>();
        for (int step = 0; step < 5000; step++) {
            if (rng.nextInt(100) < 55) {
                long size = 1 + rng.nextInt(1 << (1 + rng.nextInt(15)));
                long va = slab.kmalloc(size, Gfp.KERNEL);
                long real = slab.sizeRoundup(size);
                assertThat(real).isGreaterThanOrEqualTo(size);
                var below = objects.floorEntry(va + real - 1);
                assertThat(below == null || below.getKey() + below.getValue() <= va)
                        .as("seed %d step %d: 0x%x overlaps %s", seed, step, va, below)
                        .isTrue();
                objects.put(va, real);
            } else if (!objects.isEmpty()) {
                List<Long> all = new ArrayList<>(objects.keySet());
                long va = all.get(rng.nextInt(all.size()));
                slab.kfree(va);
                objects.remove(va);
            }
        }
        objects.keySet().forEach(slab::kfree);
        // One empty block per cache may stay: 13 caches of at most 8 pages.
        assertThat(pagesBefore - kernel.mm.pages().freePages(Zone.DMA))
                .isLessThanOrEqualTo(13L * 8);
    }
}
