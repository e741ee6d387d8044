package dmakit.datasheet.pl330;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The tables here against {@code spec/pl330.txt}, which was transcribed on its own. */
class Pl330WitnessTest {
    private static final List<String> WITNESS = read();

    private static List<String> read() {
        Path root = Path.of(System.getProperty("dmakit.root"));
        try {
            return Files.readAllLines(root.resolve("spec/pl330.txt")).stream()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.replaceAll(" +", " "))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> witness(String table) {
        return WITNESS.stream().filter(line -> line.startsWith(table + " ")).toList();
    }

    private static List<String> rows(String table, List<? extends Register> registers) {
        List<String> rows = new ArrayList<>();
        for (Register register : registers) {
            for (Field field : register.fields()) {
                Bits bits = field.bits();
                rows.add(
                        String.format(
                                "%s %s 0x%03x 0x%08x %s %d %d %s",
                                table,
                                register.name(),
                                register.offset(),
                                register.reset(),
                                field.name(),
                                bits.msb(),
                                bits.lsb(),
                                bits.access()));
            }
        }
        return rows;
    }

    @Test
    void registersOfTheControllerAgree() {
        assertThat(rows("control", Pl330Register.MAP.registers())).isEqualTo(witness("control"));
    }

    @Test
    void registersOfChannelsAgree() {
        assertThat(rows("status", Pl330StatusRegister.MAP.registers()))
                .isEqualTo(witness("status"));
        assertThat(rows("channel", Pl330ChannelRegister.MAP.registers()))
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
        int known = 0;
        for (String table : List.of("control", "status", "channel", "code")) {
            known += witness(table).size();
        }
        assertThat(WITNESS).hasSize(known);
    }
}
