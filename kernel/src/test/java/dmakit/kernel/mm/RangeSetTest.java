package dmakit.kernel.mm;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.machine.random.Rng;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class RangeSetTest {
    private static final int END = 200;

    private final RangeSet set = new RangeSet();

    @Test
    void neighboursThatTouchAreOne() {
        set.add(10, 20);
        set.add(30, 40);
        set.add(20, 30);
        assertThat(set.ranges()).isEqualTo(List.of(new RangeSet.Range(10, 40)));
        set.remove(15, 16);
        assertThat(set.ranges())
                .isEqualTo(List.of(new RangeSet.Range(10, 15), new RangeSet.Range(16, 40)));
        assertThat(set.overlap(0, 20)).isEqualTo(9);
    }

    @Test
    void anyOrderOfAdditionsAndRemovalsIsThatOfABitSet() {
        for (long seed = 1; seed <= 50; seed++) {
            Rng rng = Rng.named(seed, "ranges");
            RangeSet ranges = new RangeSet();
            BitSet bits = new BitSet(END);
            for (int step = 0; step < 100; step++) {
                int start = rng.nextInt(END - 1);
                int end = start + 1 + rng.nextInt(END - start - 1);
                if (rng.oneIn(2)) {
                    ranges.add(start, end);
                    bits.set(start, end);
                } else {
                    ranges.remove(start, end);
                    bits.clear(start, end);
                }
                assertThat(ranges.overlap(0, END))
                        .as("seed %d step %d", seed, step)
                        .isEqualTo(bits.cardinality());
                long last = -1;
                for (RangeSet.Range range : ranges.ranges()) {
                    assertThat(range.start()).isGreaterThan(last);
                    assertThat(bits.nextClearBit((int) range.start())).isEqualTo((int) range.end());
                    last = range.end();
                }
            }
        }
    }
}
