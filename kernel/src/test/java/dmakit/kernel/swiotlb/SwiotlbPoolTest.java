package dmakit.kernel.swiotlb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.machine.random.Rng;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SwiotlbPoolTest {
    private static final int SLOT = SwiotlbPool.SLOT_BYTES;
    private static final int SEGMENT = SwiotlbPool.SEGMENT_SLOTS;
    private static final long START = 0x3c00_0000L;
    private static final long ANYWHERE = -1;

    private static SwiotlbPool pool(int slots, int areas) {
        return new SwiotlbPool("", START, slots, areas);
    }

    private static int take(SwiotlbPool pool, long bytes) {
        return pool.take(0, 0x8000_0000L, bytes, 0, 0, START, ANYWHERE);
    }

    private static void give(SwiotlbPool pool, int slot) {
        assertThat(pool.release(pool.addressOf(slot))).isTrue();
    }

    @Test
    void theNextRunIsLookedForBehindTheLast() {
        SwiotlbPool pool = pool(SEGMENT, 1);
        int first = take(pool, 1);
        int second = take(pool, 2 * SLOT - 1);
        give(pool, first);

        assertThat(first).isZero();
        assertThat(second).isEqualTo(1);
        assertThat(take(pool, 1)).isEqualTo(3);
    }

    @Test
    void theSearchWrapsAtTheEnd() {
        SwiotlbPool pool = pool(SEGMENT, 1);
        for (int i = 0; i < SEGMENT; i++) {
            assertThat(take(pool, 1)).isEqualTo(i);
        }
        give(pool, 5);
        assertThat(take(pool, 1)).isEqualTo(5);
        assertThat(take(pool, 1)).isEqualTo(SwiotlbPool.NONE);
    }

    @Test
    void runsNeverCrossTheBorderOfASegment() {
        SwiotlbPool pool = pool(2 * SEGMENT, 1);
        // Below a page, or the search would go page by page.
        for (int i = 0; i < SEGMENT - 1; i++) {
            take(pool, SLOT);
        }
        assertThat(take(pool, 2 * SLOT - 1)).isEqualTo(SEGMENT);
    }

    @Test
    void theLongestRunIsASegment() {
        SwiotlbPool pool = pool(2 * SEGMENT, 1);
        assertThat(take(pool, SwiotlbPool.SEGMENT_BYTES + 1)).isEqualTo(SwiotlbPool.NONE);
        assertThat(take(pool, SwiotlbPool.SEGMENT_BYTES)).isZero();
        assertThat(take(pool, SwiotlbPool.SEGMENT_BYTES)).isEqualTo(SEGMENT);
        assertThat(take(pool, 1)).isEqualTo(SwiotlbPool.NONE);
        assertThat(pool.usedCount()).isEqualTo(2 * SEGMENT);
    }

    @Test
    void aPageOrMoreStartsAtAPageUnlessAlignmentIsAskedFor() {
        SwiotlbPool pool = pool(SEGMENT, 1);
        take(pool, 1);
        assertThat(take(pool, 4095)).isEqualTo(1);
        assertThat(take(pool, 4096)).isEqualTo(4);
        assertThat(pool.take(0, 0x1234, 4096, 0, 0x7ff, START, ANYWHERE)).isEqualTo(6);
        assertThat(take(pool, 1)).isEqualTo(8);
        assertThat(pool.take(0, 0x1234, 4096, 0, 0x7ff, START, ANYWHERE)).isEqualTo(9);
    }

    @Test
    void anAlignmentOfTheRunIsKept() {
        SwiotlbPool pool = pool(SEGMENT, 1);
        take(pool, 1);
        assertThat(pool.take(0, 0x1234, 1, 0xffff, 0, START, ANYWHERE)).isEqualTo(32);
        assertThat(pool.take(0, 0x1234, 1, 0xffff, 0, START, ANYWHERE)).isEqualTo(64);
    }

    @Test
    void bitsOfTheOriginalThatTheDeviceWantsAreKept() {
        SwiotlbPool pool = pool(SEGMENT, 1);
        // 0x1800 of a mask of 0x1fff lies in slots; the rest inside of one.
        assertThat(pool.take(0, 0x4_1a34, 1, 0, 0x1fff, START, ANYWHERE)).isEqualTo(3);
        assertThat(pool.take(0, 0x4_0a34, 1, 0, 0x1fff, START, ANYWHERE)).isEqualTo(5);
        assertThat(pool.take(0, 0x4_1a34, 1, 0, 0x1fff, START, ANYWHERE)).isEqualTo(7);
    }

    @Test
    void runsDoNotCrossTheDevicesBoundary() {
        SwiotlbPool pool = pool(SEGMENT, 1);
        // 16 KiB: eight slots.
        take(pool, 6 * SLOT);
        assertThat(pool.take(0, 0x1000, 3 * SLOT, 0, 0, START, 0x3fff)).isEqualTo(8);
        assertThat(pool.take(0, 0x1000, 9 * SLOT, 0, 0, START, 0x3fff)).isEqualTo(SwiotlbPool.NONE);
        assertThat(pool.take(0, 0x1000, 8 * SLOT, 0, 0, START, 0x3fff)).isEqualTo(16);
    }

    @Test
    void theBoundaryIsOneOfBusAddresses() {
        SwiotlbPool pool = pool(SEGMENT, 1);
        // The bus shows the pool four slots behind a boundary of eight.
        assertThat(pool.take(0, 0x1000, 6 * SLOT, 0, 0, 0x2000, 0x3fff)).isEqualTo(4);
    }

    @Test
    void areasAreFilledOneAfterTheOtherFromTheOneAskedFor() {
        SwiotlbPool pool = pool(2 * SEGMENT, 2);
        assertThat(pool.take(1, 0x1000, SwiotlbPool.SEGMENT_BYTES, 0, 0, START, ANYWHERE))
                .isEqualTo(SEGMENT);
        assertThat(pool.take(1, 0x1000, 1, 0, 0, START, ANYWHERE)).isZero();
        assertThat(pool.usedIn(0)).isEqualTo(1);
        assertThat(pool.usedIn(1)).isEqualTo(SEGMENT);
        give(pool, SEGMENT);
        assertThat(pool.usedIn(1)).isZero();
    }

    @Test
    void aPoolThatIsNoMultipleOfASegmentUsesItsLastSlots() {
        SwiotlbPool pool = pool(SEGMENT + 3, 1);
        take(pool, SwiotlbPool.SEGMENT_BYTES);
        assertThat(take(pool, 3 * SLOT)).isEqualTo(SEGMENT);
        give(pool, SEGMENT);
        give(pool, 0);
        new Model(pool).check();
    }

    @Test
    void theHighestUseIsRememberedUntilItIsReset() {
        SwiotlbPool pool = pool(SEGMENT, 1);
        int first = take(pool, 5 * SLOT);
        give(pool, first);
        assertThat(pool.highestUsed()).isEqualTo(5);
        pool.resetHighestUsed();
        assertThat(pool.highestUsed()).isZero();
        take(pool, 1);
        assertThat(pool.highestUsed()).isEqualTo(1);
    }

    @Test
    void whereNoRunStartsNothingIsGivenBack() {
        SwiotlbPool pool = pool(SEGMENT, 1);
        int slot = take(pool, 3 * SLOT);
        assertThat(pool.release(pool.addressOf(slot + 1))).isFalse();
        assertThat(pool.release(pool.addressOf(slot + 3))).isFalse();
        give(pool, slot);
        assertThat(pool.release(pool.addressOf(slot))).isFalse();
        assertThat(pool.usedCount()).isZero();
    }

    @Test
    void aPoolHasWholeSegmentsInEachOfSeveralAreas() {
        assertThatThrownBy(() -> pool(3 * SEGMENT, 2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> pool(0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> pool(SwiotlbPool.SLOT_COUNT_MAX + 1, 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new SwiotlbPool("", START + 1024, SEGMENT, 1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void itHoldsItsOwnAddressesOnly() {
        SwiotlbPool pool = pool(SEGMENT, 1);
        assertThat(pool.holds(START - 1)).isFalse();
        assertThat(pool.holds(START)).isTrue();
        assertThat(pool.holds(START + pool.size() - 1)).isTrue();
        assertThat(pool.holds(START + pool.size())).isFalse();
        assertThat(pool.holds(-1)).isFalse();
    }

    /** The pool as a picture: which slot belongs to which run. */
    private static final class Model {
        private final SwiotlbPool pool;
        private final List<int[]> runs = new ArrayList<>();

        Model(SwiotlbPool pool) {
            this.pool = pool;
        }

        void check() {
            boolean[] taken = new boolean[pool.slotCount()];
            for (int[] run : runs) {
                assertThat(run[0] / SEGMENT)
                        .as("one segment")
                        .isEqualTo((run[0] + run[1] - 1) / SEGMENT);
                for (int slot = run[0]; slot < run[0] + run[1]; slot++) {
                    assertThat(taken[slot]).as("slot %d has one owner", slot).isFalse();
                    taken[slot] = true;
                }
            }
            int used = 0;
            int following = 0;
            for (int slot = pool.slotCount() - 1; slot >= 0; slot--) {
                following = slot % SEGMENT == SEGMENT - 1 ? 0 : following;
                following = taken[slot] ? 0 : following + 1;
                assertThat(pool.freeFrom(slot))
                        .as("free from slot %d on", slot)
                        .isEqualTo(following);
                used += taken[slot] ? 1 : 0;
                if (!taken[slot]) {
                    assertThat(pool.originOf(pool.addressOf(slot)))
                            .isEqualTo(SwiotlbPool.NO_ORIGIN);
                    assertThat(pool.lengthFrom(pool.addressOf(slot))).isZero();
                    assertThat(pool.runOf(slot)).isZero();
                    assertThat(pool.padOf(slot)).isZero();
                }
            }
            assertThat(pool.usedCount()).isEqualTo(used);
            int inAreas = 0;
            for (int area = 0; area < pool.areaCount(); area++) {
                inAreas += pool.usedIn(area);
            }
            assertThat(inAreas).isEqualTo(used);
        }

        /** Whether some run would do, by looking at all of them. */
        boolean hasPlace(
                int count, long orig, long zeroBits, long equalBits, long bus, long boundary) {
            for (int slot = 0; slot < pool.slotCount(); slot++) {
                long first = bus + (long) slot * SLOT;
                long last = first + (long) count * SLOT - 1;
                if (pool.freeFrom(slot) >= count
                        && (first & zeroBits) == 0
                        && ((first ^ orig) & equalBits) == 0
                        && ((first ^ last) & ~boundary) == 0) {
                    return true;
                }
            }
            return false;
        }
    }

    @Nested
    class RandomSequences {
        @ParameterizedTest
        @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
        void leakNoSlotAndKeepTheCountsOfFreeRuns(long seed) {
            Rng rng = new Rng(seed);
            int areas = 1 << rng.nextInt(2);
            SwiotlbPool pool = pool(areas * SEGMENT * 2, areas);
            Model model = new Model(pool);
            for (int step = 0; step < 600; step++) {
                if (model.runs.isEmpty() || rng.nextInt(100) < 60) {
                    takeSome(rng, pool, model);
                } else {
                    int[] run = model.runs.remove(rng.nextInt(model.runs.size()));
                    give(pool, run[2]);
                }
                model.check();
            }
            for (int[] run : model.runs) {
                give(pool, run[2]);
            }
            model.runs.clear();
            model.check();
            assertThat(pool.usedCount()).isZero();
        }

        private void takeSome(Rng rng, SwiotlbPool pool, Model model) {
            long orig = 0x4000_0000L + rng.nextInt(1 << 20);
            long minAlignMask = (1L << rng.nextInt(14)) - 1;
            long alignMask = rng.nextInt(4) == 0 ? 0xfff : 0;
            long boundary = rng.nextInt(3) == 0 ? 0xffff : ANYWHERE;
            long offset = orig & minAlignMask & (alignMask | (SLOT - 1));
            long size = 1 + rng.nextInt(rng.nextInt(5) == 0 ? 200_000 : 9_000);
            long bytes = (size + offset + alignMask) & ~alignMask;
            int area = rng.nextInt(4);
            int slot = pool.take(area, orig, bytes, alignMask, minAlignMask, START, boundary);
            int count = SwiotlbPool.slotsOf((int) bytes);
            boolean pages = alignMask == 0 && minAlignMask == 0 && bytes >= 4096;
            long zeroBits = pages ? 0xfff : alignMask | (SLOT - 1);
            if (slot == SwiotlbPool.NONE) {
                // By strides the search may miss what is there, but not where strides are slots.
                if ((zeroBits | minAlignMask) < SLOT) {
                    assertThat(model.hasPlace(count, orig, zeroBits, 0, START, boundary)).isFalse();
                }
                return;
            }
            long phys = pool.addressOf(slot);
            assertThat(phys & zeroBits).isZero();
            assertThat((phys ^ orig) & minAlignMask & ~zeroBits).isZero();
            assertThat((phys ^ (phys + (long) count * SLOT - 1)) & ~boundary).isZero();
            long at = pool.assign(slot, orig, offset);
            assertThat(at - phys).isEqualTo(offset);
            assertThat((at ^ orig) & minAlignMask).isZero();
            assertThat(pool.originOf(at)).isEqualTo(orig);
            model.runs.add(new int[] {slot, count, pool.slotOf(at)});
        }
    }
}
