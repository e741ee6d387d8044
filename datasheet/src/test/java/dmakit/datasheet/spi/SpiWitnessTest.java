package dmakit.datasheet.spi;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.Witness;
import org.junit.jupiter.api.Test;

/** The table here against {@code spec/bcm2835-spi.txt}, transcribed apart. */
class SpiWitnessTest {
    @Test
    void everyFieldIsWhereTheManualHasIt() {
        assertThat(Witness.rows(SpiRegister.MAP.registers(), 3))
                .isEqualTo(Witness.lines("bcm2835-spi.txt"));
    }
}
