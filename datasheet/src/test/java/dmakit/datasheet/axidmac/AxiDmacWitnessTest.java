package dmakit.datasheet.axidmac;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.Witness;
import org.junit.jupiter.api.Test;

/** The tables here against {@code spec/axi-dmac*.txt}, transcribed apart. */
class AxiDmacWitnessTest {
    @Test
    void everyFieldIsWhereTheRegisterMapHasIt() {
        assertThat(Witness.rows(AxiDmacRegister.values(), 3))
                .isEqualTo(Witness.table("axi-dmac.txt"));
    }

    @Test
    void everyWordOfADescriptorIsWhereTheCoreReadsIt() {
        assertThat(Witness.rows(AxiDmacDescriptor.values(), 2))
                .isEqualTo(Witness.table("axi-dmac-descriptor.txt"));
    }
}
