package dmakit.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WordRegistersTest {
    private final List<String> accesses = new ArrayList<>();
    private final WordRegisters registers =
            new WordRegisters() {
                @Override
                protected int readWord(int at) {
                    accesses.add("load 0x%x".formatted(at));
                    return at == 0x10 ? 0x8877_6655 : 0xffee_ddcc;
                }

                @Override
                protected void writeWord(int at, int value) {
                    accesses.add("store 0x%x 0x%x".formatted(at, value));
                }
            };

    @Test
    void aLoadSeesItsLanesUnsigned() {
        assertThat(registers.read(0x10, 4)).isEqualTo(0x8877_6655L);
        assertThat(registers.read(0x12, 2)).isEqualTo(0x8877);
        assertThat(registers.read(0x13, 1)).isEqualTo(0x88);
        assertThat(registers.read(0x10, 1)).isEqualTo(0x55);
        assertThat(accesses).containsOnly("load 0x10");
    }

    @Test
    void aNarrowStoreWritesItsWholeWord() {
        registers.write(0x13, 1, 0x9a);
        registers.write(0x12, 2, 0xbcde);
        assertThat(accesses).containsExactly("store 0x10 0x9a000000", "store 0x10 0xbcde0000");
    }

    @Test
    void aWideAccessIsTwoWordsTheLowerFirst() {
        assertThat(registers.read(0x10, 8)).isEqualTo(0xffee_ddcc_8877_6655L);
        registers.write(0x10, 8, 0x1111_2222_3333_4444L);
        assertThat(accesses)
                .containsExactly(
                        "load 0x10", "load 0x14", "store 0x10 0x33334444", "store 0x14 0x11112222");
    }
}
