package dmakit.datasheet.i2s;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.Witness;
import org.junit.jupiter.api.Test;

/** The table here against {@code spec/bcm2835-pcm.txt}, transcribed apart. */
class PcmWitnessTest {
    @Test
    void everyFieldIsWhereTheManualHasIt() {
        assertThat(Witness.rows(PcmRegister.MAP.registers(), 2))
                .isEqualTo(Witness.lines("bcm2835-pcm.txt"));
    }
}
