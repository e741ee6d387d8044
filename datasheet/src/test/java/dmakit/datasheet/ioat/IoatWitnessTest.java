package dmakit.datasheet.ioat;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.Register;
import dmakit.datasheet.Witness;
import dmakit.datasheet.ioat.IoatChannelRegister.Status;
import dmakit.datasheet.ioat.IoatDescriptor.Op;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The tables here against {@code spec/ioat.txt}, which was transcribed on its own. */
class IoatWitnessTest {
    private static List<String> witness(String table) {
        return Witness.lines("ioat.txt", table);
    }

    private static List<String> rows(String table, List<? extends Register> registers) {
        return Witness.rows(
                registers,
                (register, field) ->
                        "%s %s 0x%02x %s"
                                .formatted(
                                        table,
                                        register.name(),
                                        register.offset(),
                                        Witness.bits(field)));
    }

    @Test
    void sharedRegistersAgree() {
        assertThat(rows("global", IoatRegister.MAP.registers())).isEqualTo(witness("global"));
    }

    @Test
    void channelsAgree() {
        assertThat(rows("channel", IoatChannelRegister.MAP.registers()))
                .isEqualTo(witness("channel"));
    }

    @Test
    void wordsOfTheDescriptorAgree() {
        assertThat(rows("word", IoatDescriptor.MAP.registers())).isEqualTo(witness("word"));
    }

    @Test
    void numbersAgree() {
        assertThat(Op.values())
                .extracting(op -> "op %s 0x%02x".formatted(op, op.code()))
                .isEqualTo(witness("op"));
        assertThat(Status.values())
                .extracting(status -> "status %s %d".formatted(status, status.ordinal()))
                .isEqualTo(witness("status"));
    }

    @Test
    void theWitnessHoldsNothingElse() {
        assertThat(Witness.tables("ioat.txt"))
                .containsExactly("global", "channel", "word", "op", "status");
    }
}
