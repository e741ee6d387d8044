package dmakit.datasheet.bcm2835;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.Register;
import dmakit.datasheet.Witness;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The tables here against {@code spec/bcm2835-dma.txt}, which was transcribed on its own. */
class DmaWitnessTest {
    private static List<String> witness(String table) {
        return Witness.lines("bcm2835-dma.txt", table);
    }

    @Test
    void fullChannelsAgree() {
        assertThat(Witness.rows("channel", DmaChannelRegister.MAP.registers(), 2))
                .isEqualTo(witness("channel"));
    }

    @Test
    void liteChannelsAgree() {
        assertThat(Witness.rows("lite", DmaLiteChannelRegister.MAP.registers(), 2))
                .isEqualTo(witness("lite"));
    }

    @Test
    void sharedRegistersAgree() {
        assertThat(Witness.rows("controller", DmaControllerRegister.MAP.registers(), 3))
                .isEqualTo(witness("controller"));
    }

    @Test
    void wordsOfTheControlBlockAgree() {
        assertThat(DmaControlBlock.MAP.registers())
                .extracting(word ->
                        "block %s 0x%02x 0x%08x - - - -"
                                .formatted(word.name(), word.offset(), word.reset()))
                .isEqualTo(witness("block"));
    }

    @Test
    void wordsOfTheControlBlockHoldWhatTheirRegistersHold() {
        for (DmaControlBlock word : DmaControlBlock.MAP.registers()) {
            if (word.fields().isEmpty()) {
                assertThat(word.name()).startsWith("RESERVED");
            } else {
                Register register = DmaChannelRegister.valueOf(word.name());
                assertThat(word.fields()).isEqualTo(register.fields());
            }
        }
    }

    @Test
    void requestLinesAgree() {
        assertThat(Dreq.values())
                .extracting(line -> "dreq " + line.name() + " " + line.permap() + " - - - - -")
                .isEqualTo(witness("dreq"));
    }

    @Test
    void theWitnessHoldsNothingElse() {
        assertThat(Witness.tables("bcm2835-dma.txt"))
                .containsExactly("channel", "lite", "controller", "block", "dreq");
    }
}
