package dmakit.kernel.mm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.MemoryFixture;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.memory.Ram;
import dmakit.machine.random.Rng;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class PageAllocatorTest {
    private static final long PAGE = 4096;
    private static final long GIB = 1L << 30;

    private final MemoryFixture kernel = MemoryFixture.nonCoherent();
    private final PageAllocator pages = kernel.mm.pages();

    @AfterEach
    void close() {
        kernel.close();
    }

    @Test
    void aBlockIsAlignedToItsSize() {
        for (int order = 0; order <= PageAllocator.ORDER_MAX; order++) {
            long phys = pages.allocPages(Gfp.KERNEL, order);
            assertThat(phys % (PAGE << order)).isZero();
            assertThat(pages.allocatedOrder(phys)).isEqualTo(order);
        }
    }

    @Test
    void anOrderAboveTheLargestIsRefusedAndLogged() {
        assertThatThrownBy(() -> pages.allocPages(Gfp.KERNEL, PageAllocator.ORDER_MAX + 1))
                .isInstanceOfSatisfying(
                        KernelException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOMEM));
        assertThat(kernel.lines())
                .last()
                .asString()
                .isEqualTo(
                        "swapper/0: page allocation failure: order:11, mode:0xcc0,"
                                + " nodemask=(null)");
    }

    @Test
    void aRefusalThatShallBeSilentIs() {
        int before = kernel.lines().size();
        assertThat(pages.take(Gfp.KERNEL.with(Gfp.NOWARN), 11)).isEqualTo(PageAllocator.NONE);
        assertThat(kernel.lines()).hasSize(before);
    }

    @Test
    void theOrderOfASizeIsTheSmallestThatHoldsIt() {
        assertThat(PageAllocator.orderFor(1)).isZero();
        assertThat(PageAllocator.orderFor(4096)).isZero();
        assertThat(PageAllocator.orderFor(4097)).isEqualTo(1);
        assertThat(PageAllocator.orderFor(3 * 4096)).isEqualTo(2);
        assertThat(PageAllocator.orderFor(4 << 20)).isEqualTo(10);
        assertThat(PageAllocator.orderFor((4 << 20) + 1)).isEqualTo(11);
        assertThat(PageAllocator.orderFor(0)).isEqualTo(52);
    }

    @Test
    void zeroedPagesAreZero() {
        long phys = pages.allocPages(Gfp.KERNEL, 1);
        kernel.machine.cpu().fill(AddressLayout.LINEAR_BASE + phys, 2 * PAGE, (byte) 0x55);
        pages.freePages(phys, 1);
        assertThat(pages.allocPages(Gfp.KERNEL.with(Gfp.ZERO), 1)).isEqualTo(phys);
        byte[] content = new byte[(int) (2 * PAGE)];
        kernel.machine.cpu().load(AddressLayout.LINEAR_BASE + phys, content, 0, content.length);
        assertThat(content).containsOnly(0);
    }

    @Nested
    class AWrongFree {
        @Test
        void ofAFreeBlockIsRefused() {
            long phys = pages.allocPages(Gfp.KERNEL, 2);
            pages.freePages(phys, 2);
            assertThatThrownBy(() -> pages.freePages(phys, 2))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("0x" + Long.toHexString(phys))
                    .hasMessageContaining("freed before");
        }

        @Test
        void withAnotherOrderIsRefusedWithBothValues() {
            long phys = pages.allocPages(Gfp.KERNEL, 2);
            assertThatThrownBy(() -> pages.freePages(phys, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("allocated with order 2, freed with order 1");
        }

        @Test
        void ofAPageInsideOfABlockOrOutsideOfRamIsRefused() {
            long phys = pages.allocPages(Gfp.KERNEL, 2);
            assertThatThrownBy(() -> pages.freePages(phys + PAGE, 0))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> pages.freePages(1L << 40, 0))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> pages.freePages(-PAGE, 0))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> pages.freePages(phys + 1, 2))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aZoneThatIsEmptyFallsBackToALowerOneAndNeverToAHigherOne() {
        try (MemoryFixture big =
                MemoryFixture.with(GIB - 1, new Ram.Bank(0, 2 * GIB), new Ram.Bank(4 * GIB, GIB))) {
            PageAllocator allocator = big.mm.pages();
            assertThat(allocator.allocPages(Gfp.KERNEL, 0)).isGreaterThanOrEqualTo(4 * GIB);
            assertThat(allocator.allocPages(Gfp.KERNEL.with(Gfp.DMA32), 0)).isBetween(GIB, 2 * GIB);
            assertThat(allocator.allocPages(Gfp.KERNEL.with(Gfp.DMA), 0)).isLessThan(GIB);
            Gfp silent = Gfp.KERNEL.with(Gfp.NOWARN);
            while (allocator.freePages(Zone.NORMAL) >= 1024) {
                allocator.take(silent, 10);
            }
            assertThat(allocator.take(silent, 10)).isBetween(GIB, 2 * GIB);
            while (allocator.freeBlocks(Zone.DMA, 10) > 0) {
                allocator.take(silent.with(Gfp.DMA), 10);
            }
            assertThat(allocator.take(silent.with(Gfp.DMA), 10)).isEqualTo(PageAllocator.NONE);
            assertThat(allocator.freeBlocks(Zone.DMA32, 10)).isPositive();
        }
    }

    @Test
    void blocksDoNotMergeAcrossBanks() {
        try (MemoryFixture two =
                MemoryFixture.with(
                        -1,
                        new Ram.Bank(0, (64 << 20) - PAGE),
                        new Ram.Bank((64 << 20) - PAGE, 64 << 20))) {
            PageAllocator allocator = two.mm.pages();
            long before = allocator.freePages(Zone.DMA);
            List<Long> taken = new ArrayList<>();
            Gfp silent = Gfp.KERNEL.with(Gfp.NOWARN);
            for (long phys; (phys = allocator.take(silent, 0)) != PageAllocator.NONE; ) {
                taken.add(phys);
            }
            assertThat(taken).hasSize((int) before).doesNotHaveDuplicates();
            taken.forEach(phys -> allocator.give(phys, 0));
            assertThat(allocator.freePages(Zone.DMA)).isEqualTo(before);
            for (long phys; (phys = allocator.take(silent, 10)) != PageAllocator.NONE; ) {
                assertThat(two.machine.ram().offsetOf(phys, 4 << 20)).isNotEqualTo(Ram.NOT_RAM);
                assertThat(phys < (64 << 20) - PAGE)
                        .isEqualTo(phys + (4 << 20) <= (64 << 20) - PAGE);
            }
        }
    }

    @Test
    void reservedMemoryIsNeverGivenOut() {
        List<Memblock.Reservation> reserved = kernel.mm.memblock().reservations();
        Gfp silent = Gfp.KERNEL.with(Gfp.NOWARN);
        for (int order = PageAllocator.ORDER_MAX; order >= 0; order--) {
            for (long phys; (phys = pages.take(silent, order)) != PageAllocator.NONE; ) {
                for (Memblock.Reservation range : reserved) {
                    assertThat(phys + (PAGE << order) <= range.start() || phys >= range.end())
                            .as("%x order %d against %s", phys, order, range)
                            .isTrue();
                }
            }
        }
        assertThat(pages.freePages(Zone.DMA)).isZero();
    }

    @Test
    void anyOrderOfAllocationsAndFreesKeepsBlocksApartAndLosesNone() {
        for (long seed = 1; seed <= 20; seed++) {
            try (MemoryFixture small = MemoryFixture.with(-1, new Ram.Bank(0x10_0000, 48 << 20))) {
                exercise(small.mm.pages(), seed);
            }
        }
    }

    /** Against a map of taken ranges as oracle. */
    private static void exercise(PageAllocator allocator, long seed) {
        Rng rng = Rng.named(seed, "buddy");
        Gfp silent = Gfp.KERNEL.with(Gfp.NOWARN);
        long total = allocator.freePages(Zone.DMA);
        int[] blocks = new int[PageAllocator.ORDER_MAX + 1];
        for (int order = 0; order < blocks.length; order++) {
            blocks[order] = allocator.freeBlocks(Zone.DMA, order);
        }
        TreeMap<Long, Integer> taken = new TreeMap<>();
        long takenPages = 0;
        for (int step = 0; step < 4000; step++) {
            int order = Math.min(rng.nextInt(8), rng.nextInt(11));
            if (rng.nextInt(100) < 55) {
                long phys = allocator.take(silent, order);
                if (phys == PageAllocator.NONE) {
                    continue;
                }
                var below = taken.floorEntry(phys + (PAGE << order) - 1);
                assertThat(below == null || below.getKey() + (PAGE << below.getValue()) <= phys)
                        .as(
                                "seed %d step %d: %x order %d overlaps %s",
                                seed, step, phys, order, below)
                        .isTrue();
                taken.put(phys, order);
                takenPages += 1L << order;
            } else if (!taken.isEmpty()) {
                long key = new ArrayList<>(taken.keySet()).get(rng.nextInt(taken.size()));
                int was = taken.remove(key);
                allocator.give(key, was);
                takenPages -= 1L << was;
            }
            assertThat(allocator.freePages(Zone.DMA)).isEqualTo(total - takenPages);
        }
        taken.forEach(allocator::give);
        for (int order = 0; order < blocks.length; order++) {
            assertThat(allocator.freeBlocks(Zone.DMA, order))
                    .as("seed %d: free blocks of order %d", seed, order)
                    .isEqualTo(blocks[order]);
        }
    }

    @Test
    void theSameRequestsGetTheSamePages() {
        List<Long> first = some(pages);
        try (MemoryFixture again = MemoryFixture.nonCoherent()) {
            assertThat(some(again.mm.pages())).isEqualTo(first);
        }
    }

    private static List<Long> some(PageAllocator allocator) {
        List<Long> got = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            got.add(allocator.take(Gfp.KERNEL, i % 5));
            if (i % 3 == 0) {
                allocator.give(got.get(i), i % 5);
            }
        }
        return got;
    }

    @Test
    void aPageOfTheLinearMapIsFreedByItsAddress() {
        long free = pages.freePages(Zone.DMA);
        long va = pages.getFreePages(Gfp.KERNEL, 3);
        assertThat(AddressLayout.isLinear(va)).isTrue();
        pages.freePagesAt(va, 3);
        pages.freePagesAt(0, 3);
        assertThat(pages.freePages(Zone.DMA)).isEqualTo(free);
    }
}
