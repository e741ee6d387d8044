package dmakit.labs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShellWordTest {

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "one-two-three, one-two-three",
                "grüße, grüße",
                "\"\", ''",
                "two words, 'two words'",
                "$HOME, '$HOME'",
                "it's, 'it'\\''s'"
            })
    void isWhatAShellReadsBackAsTheText(String text, String word) {
        assertThat(ShellWord.of(text)).isEqualTo(word);
    }
}
