package dmakit.labs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccountTest {

    @ParameterizedTest
    @CsvSource({"879, 88", "874, 87", "0, 0", "1000, 100"})
    void theBusyShareIsRounded(long busyPs, int percent) {
        assertThat(account(busyPs).busyPercent()).isEqualTo(percent);
    }

    private static Account account(long busyPs) {
        return new Account(
                List.of(),
                "dma0chan0",
                "dma",
                List.of(),
                List.of(),
                0,
                0,
                0,
                1000,
                busyPs,
                List.of(),
                List.of());
    }
}
