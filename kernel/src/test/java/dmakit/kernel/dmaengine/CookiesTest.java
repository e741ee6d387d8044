package dmakit.kernel.dmaengine;

import static dmakit.kernel.dmaengine.DmaStatus.COMPLETE;
import static dmakit.kernel.dmaengine.DmaStatus.IN_PROGRESS;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CookiesTest {
    private static final int MAX = Integer.MAX_VALUE;

    @Test
    void countUpAndWrapToOne() {
        assertThat(Cookies.after(1)).isEqualTo(2);
        assertThat(Cookies.after(MAX - 1)).isEqualTo(MAX);
        assertThat(Cookies.after(MAX)).isEqualTo(1);
    }

    @Test
    void areCompleteUpToTheLastDoneOne() {
        assertThat(Cookies.isComplete(5, 5, 8)).isEqualTo(COMPLETE);
        assertThat(Cookies.isComplete(6, 5, 8)).isEqualTo(IN_PROGRESS);
        assertThat(Cookies.isComplete(8, 5, 8)).isEqualTo(IN_PROGRESS);
    }

    @Test
    void thatWereNeverGivenOutReadAsComplete() {
        assertThat(Cookies.isComplete(9, 5, 8)).isEqualTo(COMPLETE);
        assertThat(Cookies.isComplete(0, 5, 8)).isEqualTo(COMPLETE);
        assertThat(Cookies.isComplete(-16, 5, 8)).isEqualTo(COMPLETE);
    }

    @Test
    void keepTheirOrderAcrossTheWrap() {
        assertThat(Cookies.isComplete(MAX, MAX - 1, 2)).isEqualTo(IN_PROGRESS);
        assertThat(Cookies.isComplete(1, MAX - 1, 2)).isEqualTo(IN_PROGRESS);
        assertThat(Cookies.isComplete(2, MAX - 1, 2)).isEqualTo(IN_PROGRESS);
        assertThat(Cookies.isComplete(MAX - 1, MAX - 1, 2)).isEqualTo(COMPLETE);
        assertThat(Cookies.isComplete(3, MAX - 1, 2)).isEqualTo(COMPLETE);
    }

    @Test
    void thatAreNegativeAreErrors() {
        assertThat(Cookies.isError(-1)).isTrue();
        assertThat(Cookies.isError(1)).isFalse();
    }
}
