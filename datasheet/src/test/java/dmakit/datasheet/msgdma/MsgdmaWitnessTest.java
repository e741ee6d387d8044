package dmakit.datasheet.msgdma;

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

/** The tables here against {@code spec/msgdma.txt}, which was transcribed on its own. */
class MsgdmaWitnessTest {
    private static final List<String> WITNESS = read();

    private static List<String> read() {
        Path root = Path.of(System.getProperty("dmakit.root"));
        try {
            return Files.readAllLines(root.resolve("spec/msgdma.txt")).stream()
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
                                "%s %s 0x%02x 0x%08x %s %d %d %s",
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
    void registersOfTheDispatcherAgree() {
        assertThat(rows("csr", MsgdmaCsr.MAP.registers())).isEqualTo(witness("csr"));
    }

    @Test
    void wordsOfADescriptorAgree() {
        assertThat(rows("descriptor", MsgdmaDescriptor.MAP.registers()))
                .isEqualTo(witness("descriptor"));
    }

    @Test
    void wordsOfAResponseAgree() {
        assertThat(rows("response", MsgdmaResponse.MAP.registers())).isEqualTo(witness("response"));
    }

    @Test
    void theWitnessHoldsNothingElse() {
        int known = 0;
        for (String table : List.of("csr", "descriptor", "response")) {
            known += witness(table).size();
        }
        assertThat(WITNESS).hasSize(known);
    }
}
