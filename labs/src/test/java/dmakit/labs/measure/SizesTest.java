package dmakit.labs.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SizesTest {

    @ParameterizedTest
    @CsvSource({"16, 16 B", "1008, 1008 B", "1024, 1 KiB", "1040, 1040 B", "4194304, 4 MiB"})
    void areWrittenInTheLargestUnitThatIsWhole(long bytes, String text) {
        assertThat(Sizes.text(bytes)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"0, false", "8, false", "16, true", "17, false", "4194304, true", "4194320, false"})
    void areMultiplesOfSixteenUpToFourMebibytes(long bytes, boolean valid) {
        assertThat(Sizes.isValid(bytes)).isEqualTo(valid);
    }

    @Test
    void ascendAndAreNotTooMany() {
        Sizes.check(Sizes.usual());
        Sizes.check(IntStream.rangeClosed(1, 32).mapToObj(i -> 16 * i).toList());
        assertThatThrownBy(() ->
                        Sizes.check(IntStream.rangeClosed(1, 33).mapToObj(i -> 16 * i).toList()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("33 sizes");
        assertThatThrownBy(() -> Sizes.check(List.of()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Sizes.check(List.of(32, 16)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("size 16 after 32");
    }
}
