package dmakit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.cli.report.JsonOutput;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.json.JsonMapper;

/** The options every command spells alike. */
class OptionsTest {

    @Command(name = "probe")
    static final class Probe implements Runnable {
        @Mixin ReportOption report;
        @Mixin SeedOption seed;
        @Mixin TraceOption trace;
        @Mixin BoardOption board;

        @Override
        public void run() {}
    }

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private Probe parse(String... args) {
        Probe probe = new Probe();
        new CommandLine(probe).parseArgs(args);
        return probe;
    }

    private int run(String... args) {
        CommandLine main = Main.commandLine().addSubcommand(new Probe());
        return main.setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(args);
    }

    @Test
    void withoutOptionsARunIsTextWithSeedOneOnAnRpi3() {
        Probe probe = parse();
        assertThat(probe.report.isJson()).isFalse();
        assertThat(probe.seed.seed()).isEqualTo(1);
        assertThat(probe.trace.file()).isEmpty();
        assertThat(probe.board.board()).isEqualTo("rpi3");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "18446744073709551615, -1",
        "-9223372036854775808, -9223372036854775808",
        "0xffffffffffffffff, -1",
        "0x10, 16"
    })
    void aSeedIsAny64Bits(String text, long seed) {
        assertThat(parse("--seed=" + text).seed.seed()).isEqualTo(seed);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"18446744073709551616", "-9223372036854775809", "0x", "0x-1", "1.5", ""})
    void whatIsNoSeedIsRefusedInOneLine(String text) {
        assertThat(run("probe", "--seed=" + text)).isEqualTo(2);
        assertThat(err.toString())
                .contains("'--seed'", "expected a 64-bit number", "found '" + text + "'")
                .endsWith("; try 'dmakit probe --help'" + System.lineSeparator())
                .hasLineCount(1);
    }

    @Test
    void anUnknownFormOfReportIsRefusedInOneLine() {
        assertThat(run("probe", "--report", "xml")).isEqualTo(2);
        assertThat(err.toString()).contains("expected text or json, found 'xml'").hasLineCount(1);
    }

    @Test
    void aTracesFormFollowsItsName() {
        assertThat(parse("--trace", "run.jsonl").trace.isJsonLines()).isTrue();
        Probe perfetto = parse("--trace", "run.json");
        assertThat(perfetto.trace.isJsonLines()).isFalse();
        assertThat(perfetto.trace.file()).contains(Path.of("run.json"));
    }

    @Test
    void everyCommandHasHelp() {
        assertThat(run("probe", "--help")).isZero();
        assertThat(out.toString()).contains("Usage: dmakit probe", "--board=NAME|FILE");
        for (String name : Commands.names()) {
            assertThat(run(name, "--help")).as(name).isZero();
        }
    }

    @Test
    void aFailureOfOursKeepsItsStackTraceAndIsAFailedRun() {
        @Command(name = "broken")
        final class Broken implements Runnable {
            @Override
            public void run() {
                throw new IllegalStateException("we are wrong");
            }
        }
        CommandLine main = Main.commandLine().addSubcommand(new Broken());
        assertThat(main.setErr(new PrintWriter(err, true)).execute("broken")).isEqualTo(1);
        assertThat(err.toString()).contains("please report it", "we are wrong", "\tat ");
    }

    @Test
    void wrongInputIsOneLineAndStatusTwo() {
        @Command(name = "picky")
        final class Picky implements Runnable {
            @Override
            public void run() {
                throw new CouldNotRun("no board is called 'x'\nreally");
            }
        }
        CommandLine main = Main.commandLine().addSubcommand(new Picky());
        assertThat(main.setErr(new PrintWriter(err, true)).execute("picky")).isEqualTo(2);
        assertThat(err.toString())
                .isEqualToNormalizingNewlines("dmakit: no board is called 'x' really\n");
    }

    @Test
    void jsonIsOneIndentedDocumentInTheOrderWritten() {
        var text = new StringWriter();
        JsonOutput.write(
                new PrintWriter(text),
                json -> {
                    json.writeStartObject();
                    json.writeStringProperty("name", "rpi3");
                    json.writeNumberProperty("controllers", 1);
                    json.writeEndObject();
                });
        assertThat(text.toString())
                .isEqualToNormalizingNewlines(
                        "{\n  \"name\" : \"rpi3\",\n  \"controllers\" : 1\n}\n");
        assertThat(new JsonMapper().readTree(text.toString()).get("controllers").intValue())
                .isEqualTo(1);
    }
}
