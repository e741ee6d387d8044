package dmakit.datasheet.plx;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.Witness;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The tables here against {@code spec/plx-dma.txt}, which was transcribed on its own. */
class PlxWitnessTest {
    @Test
    void registersAndDescriptorsAgree() {
        List<String> rows = new ArrayList<>();
        rows.addAll(Witness.rows(PlxRegister.MAP.registers(), 3));
        rows.addAll(Witness.rows(PlxDescriptor.MAP.registers(), 3));
        assertThat(rows).isEqualTo(Witness.lines("plx-dma.txt"));
    }
}
