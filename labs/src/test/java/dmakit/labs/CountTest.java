package dmakit.labs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CountTest {
    @Test
    void onlyOneIsNoPlural() {
        assertThat(Count.of(0, "frame")).isEqualTo("0 frames");
        assertThat(Count.of(1, "frame")).isEqualTo("1 frame");
        assertThat(Count.of(2, "frame")).isEqualTo("2 frames");
    }
}
