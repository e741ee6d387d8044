package dmakit.datasheet.pl011;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The table here against {@code spec/pl011.txt}, transcribed apart. */
class UartWitnessTest {
    @Test
    void everyFieldIsWhereTheManualHasIt() throws IOException {
        List<String> rows = new ArrayList<>();
        for (UartRegister register : UartRegister.values()) {
            for (Field field : register.fields()) {
                Bits bits = field.bits();
                rows.add(
                        "%s 0x%03x 0x%08x %s %d %d %s"
                                .formatted(
                                        register.name(),
                                        register.offset(),
                                        register.reset(),
                                        field.name(),
                                        bits.msb(),
                                        bits.lsb(),
                                        bits.access()));
            }
        }
        Path table = Path.of(System.getProperty("dmakit.root")).resolve("spec/pl011.txt");
        assertThat(rows)
                .isEqualTo(
                        Files.readAllLines(table).stream()
                                .filter(line -> !line.startsWith("#"))
                                .map(line -> line.replaceAll(" +", " "))
                                .toList());
    }
}
