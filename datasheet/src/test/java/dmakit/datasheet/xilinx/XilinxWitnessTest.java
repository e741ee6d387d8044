package dmakit.datasheet.xilinx;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.Register;
import dmakit.datasheet.Witness;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The tables here against {@code spec/axi-*.txt}, which were transcribed on their own. */
class XilinxWitnessTest {
    private static List<String> rows(String table, List<? extends Register> registers, int digits) {
        String offset = "0x%0" + digits + "x";
        return Witness.rows(
                registers,
                (register, field) ->
                        "%s %s %s %s 0x%08x %s"
                                .formatted(
                                        table,
                                        register.name(),
                                        offset.formatted(register.offset()),
                                        field.name(),
                                        field.mask(),
                                        field.bits().access()));
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
                .isEqualTo(Witness.lines("axi-dma.txt", "dma"));
        assertThat(resets(AxiDmaRegister.MAP.registers(), 2))
                .containsAll(Witness.lines("axi-dma.txt", "reset"));
    }

    @Test
    void wordsOfTheDescriptorAgree() {
        assertThat(rows("descriptor", AxiDmaDescriptor.MAP.registers(), 2))
                .isEqualTo(Witness.lines("axi-dma.txt", "descriptor"));
    }

    @Test
    void registersAndDescriptorOfTheCdmaAgree() {
        assertThat(rows("cdma", CdmaRegister.MAP.registers(), 2))
                .isEqualTo(Witness.lines("axi-dma.txt", "cdma"));
        assertThat(rows("transfer", CdmaDescriptor.MAP.registers(), 2))
                .isEqualTo(Witness.lines("axi-dma.txt", "transfer"));
    }

    @Test
    void registersOfTheMacAgree() {
        assertThat(rows("ethernet", EthernetRegister.MAP.registers(), 3))
                .isEqualTo(Witness.lines("axi-ethernet.txt", "ethernet"));
        assertThat(resets(EthernetRegister.MAP.registers(), 3))
                .containsAll(Witness.lines("axi-ethernet.txt", "reset"));
    }

    @Test
    void countersOfTheMacAgree() {
        List<String> rows = new ArrayList<>();
        for (EthernetCounter counter : EthernetCounter.values()) {
            rows.add(String.format("counter %s 0x%03x", counter.name(), counter.offset()));
        }
        assertThat(rows).containsAll(Witness.lines("axi-ethernet.txt", "counter"));
    }

    @Test
    void theWitnessesHoldNothingElse() {
        assertThat(Witness.tables("axi-dma.txt"))
                .containsExactly("dma", "reset", "descriptor", "cdma", "transfer");
        assertThat(Witness.tables("axi-ethernet.txt"))
                .containsExactly("ethernet", "reset", "counter");
    }
}
