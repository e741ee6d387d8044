package dmakit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class MainTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
    }

    @Test
    void helpIsACleanAnswerOnStandardOutput() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString()).startsWith("Usage: dmakit").contains("Exit status:");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void versionNamesTheJdk() {
        assertThat(run("--version")).isZero();
        assertThat(out.toString()).startsWith("dmakit ").contains("JDK " + Runtime.version());
    }

    @Test
    void anUnknownOptionIsOneLineAndStatusTwo() {
        assertThat(run("--bogus")).isEqualTo(2);
        assertThat(err.toString())
                .isEqualToNormalizingNewlines(
                        "dmakit: unknown option '--bogus'; try 'dmakit --help'\n");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void anUnknownCommandIsOneLineAndStatusTwo() {
        assertThat(run("bogus")).isEqualTo(2);
        assertThat(err.toString())
                .isEqualToNormalizingNewlines(
                        "dmakit: unknown command 'bogus'; try 'dmakit --help'\n");
    }

    @Test
    void anUnknownLabIsOneLineAndStatusTwo() {
        assertThat(run("lab", "m3")).isEqualTo(2);
        assertThat(err.toString())
                .isEqualToNormalizingNewlines(
                        "dmakit: unknown lab 'm3'; try 'dmakit lab --help'\n");
    }

    @Test
    void helpOfACommandIsTheSameBothWays() {
        assertThat(run("lab", "m2m", "--help")).isZero();
        String option = out.toString();
        out.getBuffer().setLength(0);
        assertThat(run("help", "lab", "m2m")).isZero();
        assertThat(out.toString()).isEqualTo(option).startsWith("Usage: dmakit lab m2m");
    }

    @Test
    void theListOfCommandsSaysWholeSentences() {
        assertThat(run("--help")).isZero();
        assertThat(run("lab", "--help")).isZero();
        assertThat(out.toString()).doesNotContainPattern("[,;]\\R(\\R|  \\S)");
    }

    @Test
    void noCommandIsOneLineAndStatusTwo() {
        assertThat(run()).isEqualTo(2);
        assertThat(err.toString())
                .isEqualToNormalizingNewlines("dmakit: missing command; try 'dmakit --help'\n");
    }
}
