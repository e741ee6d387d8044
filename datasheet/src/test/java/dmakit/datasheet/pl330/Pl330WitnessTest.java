package dmakit.datasheet.pl330;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.Witness;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The tables here against {@code spec/pl330.txt}, which was transcribed on its own. */
class Pl330WitnessTest {
    private static List<String> witness(String table) {
        return Witness.lines("pl330.txt", table);
    }

    @Test
    void registersOfTheControllerAgree() {
        assertThat(Witness.rows("control", Pl330Register.MAP.registers(), 3))
                .isEqualTo(witness("control"));
    }

    @Test
    void registersOfChannelsAgree() {
        assertThat(Witness.rows("status", Pl330StatusRegister.MAP.registers(), 3))
                .isEqualTo(witness("status"));
        assertThat(Witness.rows("channel", Pl330ChannelRegister.MAP.registers(), 3))
                .isEqualTo(witness("channel"));
    }

    @Test
    void instructionsAgree() {
        List<String> witness = witness("code");
        List<String> rows = new ArrayList<>();
        for (Pl330Instruction each : Pl330Instruction.values()) {
            String bits = witness.get(rows.size()).split(" ")[2];
            int fixed = Integer.parseInt(bits.replaceAll("[01]", "1").replaceAll("[a-z]", "0"), 2);
            int ones = Integer.parseInt(bits.replaceAll("[a-z]", "0"), 2);
            assertThat(each.mask()).as(each.name()).isEqualTo(fixed);
            assertThat(each.opcode()).as(each.name()).isEqualTo(ones);
            String threads =
                    (each.isForManager() ? "M" : "")
                            + (each.isForChannel() ? "C" : "")
                            + (each.isForDebug() ? "D" : "");
            rows.add("code " + each + " " + bits + " " + each.size() + " " + threads);
        }
        assertThat(rows).isEqualTo(witness);
    }

    @Test
    void everyOpcodeStandsForOneInstructionOrNone() {
        for (int opcode = 0; opcode < 256; opcode++) {
            Pl330Instruction found = Pl330Instruction.of((byte) opcode);
            if (found != null) {
                assertThat(opcode & found.mask()).isEqualTo(found.opcode());
            }
        }
        assertThat(Pl330Instruction.of((byte) 0x2b)).isEqualTo(Pl330Instruction.DMASTP);
        assertThat(Pl330Instruction.of((byte) 0x2c)).isEqualTo(Pl330Instruction.DMALPEND);
        assertThat(Pl330Instruction.of((byte) 0xff)).isNull();
    }

    @Test
    void theWitnessHoldsNothingElse() {
        assertThat(Witness.tables("pl330.txt"))
                .containsExactly("control", "status", "channel", "code");
    }
}
