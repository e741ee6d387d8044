package dmakit.datasheet.bcm2835;

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

/** The tables here against {@code spec/bcm2835-dma.txt}, which was transcribed on its own. */
class DmaWitnessTest {
    private static final List<String> WITNESS = read();

    private static List<String> read() {
        Path root = Path.of(System.getProperty("dmakit.root"));
        try {
            return Files.readAllLines(root.resolve("spec/bcm2835-dma.txt")).stream()
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

    private static String row(String table, Register register, int digits, String rest) {
        return String.format(
                "%s %s 0x%0" + digits + "x 0x%08x %s",
                table,
                register.name(),
                register.offset(),
                register.reset(),
                rest);
    }

    private static List<String> rows(String table, List<? extends Register> registers, int digits) {
        List<String> rows = new ArrayList<>();
        for (Register register : registers) {
            for (Field field : register.fields()) {
                Bits bits = field.bits();
                String rest =
                        String.join(
                                " ",
                                field.name(),
                                Integer.toString(bits.msb()),
                                Integer.toString(bits.lsb()),
                                bits.access().name());
                rows.add(row(table, register, digits, rest));
            }
        }
        return rows;
    }

    @Test
    void fullChannelsAgree() {
        assertThat(rows("channel", DmaChannelRegister.MAP.registers(), 2))
                .isEqualTo(witness("channel"));
    }

    @Test
    void liteChannelsAgree() {
        assertThat(rows("lite", DmaLiteChannelRegister.MAP.registers(), 2))
                .isEqualTo(witness("lite"));
    }

    @Test
    void sharedRegistersAgree() {
        assertThat(rows("controller", DmaControllerRegister.MAP.registers(), 3))
                .isEqualTo(witness("controller"));
    }

    @Test
    void wordsOfTheControlBlockAgree() {
        List<String> rows = new ArrayList<>();
        for (DmaControlBlock word : DmaControlBlock.MAP.registers()) {
            rows.add(row("block", word, 2, "- - - -"));
        }
        assertThat(rows).isEqualTo(witness("block"));
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
        List<String> rows = new ArrayList<>();
        for (Dreq line : Dreq.values()) {
            rows.add("dreq " + line.name() + " " + line.permap() + " - - - - -");
        }
        assertThat(rows).isEqualTo(witness("dreq"));
    }

    @Test
    void theWitnessHoldsNothingElse() {
        int known = 0;
        for (String table : List.of("channel", "lite", "controller", "block", "dreq")) {
            known += witness(table).size();
        }
        assertThat(WITNESS).hasSize(known);
    }
}
