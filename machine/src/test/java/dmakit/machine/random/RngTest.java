package dmakit.machine.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class RngTest {
    @Test
    void isSplitMix64() {
        Rng rng = new Rng(1_234_567);
        assertThat(Long.toUnsignedString(rng.nextLong())).isEqualTo("6457827717110365317");
        assertThat(Long.toUnsignedString(rng.nextLong())).isEqualTo("3203168211198807973");
        assertThat(Long.toUnsignedString(rng.nextLong())).isEqualTo("9817491932198370423");
    }

    @Test
    void streamsOfOneSeedDifferByName() {
        assertThat(Rng.named(1, "cache").nextLong())
                .isEqualTo(Rng.named(1, "cache").nextLong())
                .isNotEqualTo(Rng.named(1, "interrupts").nextLong())
                .isNotEqualTo(Rng.named(2, "cache").nextLong());
    }

    @Test
    void everyNumberBelowABoundComesAndNoneAbove() {
        Rng rng = new Rng(3);
        int[] seen = new int[7];
        for (int i = 0; i < 7000; i++) {
            seen[rng.nextInt(7)]++;
            assertThat(rng.nextLong(1L << 40)).isBetween(0L, (1L << 40) - 1);
        }
        for (int count : seen) {
            assertThat(count).isBetween(800, 1200);
        }
        assertThat(rng.nextInt(1)).isZero();
        assertThat(rng.nextInt(Integer.MAX_VALUE)).isNotNegative();
    }

    @Test
    void aBoundBelowOneIsRefused() {
        Rng rng = new Rng(3);
        assertThatThrownBy(() -> rng.nextInt(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> rng.nextLong(-1)).isInstanceOf(IllegalArgumentException.class);
    }
}
