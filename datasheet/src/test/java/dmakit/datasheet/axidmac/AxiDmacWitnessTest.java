package dmakit.datasheet.axidmac;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.Witness;
import org.junit.jupiter.api.Test;

/** The tables here against {@code spec/axi-dmac*.txt}, transcribed apart. */
class AxiDmacWitnessTest {
    @Test
    void everyFieldIsWhereTheRegisterMapHasIt() {
        assertThat(Witness.rows(AxiDmacRegister.MAP.registers(), 3))
                .isEqualTo(Witness.lines("axi-dmac.txt"));
    }

    @Test
    void everyWordOfADescriptorIsWhereTheCoreReadsIt() {
        assertThat(Witness.rows(AxiDmacDescriptor.MAP.registers(), 2))
                .isEqualTo(Witness.lines("axi-dmac-descriptor.txt"));
    }
}
