package dmakit.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HalvesTest {
    private static final long VALUE = 0x8123_4567_89ab_cdefL;

    @Test
    void bothHalvesMakeTheValueAgain() {
        assertThat(Halves.low(VALUE)).isEqualTo(0x89ab_cdef);
        assertThat(Halves.high(VALUE)).isEqualTo(0x8123_4567);
        assertThat(Halves.join(Halves.low(VALUE), Halves.high(VALUE))).isEqualTo(VALUE);
    }

    @Test
    void aHalfWithItsTopBitSetLeavesTheOtherAsItIs() {
        assertThat(Halves.withLow(VALUE, 0xffff_fffe)).isEqualTo(0x8123_4567_ffff_fffeL);
        assertThat(Halves.withHigh(VALUE, 0xffff_fffe)).isEqualTo(0xffff_fffe_89ab_cdefL);
    }
}
