package dmakit.datasheet.i8237;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.Register;
import dmakit.datasheet.Witness;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The tables here against {@code spec/i8237.txt}, which was transcribed on its own. */
class I8237WitnessTest {
    private static List<String> witness(String table) {
        return Witness.lines("i8237.txt", table);
    }

    private static List<String> rows(String table, List<? extends Register> registers) {
        return Witness.rowsFromBit0(
                registers,
                (register, field) ->
                        "%s 0x%x %s %s 0x%02x"
                                .formatted(
                                        table,
                                        register.offset(),
                                        register.name(),
                                        field.name(),
                                        field.mask()));
    }

    @Test
    void storesAgree() {
        assertThat(rows("store", I8237Store.MAP.registers())).isEqualTo(witness("store"));
    }

    @Test
    void loadsAgree() {
        assertThat(rows("load", I8237Load.MAP.registers())).isEqualTo(witness("load"));
    }

    @Test
    void pagesAgree() {
        List<String> rows = new ArrayList<>();
        for (IsaPage page : IsaPage.MAP.registers()) {
            for (int channel = 0; channel < 8; channel++) {
                if (IsaPage.of(channel) == page) {
                    rows.add(String.format("page 0x%x %d", page.offset(), channel));
                }
            }
        }
        assertThat(rows).isEqualTo(witness("page"));
    }
}
