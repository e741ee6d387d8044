package dmakit.datasheet.xilinx;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The tables here against {@code spec/axi-*.txt}, which were transcribed on their own. */
class XilinxWitnessTest {
    private static List<String> read(String file) {
        Path root = Path.of(System.getProperty("dmakit.root"));
        try {
            return Files.readAllLines(root.resolve("spec").resolve(file)).stream()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.replaceAll(" +", " "))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> witness(String file, String table) {
        return read(file).stream().filter(line -> line.startsWith(table + " ")).toList();
    }

    private static List<String> rows(String table, List<? extends Register> registers, int digits) {
        List<String> rows = new ArrayList<>();
        for (Register register : registers) {
            for (Field field : register.fields()) {
                rows.add(
                        String.format(
                                "%s %s 0x%0" + digits + "x %s 0x%08x %s",
                                table,
                                register.name(),
                                register.offset(),
                                field.name(),
                                field.mask(),
                                field.bits().access().name()));
            }
        }
        return rows;
    }

    private static List<String> resets(List<? extends Register> registers, int digits) {
        return registers.stream()
                .map(register ->
                        String.format(
                                "reset %s 0x%0" + digits + "x - 0x%08x -",
                                register.name(),
                                register.offset(),
                                register.reset()))
                .toList();
    }

    @Test
    void registersOfTheDmaAgree() {
        assertThat(rows("dma", AxiDmaRegister.MAP.registers(), 2))
                .isEqualTo(witness("axi-dma.txt", "dma"));
        assertThat(resets(AxiDmaRegister.MAP.registers(), 2))
                .containsAll(witness("axi-dma.txt", "reset"));
    }

    @Test
    void wordsOfTheDescriptorAgree() {
        assertThat(rows("descriptor", AxiDmaDescriptor.MAP.registers(), 2))
                .isEqualTo(witness("axi-dma.txt", "descriptor"));
    }

    @Test
    void registersAndDescriptorOfTheCdmaAgree() {
        assertThat(rows("cdma", CdmaRegister.MAP.registers(), 2))
                .isEqualTo(witness("axi-dma.txt", "cdma"));
        assertThat(rows("transfer", CdmaDescriptor.MAP.registers(), 2))
                .isEqualTo(witness("axi-dma.txt", "transfer"));
    }

    @Test
    void registersOfTheMacAgree() {
        assertThat(rows("ethernet", EthernetRegister.MAP.registers(), 3))
                .isEqualTo(witness("axi-ethernet.txt", "ethernet"));
        assertThat(resets(EthernetRegister.MAP.registers(), 3))
                .containsAll(witness("axi-ethernet.txt", "reset"));
    }

    @Test
    void countersOfTheMacAgree() {
        List<String> rows = new ArrayList<>();
        for (EthernetCounter counter : EthernetCounter.values()) {
            rows.add(String.format("counter %s 0x%03x", counter.name(), counter.offset()));
        }
        assertThat(rows).containsAll(witness("axi-ethernet.txt", "counter"));
    }

    @Test
    void theWitnessesHoldNothingElse() {
        assertThat(read("axi-dma.txt"))
                .allMatch(line -> line.matches("(dma|reset|descriptor|cdma|transfer) .*"));
        assertThat(read("axi-ethernet.txt"))
                .allMatch(line -> line.matches("(ethernet|reset|counter) .*"));
    }
}
