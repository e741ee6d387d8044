package dmakit.datasheet.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.Register;
import dmakit.datasheet.Witness;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The tables here against {@code spec/smmu-v2.txt}, which was transcribed on its own. */
class SmmuWitnessTest {
    private static List<String> witness(String table) {
        return Witness.lines("smmu-v2.txt", table);
    }

    private static List<String> rows(String table, List<? extends Register> registers) {
        return Witness.rows(
                registers,
                (register, field) ->
                        "%s 0x%03x %s 0x%08x %s"
                                .formatted(
                                        table,
                                        register.offset(),
                                        register.name(),
                                        field.mask(),
                                        field.name()));
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
        assertThat(LongDescriptor.values())
                .extracting(field ->
                        "descriptor - stage1 0x%016x %s".formatted(field.mask(), field.name()))
                .isEqualTo(witness("descriptor"));
    }

    @Test
    void theWitnessHoldsNothingElse() {
        assertThat(Witness.tables("smmu-v2.txt"))
                .containsExactly("global", "attribute", "bank", "descriptor");
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
