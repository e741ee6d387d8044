package dmakit.datasheet.msgdma;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.Witness;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The tables here against {@code spec/msgdma.txt}, which was transcribed on its own. */
class MsgdmaWitnessTest {
    private static List<String> witness(String table) {
        return Witness.lines("msgdma.txt", table);
    }

    @Test
    void registersOfTheDispatcherAgree() {
        assertThat(Witness.rows("csr", MsgdmaCsr.MAP.registers(), 2)).isEqualTo(witness("csr"));
    }

    @Test
    void wordsOfADescriptorAgree() {
        assertThat(Witness.rows("descriptor", MsgdmaDescriptor.MAP.registers(), 2))
                .isEqualTo(witness("descriptor"));
    }

    @Test
    void wordsOfAResponseAgree() {
        assertThat(Witness.rows("response", MsgdmaResponse.MAP.registers(), 2))
                .isEqualTo(witness("response"));
    }

    @Test
    void theWitnessHoldsNothingElse() {
        assertThat(Witness.tables("msgdma.txt")).containsExactly("csr", "descriptor", "response");
    }
}
