package dmakit.datasheet.pci;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.edu.EduRegister;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The tables here against {@code spec/pci.txt} and {@code spec/edu.txt}, transcribed apart. */
class PciWitnessTest {
    private static List<String> witness(String file) {
        Path root = Path.of(System.getProperty("dmakit.root"));
        try {
            return Files.readAllLines(root.resolve(file)).stream()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.replaceAll(" +", " "))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void addRows(
            List<String> into, String table, List<? extends Register> registers) {
        for (Register register : registers) {
            if (register.name().matches("BAR[1-5]")) {
                assertThat(register.fields()).isEqualTo(PciHeaderRegister.BAR0.fields());
                continue;
            }
            for (Field field : register.fields().reversed()) {
                into.add(
                        String.format(
                                "%s 0x%02x %s 0x%08x",
                                table, register.offset(), field.name(), field.mask()));
            }
        }
    }

    @Test
    void configurationSpaceAgrees() {
        List<String> rows = new ArrayList<>();
        addRows(rows, "header", PciHeaderRegister.MAP.registers());
        addRows(rows, "msi", MsiRegister.MAP.registers());
        addRows(rows, "msix", MsixRegister.MAP.registers());
        addRows(rows, "entry", MsixEntryRegister.MAP.registers());
        assertThat(rows).isEqualTo(witness("spec/pci.txt"));
    }

    @Test
    void capabilitiesStartWithTheirNumber() {
        assertThat(MsiRegister.CONTROL.reset() & 0xff).isEqualTo(MsiRegister.ID);
        assertThat(MsixRegister.CONTROL.reset() & 0xff).isEqualTo(MsixRegister.ID);
        assertThat(ExpressRegister.CAPABILITIES.reset() & 0xff).isEqualTo(ExpressRegister.ID);
        assertThat(PowerManagementRegister.CAPABILITIES.reset() & 0xff)
                .isEqualTo(PowerManagementRegister.ID);
    }

    @Test
    void eduAgrees() {
        List<String> rows = new ArrayList<>();
        for (EduRegister register : EduRegister.MAP.registers()) {
            for (Field field : register.fields()) {
                Bits bits = field.bits();
                rows.add(
                        String.format(
                                "%s 0x%02x 0x%08x %s %d %d %s",
                                register.name(),
                                register.offset(),
                                register.reset(),
                                field.name(),
                                bits.msb(),
                                bits.lsb(),
                                bits.access()));
            }
        }
        assertThat(rows).isEqualTo(witness("spec/edu.txt"));
    }
}
