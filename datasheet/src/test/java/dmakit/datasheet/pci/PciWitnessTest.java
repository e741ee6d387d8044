package dmakit.datasheet.pci;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.Register;
import dmakit.datasheet.Witness;
import dmakit.datasheet.edu.EduRegister;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The tables here against {@code spec/pci.txt} and {@code spec/edu.txt}, transcribed apart. */
class PciWitnessTest {
    private static List<String> rows(String table, List<? extends Register> registers) {
        return Witness.rowsFromBit0(
                registers,
                (register, field) ->
                        "%s 0x%02x %s 0x%08x"
                                .formatted(table, register.offset(), field.name(), field.mask()));
    }

    @Test
    void configurationSpaceAgrees() {
        List<PciHeaderRegister> header =
                PciHeaderRegister.MAP.registers().stream()
                        .filter(register -> !register.name().matches("BAR[1-5]"))
                        .toList();
        List<String> rows = new ArrayList<>();
        rows.addAll(rows("header", header));
        rows.addAll(rows("msi", MsiRegister.MAP.registers()));
        rows.addAll(rows("msix", MsixRegister.MAP.registers()));
        rows.addAll(rows("entry", MsixEntryRegister.MAP.registers()));
        assertThat(rows).isEqualTo(Witness.lines("pci.txt"));
    }

    @Test
    void baseAddressesAreAlike() {
        assertThat(PciHeaderRegister.MAP.registers())
                .filteredOn(register -> register.name().matches("BAR[1-5]"))
                .hasSize(5)
                .allSatisfy(register ->
                        assertThat(register.fields()).isEqualTo(PciHeaderRegister.BAR0.fields()));
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
        assertThat(Witness.rows(EduRegister.MAP.registers(), 2))
                .isEqualTo(Witness.lines("edu.txt"));
    }
}
