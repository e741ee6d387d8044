package dmakit.datasheet.pl011;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.Witness;
import org.junit.jupiter.api.Test;

/** The table here against {@code spec/pl011.txt}, transcribed apart. */
class UartWitnessTest {
    @Test
    void everyFieldIsWhereTheManualHasIt() {
        assertThat(Witness.rows(UartRegister.MAP.registers(), 3))
                .isEqualTo(Witness.lines("pl011.txt"));
    }
}
