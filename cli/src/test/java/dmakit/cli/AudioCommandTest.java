package dmakit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class AudioCommandTest {
    private static final Path TONE =
            Path.of(System.getProperty("dmakit.root")).resolve("docs/guides/audio/tone.wav");

    @TempDir private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... more) {
        String[] words = new String[4 + more.length];
        System.arraycopy(new String[] {"lab", "audio", "--in", TONE.toString()}, 0, words, 0, 4);
        System.arraycopy(more, 0, words, 4, more.length);
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), words);
    }

    @Test
    void theRecordingIsTheFileThatWasPlayed() throws IOException {
        Path recorded = folder.resolve("b.wav");
        assertThat(run("--out", recorded.toString())).as(err.toString()).isZero();
        assertThat(recorded).hasSameBinaryContentAs(TONE);
        assertThat(folder.toFile().list()).containsExactly("b.wav");
    }

    @Test
    void theReportHasEveryCountAndTheFindings() {
        assertThat(run("--report", "json")).isZero();
        JsonNode json = JsonMapper.shared().readTree(out.toString());
        assertThat(json.get("lab").stringValue()).isEqualTo("audio");
        assertThat(json.get("board").stringValue()).isEqualTo("rpi3");
        assertThat(json.get("seed").intValue()).isEqualTo(1);
        assertThat(json.get("frames").intValue()).isEqualTo(4800);
        assertThat(json.get("cpuPercent").isNumber()).isTrue();
        assertThat(json.get("findings").isEmpty()).isTrue();
        assertThat(json.has("framesPlayedBeforeUnderrun")).isFalse();
    }

    @Test
    void anUnderRunLeavesNothingAndIsToldInTheReport() {
        Path recorded = folder.resolve("b.wav");
        assertThat(run("--slow", "6000", "--out", recorded.toString(), "--report", "json"))
                .isEqualTo(ExitStatus.FAILED);
        JsonNode json = JsonMapper.shared().readTree(out.toString());
        assertThat(json.get("framesPlayedBeforeUnderrun").intValue()).isPositive();
        assertThat(json.get("message").stringValue()).startsWith("under-run after ");
        assertThat(folder).isEmptyDirectory();
    }

    @ParameterizedTest
    @CsvSource({
        "--period, 31, 32 to 4096",
        "--period, 4097, 32 to 4096",
        "--periods, 1, 2 to 32",
        "--periods, 33, 2 to 32",
        "--slow, -1, 0 to 10000000",
        "--slow, 10000001, 0 to 10000000"
    })
    void whatIsBeyondItsLimitsIsRefusedByItsName(String option, String value, String wanted) {
        assertThat(run(option, value)).isEqualTo(ExitStatus.COULD_NOT_RUN);
        assertThat(err.toString().strip())
                .isEqualTo("dmakit: %s %s: wanted %s".formatted(option, value, wanted));
    }

    @Test
    void aBoardWithoutThePortIsRefused() {
        assertThat(run("--board", "pc")).isEqualTo(ExitStatus.COULD_NOT_RUN);
        assertThat(err.toString().strip())
                .isEqualTo(
                        "dmakit: lab audio needs a brcm,bcm2835-i2s, and board 'pc' has none;"
                                + " 'dmakit boards' shows what each has");
    }
}
