package dmakit.datasheet.plx;

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

/** The tables here against {@code spec/plx-dma.txt}, which was transcribed on its own. */
class PlxWitnessTest {
    private static List<String> witness() {
        Path root = Path.of(System.getProperty("dmakit.root"));
        try {
            return Files.readAllLines(root.resolve("spec/plx-dma.txt")).stream()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.replaceAll(" +", " "))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void addRows(List<String> into, List<? extends Register> registers) {
        for (Register register : registers) {
            for (Field field : register.fields()) {
                Bits bits = field.bits();
                into.add(
                        String.format(
                                "%s 0x%03x 0x%08x %s %d %d %s",
                                register.name(),
                                register.offset(),
                                register.reset(),
                                field.name(),
                                bits.msb(),
                                bits.lsb(),
                                bits.access()));
            }
        }
    }

    @Test
    void registersAndDescriptorsAgree() {
        List<String> rows = new ArrayList<>();
        addRows(rows, PlxRegister.MAP.registers());
        addRows(rows, PlxDescriptor.MAP.registers());
        assertThat(rows).isEqualTo(witness());
    }
}
