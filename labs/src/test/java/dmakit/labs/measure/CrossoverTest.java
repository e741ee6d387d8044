package dmakit.labs.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CrossoverTest {
    private static final List<Integer> SIZES = List.of(16, 64, 256, 1024, 4096);

    private static Crossover find(LongUnaryOperator less, LongUnaryOperator more) {
        return Crossover.find("time", "DMA", "PIO", SIZES, 16, less, more);
    }

    @ParameterizedTest
    @ValueSource(longs = {32, 48, 64, 80, 240, 256, 272, 4080, 4096})
    void isTheLeastSizeAtWhichTheOneCurveIsBelowTheOther(long place) {
        Crossover found = find(_ -> 10 * place - 1, size -> 10 * size);
        assertThat(found)
                .isEqualTo(
                        new Crossover(
                                "time",
                                "DMA",
                                "PIO",
                                Crossover.Place.BETWEEN,
                                place,
                                10 * place - 1,
                                10 * place));
    }

    @Test
    void isBelowWhereItIsSoFromTheLeastSizeOn() {
        Crossover found = find(_ -> 1, size -> size);
        assertThat(found.place()).isEqualTo(Crossover.Place.BELOW);
        assertThat(found.fromBytes()).isZero();
    }

    @Test
    void isAboveWhereItIsSoAtNoSizeOrAtSmallOnesOnly() {
        assertThat(find(size -> size, _ -> 4096).place()).isEqualTo(Crossover.Place.ABOVE);
        assertThat(find(size -> size, size -> size).place()).isEqualTo(Crossover.Place.ABOVE);
    }

    @Test
    void isTheLastOneOfCurvesThatCrossAgainAndAgain() {
        Crossover found = find(size -> size == 256 ? 1000 : 10, size -> size == 4096 ? 20 : 15);
        assertThat(found.place()).isEqualTo(Crossover.Place.BETWEEN);
        assertThat(found.fromBytes()).isEqualTo(272);
    }
}
