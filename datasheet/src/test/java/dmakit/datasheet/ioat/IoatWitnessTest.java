package dmakit.datasheet.ioat;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.ioat.IoatChannelRegister.Status;
import dmakit.datasheet.ioat.IoatDescriptor.Op;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The tables here against {@code spec/ioat.txt}, which was transcribed on its own. */
class IoatWitnessTest {
    private static final List<String> WITNESS = read();

    private static List<String> read() {
        Path root = Path.of(System.getProperty("dmakit.root"));
        try {
            return Files.readAllLines(root.resolve("spec/ioat.txt")).stream()
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
                        "%s %s 0x%02x %s %d %d %s"
                                .formatted(
                                        table,
                                        register.name(),
                                        register.offset(),
                                        field.name(),
                                        bits.msb(),
                                        bits.lsb(),
                                        bits.access()));
            }
        }
        return rows;
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
        assertThat(
                        Arrays.stream(Op.values())
                                .map(op -> "op %s 0x%02x".formatted(op, op.code()))
                                .toList())
                .isEqualTo(witness("op"));
        assertThat(
                        Arrays.stream(Status.values())
                                .map(status -> "status %s %d".formatted(status, status.ordinal()))
                                .toList())
                .isEqualTo(witness("status"));
    }

    @Test
    void theWitnessHoldsNothingElse() {
        int known = 0;
        for (String table : List.of("global", "channel", "word", "op", "status")) {
            known += witness(table).size();
        }
        assertThat(WITNESS).hasSize(known);
    }
}
