package dmakit.kernel.mm;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.machine.random.Rng;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class FreeBitsTest {
    @Test
    void answersTheLowestMemberOfAnySet() {
        for (int size : new int[] {1, 63, 64, 65, 4096, 4097, 300_000}) {
            Rng rng = Rng.named(size, "bits");
            FreeBits bits = new FreeBits(size);
            TreeSet<Integer> oracle = new TreeSet<>();
            for (int step = 0; step < 3000; step++) {
                int member = rng.nextInt(size);
                if (oracle.add(member)) {
                    bits.add(member);
                } else {
                    oracle.remove(member);
                    bits.remove(member);
                }
                assertThat(bits.has(member)).isEqualTo(oracle.contains(member));
                assertThat(bits.count()).isEqualTo(oracle.size());
                if (!oracle.isEmpty()) {
                    assertThat(bits.lowest()).isEqualTo(oracle.first());
                }
            }
        }
    }
}
