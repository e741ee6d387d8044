package dmakit.datasheet.xdmac;

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

/** The tables here against {@code spec/xdmac.txt}, which was transcribed on its own. */
class XdmacWitnessTest {
    private static final List<String> WITNESS = read();

    private static List<String> read() {
        Path root = Path.of(System.getProperty("dmakit.root"));
        try {
            return Files.readAllLines(root.resolve("spec/xdmac.txt")).stream()
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

    private static List<String> fields(String table, Register register, String place) {
        List<String> rows = new ArrayList<>();
        for (Field field : register.fields()) {
            Bits bits = field.bits();
            rows.add(
                    "%s %s %s%s %d %d %s"
                            .formatted(
                                    table,
                                    register.name(),
                                    place,
                                    field.name(),
                                    bits.msb(),
                                    bits.lsb(),
                                    bits.access()));
        }
        return rows;
    }

    @Test
    void bothLayoutsOfTheSharedRegistersAgree() {
        List<String> rows = new ArrayList<>();
        for (XdmacRegister register : XdmacRegister.values()) {
            rows.add(
                    "global %s 0x%03x 0x%03x"
                            .formatted(
                                    register.name(),
                                    XdmacLayout.SAMA5D4.offsetOf(register),
                                    XdmacLayout.SAMA7G5.offsetOf(register)));
        }
        assertThat(rows).isEqualTo(witness("global"));
    }

    @Test
    void theFieldsOfTheSharedRegistersAgree() {
        List<String> rows = new ArrayList<>();
        for (XdmacRegister register : XdmacRegister.values()) {
            rows.addAll(fields("field", register, ""));
        }
        assertThat(rows).isEqualTo(witness("field"));
        assertThat(fields("axi", XdmacAxiRegister.GCFG, "")).isEqualTo(witness("axi"));
    }

    @Test
    void channelsAgree() {
        List<String> rows = new ArrayList<>();
        for (XdmacChannelRegister register : XdmacChannelRegister.values()) {
            rows.addAll(fields("channel", register, "0x%02x ".formatted(register.offset())));
        }
        assertThat(rows).isEqualTo(witness("channel"));
    }

    @Test
    void wordsOfTheDescriptorAgree() {
        List<String> rows = new ArrayList<>();
        for (XdmacDescriptor word : XdmacDescriptor.values()) {
            StringBuilder row =
                    new StringBuilder("descriptor %s 0x%02x".formatted(word.name(), word.offset()));
            for (int view = 0; view < 4; view++) {
                row.append(word.offset() < XdmacDescriptor.sizeOf(view) ? " " + view : "");
            }
            rows.add(row.toString());
        }
        assertThat(rows).isEqualTo(witness("descriptor"));
        assertThat(fields("ubc", XdmacDescriptor.MBR_UBC, "")).isEqualTo(witness("ubc"));
    }

    @Test
    void theWitnessHoldsNothingElse() {
        int known = 0;
        for (String table : List.of("global", "field", "axi", "channel", "descriptor", "ubc")) {
            known += witness(table).size();
        }
        assertThat(WITNESS).hasSize(known);
    }
}
