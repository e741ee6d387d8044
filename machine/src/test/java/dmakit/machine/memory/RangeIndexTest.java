package dmakit.machine.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RangeIndexTest {
    private final RangeIndex<String> index = new RangeIndex<>();

    private RangeIndex.Entry<String> add(String name, long start, long bytes, boolean marked) {
        var entry = new RangeIndex.Entry<>(name);
        index.add(entry, start, bytes, marked);
        return entry;
    }

    @Test
    void findsWhatHasAByteThere() {
        add("low", 0x1000, 0x1000, false);
        add("high", 0x1800, 0x10_0000, true);
        assertThat(index.overlapping(0xfff, 1)).isEmpty();
        assertThat(index.overlapping(0xfff, 2)).containsExactly("low");
        assertThat(index.overlapping(0x1fff, 1)).containsExactly("high", "low");
        assertThat(index.overlapping(0x2000, 0x2000)).containsExactly("high");
        assertThat(index.overlapping(0x1000, 0x1000, true)).containsExactly("high");
        assertThat(index.isTouched(0x1000, 1, true)).isFalse();
        assertThat(index.isTouched(0x1000, 1, false)).isTrue();
        assertThat(index.isTouched(0x10_17ff, 1, true)).isTrue();
        assertThat(index.isTouched(0x10_1800, 1, true)).isFalse();
    }

    @Test
    void ofTheSameStartTheLatestComesFirst() {
        add("first", 64, 64, false);
        add("second", 64, 8192, false);
        add("third", 64, 1, false);
        assertThat(index.overlapping(64, 1)).containsExactly("third", "second", "first");
        List<String> found = new ArrayList<>();
        index.startingAt(64, found);
        assertThat(found).containsExactlyInAnyOrder("first", "second", "third");
        index.startingAt(65, found);
        assertThat(found).isEmpty();
    }

    @Test
    void rangesMayEndAtTheTopOrGoPastIt() {
        add("top", -4096, 4096, false);
        add("past", -1, 4096, false);
        add("all", 0, -1, false);
        assertThat(index.overlapping(-1, 1)).containsExactly("past", "top");
        assertThat(index.overlapping(-2, 100)).containsExactly("past", "top", "all");
        assertThat(index.overlapping(5, 1)).containsExactly("all");
        assertThat(index.overlapping(0, -1)).contains("all", "top");
    }

    @Test
    void whatWasTakenOutMayComeAgainAsAnotherRange() {
        RangeIndex.Entry<String> entry = add("moves", 0x1ff0, 0x3000, true);
        assertThatThrownBy(() -> index.add(entry, 0, 1, false))
                .isInstanceOf(IllegalArgumentException.class);
        index.remove(entry);
        index.remove(entry);
        assertThat(index.count()).isZero();
        assertThat(index.overlapping(0, -1)).isEmpty();
        index.add(entry, 0x10, 0x10, false);
        assertThat(index.overlapping(0x1f, 1)).containsExactly("moves");
        assertThat(index.overlapping(0x2000, 1)).isEmpty();
    }

    private record Range(
            RangeIndex.Entry<Integer> entry, int name, long start, long bytes, boolean marked) {
        boolean touches(long at, long length) {
            return start < at + length && at < start + bytes;
        }
    }

    @Test
    void answersAsAListWouldThatIsSearchedWhole() {
        Random random = new Random(4);
        for (int round = 0; round < 20; round++) {
            var tested = new RangeIndex<Integer>();
            List<Range> model = new ArrayList<>();
            for (int step = 0; step < 1000; step++) {
                long start = random.nextLong(1L << random.nextInt(1, 44));
                long bytes = 1 + random.nextLong(1L << random.nextInt(1, 40));
                boolean marked = random.nextBoolean();
                if (random.nextInt(3) > 0) {
                    var range = new Range(new RangeIndex.Entry<>(step), step, start, bytes, marked);
                    tested.add(range.entry(), start, bytes, marked);
                    model.add(range);
                } else if (!model.isEmpty()) {
                    tested.remove(model.remove(random.nextInt(model.size())).entry());
                }
                List<Integer> expected =
                        model.stream()
                                .filter(range -> range.touches(start, bytes))
                                .filter(range -> range.marked() || !marked)
                                .sorted(
                                        Comparator.comparingLong(Range::start)
                                                .thenComparing(Range::name)
                                                .reversed())
                                .map(Range::name)
                                .toList();
                assertThat(tested.overlapping(start, bytes, marked)).isEqualTo(expected);
                assertThat(tested.isTouched(start, bytes, marked)).isEqualTo(!expected.isEmpty());
                assertThat(tested.count()).isEqualTo(model.size());
            }
        }
    }
}
