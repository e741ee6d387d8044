package dmakit.kernel.iommu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class IovaDomainTest {
    private static final long PAGE = 4096;
    private static final long LIMIT_32 = 0xffff_ffffL;
    private static final long LIMIT_64 = -1;

    private final IovaDomain domain = new IovaDomain(12, 0);

    private long take(long size) {
        return domain.take(size, LIMIT_32, true);
    }

    @Nested
    class Order {
        @Test
        void pagesComeFromTheTopDown() {
            assertThat(take(PAGE)).isEqualTo(0xffff_f000L);
            assertThat(take(PAGE)).isEqualTo(0xffff_e000L);
            assertThat(take(PAGE)).isEqualTo(0xffff_d000L);
        }

        @Test
        void aRangeIsAlignedToThePowerOfTwoThatHoldsIt() {
            assertThat(take(PAGE)).isEqualTo(0xffff_f000L);
            assertThat(take(64 * PAGE)).isEqualTo(0xfff8_0000L);
            assertThat(take(65 * PAGE)).isEqualTo(0xfff0_0000L);
        }

        @Test
        void upTo31PagesAreRoundedUpSoThatTheyCanBeKept() {
            assertThat(take(3 * PAGE)).isEqualTo(0xffff_c000L);
            assertThat(take(PAGE)).isEqualTo(0xffff_b000L);
            assertThat(take(33 * PAGE)).isEqualTo(0xfffc_0000L);
        }

        @Test
        void aHoleBesideALargeRangeIsNotUsedBeforeTheHintComesBack() {
            long large = take(64 * PAGE);
            assertThat(large).isEqualTo(0xfffc_0000L);
            long small = take(33 * PAGE);
            assertThat(small).isEqualTo(0xfff8_0000L);
            // 31 pages above it are free, and stay so: the search begins at the last range taken.
            assertThat(take(PAGE)).isEqualTo(0xfff7_f000L);
            domain.give(large, 64 * PAGE);
            assertThat(take(64 * PAGE)).isEqualTo(large);
        }

        @Test
        void theSameAddressComesBack() {
            long first = take(PAGE);
            long second = take(PAGE);
            domain.give(first, PAGE);
            assertThat(take(PAGE)).isEqualTo(first);
            domain.give(second, PAGE);
            domain.give(first, PAGE);
            assertThat(take(PAGE)).isEqualTo(first);
            assertThat(take(PAGE)).isEqualTo(second);
        }

        @Test
        void keptAddressesBeyondTheLimitArePassedOver() {
            long high = domain.take(PAGE, LIMIT_64, true);
            assertThat(high).isEqualTo(-PAGE);
            long low = take(PAGE);
            domain.give(low, PAGE);
            domain.give(high, PAGE);
            assertThat(take(PAGE)).isEqualTo(low);
            assertThat(take(PAGE)).isEqualTo(low - PAGE);
            assertThat(domain.take(PAGE, LIMIT_64, true)).isEqualTo(high);
        }

        @Test
        void a32BitSearchHasAHintOfItsOwn() {
            assertThat(domain.take(PAGE, LIMIT_64, true)).isEqualTo(-PAGE);
            assertThat(take(PAGE)).isEqualTo(0xffff_f000L);
            assertThat(domain.take(PAGE, LIMIT_64, true)).isEqualTo(-2 * PAGE);
            assertThat(take(PAGE)).isEqualTo(0xffff_e000L);
        }

        @Test
        void theLimitIsInclusive() {
            assertThat(domain.take(PAGE, 0x00ff_ffffL, true)).isEqualTo(0x00ff_f000L);
            assertThat(domain.take(PAGE, 0x00ff_fffeL, true)).isEqualTo(0x00ff_e000L);
        }
    }

    @Nested
    class Reserved {
        @Test
        void isNeverGivenAway() {
            domain.reserve(0xffff_0000L, 0xffff_ffffL);
            assertThat(take(PAGE)).isEqualTo(0xfffe_f000L);
        }

        @Test
        void mayOverlapAndTouch() {
            domain.reserve(0x1000, 0x1fff);
            domain.reserve(0x4000, 0x5fff);
            domain.reserve(0x0, 0x8fff);
            for (long at = 0; at < 0x9000; at += PAGE) {
                assertThat(domain.isTaken(at)).isTrue();
            }
            assertThat(domain.isTaken(0x9000)).isFalse();
            domain.reserve(0x2345, 0xa001);
            assertThat(domain.isTaken(0xa000)).isTrue();
            assertThat(domain.isTaken(0xb000)).isFalse();
        }

        @Test
        void upToTheTopOf64Bits() {
            domain.reserve(0x1_0000_0000L, -1);
            assertThat(domain.take(PAGE, LIMIT_64, true)).isEqualTo(0xffff_f000L);
        }
    }

    @Nested
    class Exhaustion {
        @Test
        void addressZeroIsNeverGivenAway() {
            assertThat(domain.take(PAGE, 2 * PAGE - 1, true)).isEqualTo(PAGE);
            assertThat(domain.take(PAGE, 2 * PAGE - 1, true)).isEqualTo(IovaDomain.NONE);
        }

        @Test
        void whatIsKeptInOtherSizesIsGivenUp() {
            long limit = 64 * PAGE - 1;
            List<Long> pages = new ArrayList<>();
            for (long iova; (iova = domain.take(PAGE, limit, true)) != IovaDomain.NONE; ) {
                pages.add(iova);
            }
            assertThat(pages).hasSize(63);
            pages.forEach(iova -> domain.give(iova, PAGE));
            assertThat(domain.take(32 * PAGE, limit, false)).isEqualTo(IovaDomain.NONE);
            assertThat(domain.take(32 * PAGE, limit, true)).isEqualTo(32 * PAGE);
        }

        @Test
        void asLargeAsWhatWasRefusedIsRefusedAtOnceUntilSomethingComesBack() {
            domain.reserve(0, LIMIT_32);
            domain.take(PAGE, LIMIT_64, true);
            assertThat(take(64 * PAGE)).isEqualTo(IovaDomain.NONE);
            assertThat(take(PAGE)).isEqualTo(IovaDomain.NONE);
        }

        @Test
        void aSizeBeyondTheSpaceIsRefused() {
            assertThat(take(1L << 32)).isEqualTo(IovaDomain.NONE);
            assertThat(domain.take(Long.MAX_VALUE & -PAGE, (1L << 48) - 1, true))
                    .isEqualTo(IovaDomain.NONE);
            assertThat(take(1L << 31)).isEqualTo(0x8000_0000L);
            assertThat(take(1L << 31)).isEqualTo(IovaDomain.NONE);
        }

        @Test
        void thereAreOnlySoManyRanges() {
            IovaRanges ranges = new IovaRanges(1, 1 << 20, 3);
            assertThat(ranges.reserve(5, 6)).isTrue();
            assertThat(ranges.take(1, 1 << 20)).isEqualTo((1 << 20) - 1);
            assertThat(ranges.take(1, 1 << 20)).isEqualTo((1 << 20) - 2);
            assertThat(ranges.take(1, 1 << 20)).isEqualTo(IovaRanges.NONE);
            assertThat(ranges.reserve(100, 200)).isFalse();
            assertThat(ranges.give((1 << 20) - 1)).isTrue();
            assertThat(ranges.take(1, 1 << 20)).isEqualTo((1 << 20) - 1);
        }
    }

    @Nested
    class Caches {
        @Test
        void holdTwoMagazinesThenTheDepotGrows() {
            List<Boolean> grown = new ArrayList<>();
            domain.onDepotGrown(() -> grown.add(true));
            int count = IovaCache.MAGAZINE_SIZE * 4;
            List<Long> taken = new ArrayList<>();
            for (int i = 0; i <= count; i++) {
                taken.add(take(PAGE));
            }
            taken.forEach(iova -> domain.give(iova, PAGE));
            assertThat(grown).as("times the depot had more than one magazine").hasSize(2);
            assertThat(domain.rangeCount()).isEqualTo(count + 1);
            assertThat(domain.trimDepots()).as("more to trim").isTrue();
            assertThat(domain.rangeCount()).isEqualTo(count + 1 - IovaCache.MAGAZINE_SIZE);
            assertThat(domain.trimDepots()).as("more to trim").isFalse();
            assertThat(domain.rangeCount()).isEqualTo(count + 1 - 2 * IovaCache.MAGAZINE_SIZE);
        }

        @Test
        void giveTheNewestFirstAcrossMagazines() {
            int count = IovaCache.MAGAZINE_SIZE * 3 + 5;
            List<Long> taken = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                taken.add(take(PAGE));
            }
            taken.forEach(iova -> domain.give(iova, PAGE));
            int last = count - 1;
            for (int i = 0; i < 5; i++) {
                assertThat(take(PAGE)).isEqualTo(taken.get(last - i));
            }
            List<Long> rest = new ArrayList<>();
            for (int i = 5; i < count; i++) {
                rest.add(take(PAGE));
            }
            assertThat(rest).containsExactlyInAnyOrderElementsOf(taken.subList(0, count - 5));
            assertThat(domain.rangeCount()).isEqualTo(count);
        }
    }

    /** Random traffic against a plain map; a refusal must mean that there is no place. */
    @Nested
    class Model {
        private record Range(long iova, long size) {}

        private void run(long seed, long limit, long sizeMax, int steps) {
            SplittableRandom random = new SplittableRandom(seed);
            IovaDomain tested = new IovaDomain(12, 0);
            TreeMap<Long, Long> reserved = new TreeMap<>();
            for (int i = 0; i < 4; i++) {
                long start = random.nextLong(limit) & -PAGE;
                long last = start + PAGE * random.nextInt(1, 20) - 1;
                tested.reserve(start, last);
                reserved.merge(start, last, Math::max);
            }
            TreeMap<Long, Long> live = new TreeMap<>();
            List<Range> order = new ArrayList<>();
            for (int step = 0; step < steps; step++) {
                if (order.isEmpty() || random.nextInt(100) < 55) {
                    long size = PAGE * random.nextInt(1, (int) (sizeMax / PAGE) + 1);
                    long iova = tested.take(size, limit, true);
                    if (iova == IovaDomain.NONE) {
                        assertThat(hasPlace(live, reserved, rounded(size), limit))
                                .as("seed %d step %d: a place for 0x%x", seed, step, size)
                                .isFalse();
                        continue;
                    }
                    check(
                            live,
                            reserved,
                            iova,
                            size,
                            limit,
                            "seed %d step %d".formatted(seed, step));
                    live.put(iova, iova + rounded(size) - 1);
                    order.add(new Range(iova, size));
                } else {
                    Range gone = order.remove(random.nextInt(order.size()));
                    live.remove(gone.iova());
                    tested.give(gone.iova(), gone.size());
                    if (random.nextInt(50) == 0) {
                        tested.trimDepots();
                    }
                }
            }
            for (Range range : order) {
                tested.give(range.iova(), range.size());
            }
        }

        private static long rounded(long size) {
            long frames = size / PAGE;
            return frames >= 32 ? size : PAGE * alignment(frames);
        }

        private static long alignment(long frames) {
            return frames == 1 ? 1 : Long.highestOneBit(frames - 1) << 1;
        }

        private void check(
                TreeMap<Long, Long> live,
                TreeMap<Long, Long> reserved,
                long iova,
                long size,
                long limit,
                String what) {
            long last = iova + rounded(size) - 1;
            assertThat(iova).as(what).isPositive();
            assertThat(last).as(what).isLessThanOrEqualTo(limit);
            assertThat(iova % (PAGE * alignment(size / PAGE))).as(what).isZero();
            assertThat(overlaps(live, iova, last)).as(what + " overlaps").isFalse();
            assertThat(overlaps(reserved, iova, last)).as(what + " reserved").isFalse();
        }

        private static boolean overlaps(TreeMap<Long, Long> ranges, long first, long last) {
            for (Map.Entry<Long, Long> range : ranges.headMap(last, true).entrySet()) {
                if (range.getValue() >= first) {
                    return true;
                }
            }
            return false;
        }

        private static boolean hasPlace(
                TreeMap<Long, Long> live, TreeMap<Long, Long> reserved, long size, long limit) {
            long align = PAGE * alignment(size / PAGE);
            for (long at = align; at + size - 1 <= limit; at += align) {
                if (!overlaps(live, at, at + size - 1) && !overlaps(reserved, at, at + size - 1)) {
                    return true;
                }
            }
            return false;
        }

        @Test
        void aSmallSpaceThatIsAlwaysFull() {
            for (long seed = 1; seed <= 200; seed++) {
                run(seed, 256 * PAGE - 1, 40 * PAGE, 400);
            }
        }

        @Test
        void aTinySpaceOfSinglePages() {
            for (long seed = 1; seed <= 50; seed++) {
                run(seed, 16 * PAGE - 1, PAGE, 300);
            }
        }

        @Test
        void a32BitSpaceOfManySizes() {
            for (long seed = 1; seed <= 20; seed++) {
                run(seed, LIMIT_32, 200 * PAGE, 2000);
            }
        }

        @Test
        void aSpaceBeyond32Bits() {
            for (long seed = 1; seed <= 20; seed++) {
                run(seed, (1L << 40) - 1, 200 * PAGE, 2000);
            }
        }
    }
}
