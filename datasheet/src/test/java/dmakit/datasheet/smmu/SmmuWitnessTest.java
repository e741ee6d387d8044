package dmakit.datasheet.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The tables here against {@code spec/smmu-v2.txt}, which was transcribed on its own. */
class SmmuWitnessTest {
    private static final List<String> WITNESS = read();

    private static List<String> read() {
        Path root = Path.of(System.getProperty("dmakit.root"));
        try {
            return Files.readAllLines(root.resolve("spec/smmu-v2.txt")).stream()
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
                rows.add(
                        String.format(
                                "%s 0x%03x %s 0x%08x %s",
                                table,
                                register.offset(),
                                register.name(),
                                field.mask(),
                                field.name()));
            }
        }
        return rows;
    }

    @Test
    void globalSpace0Agrees() {
        assertThat(rows("global", GlobalRegister.MAP.registers())).isEqualTo(witness("global"));
    }

    @Test
    void globalSpace1Agrees() {
        assertThat(rows("attribute", ContextAttributeRegister.MAP.registers()))
                .isEqualTo(witness("attribute"));
    }

    @Test
    void contextBanksAgree() {
        assertThat(rows("bank", ContextBankRegister.MAP.registers())).isEqualTo(witness("bank"));
    }

    @Test
    void descriptorsAgree() {
        List<String> rows =
                Stream.of(LongDescriptor.values())
                        .map(field ->
                                String.format(
                                        "descriptor - stage1 0x%016x %s",
                                        field.mask(), field.name()))
                        .toList();
        assertThat(rows).isEqualTo(witness("descriptor"));
    }

    @Test
    void theWitnessHoldsNothingElse() {
        int known = 0;
        for (String table : List.of("global", "attribute", "bank", "descriptor")) {
            known += witness(table).size();
        }
        assertThat(WITNESS).hasSize(known);
    }

    @Test
    void aFieldOfADescriptorTakesAndGivesItsValue() {
        long descriptor = LongDescriptor.ADDRESS.of(0x12345) | LongDescriptor.SH.of(3);
        assertThat(descriptor).isEqualTo(0x1234_5300L);
        assertThat(LongDescriptor.ADDRESS.get(descriptor)).isEqualTo(0x12345);
        assertThat(LongDescriptor.SH.get(descriptor)).isEqualTo(3);
        assertThat(LongDescriptor.AF.isSet(descriptor)).isFalse();
    }

    @Test
    void levelsLieNineBitsApart() {
        assertThat(LongDescriptor.shiftOf(3)).isEqualTo(12);
        assertThat(LongDescriptor.shiftOf(2)).isEqualTo(21);
        assertThat(LongDescriptor.shiftOf(1)).isEqualTo(30);
        assertThat(LongDescriptor.shiftOf(0)).isEqualTo(39);
    }
}
