package dmakit.datasheet.xdmac;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.Register;
import dmakit.datasheet.Witness;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The tables here against {@code spec/xdmac.txt}, which was transcribed on its own. */
class XdmacWitnessTest {
    private static List<String> witness(String table) {
        return Witness.lines("xdmac.txt", table);
    }

    private static List<String> fields(String table, List<? extends Register> registers) {
        return Witness.rows(
                registers,
                (register, field) ->
                        "%s %s %s".formatted(table, register.name(), Witness.bits(field)));
    }

    @Test
    void bothLayoutsOfTheSharedRegistersAgree() {
        assertThat(XdmacRegister.values())
                .extracting(register ->
                        "global %s 0x%03x 0x%03x"
                                .formatted(
                                        register.name(),
                                        XdmacLayout.SAMA5D4.offsetOf(register),
                                        XdmacLayout.SAMA7G5.offsetOf(register)))
                .isEqualTo(witness("global"));
    }

    @Test
    void theFieldsOfTheSharedRegistersAgree() {
        assertThat(fields("field", List.of(XdmacRegister.values()))).isEqualTo(witness("field"));
        assertThat(fields("axi", List.of(XdmacAxiRegister.GCFG))).isEqualTo(witness("axi"));
    }

    @Test
    void channelsAgree() {
        List<String> rows =
                Witness.rows(
                        XdmacChannelRegister.MAP.registers(),
                        (register, field) ->
                                "channel %s 0x%02x %s"
                                        .formatted(
                                                register.name(),
                                                register.offset(),
                                                Witness.bits(field)));
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
        assertThat(fields("ubc", List.of(XdmacDescriptor.MBR_UBC))).isEqualTo(witness("ubc"));
    }

    @Test
    void theWitnessHoldsNothingElse() {
        assertThat(Witness.tables("xdmac.txt"))
                .containsExactly("global", "field", "axi", "channel", "descriptor", "ubc");
    }
}
