package dmakit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code dmakit lab} as a user meets it. */
class LabCommandTest {
    @TempDir private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
    }

    @Test
    void theReportNamesTheBoardAndTheSeed() {
        assertThat(run("lab", "m2m", "--seed", "-1", "--report", "json")).isZero();
        JsonNode report = new JsonMapper().readTree(out.toString());
        assertThat(report.get("board").stringValue()).isEqualTo("rpi3");
        assertThat(report.get("seed").isIntegralNumber()).isTrue();
        assertThat(report.get("seed").longValue()).isEqualTo(-1);
    }

    @Test
    void aBoardWithoutAModelledControllerIsRefusedBeforeItBoots() throws IOException {
        Path board =
                Files.writeString(
                        folder.resolve("mine.dts"),
                        """
                        /dts-v1/;
                        / {
                            #address-cells = <1>;
                            #size-cells = <1>;
                            memory@0 { device_type = "memory"; reg = <0 0x10000000>; };
                            dma-controller@50000000 {
                                compatible = "acme,mover";
                                reg = <0x50000000 0x1000>;
                                #dma-cells = <1>;
                            };
                        };
                        """);
        assertThat(run("lab", "m2m", "--board", board.toString())).isEqualTo(2);
        assertThat(err.toString())
                .isEqualToNormalizingNewlines(
                        "dmakit: no lab runs on board 'mine': dmakit has a model of none of its"
                                + " DMA controllers (acme,mover); 'dmakit boards' shows what each"
                                + " has\n");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void emptyNamesAreRefusedInOneLine() {
        assertThat(run("lab", "m2m", "--board", "")).isEqualTo(2);
        assertThat(run("lab", "m2m", "--trace", "")).isEqualTo(2);
        assertThat(err.toString())
                .contains("dmakit: no board ''", "dmakit: --trace: the name of the file is empty")
                .hasLineCount(2);
    }

    @Test
    void aTextThatAShellWouldChangeIsShownQuoted() {
        assertThat(run("lab", "m2m", "--text", "")).isZero();
        assertThat(out.toString())
                .contains("$ echo '' > /dev/dma_m2m_misc_dev", "equals write_buf: 1 byte");
    }

    @Test
    void aTextLongerThanTheMappingIsAFailedRunThatSaysSo() {
        assertThat(run("lab", "mmap", "--text", "x".repeat(4095))).isZero();
        assertThat(run("lab", "mmap", "--text", "x".repeat(4096))).isEqualTo(1);
        assertThat(out.toString())
                .contains("the text has 4096 bytes, the mapping takes 4095 and a final zero");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aTraceIsAFileLikeAnyOther() throws IOException {
        Path trace = folder.resolve("run.json");
        Path other = Files.createFile(folder.resolve("other"));
        assertThat(run("lab", "m2m", "--trace", trace.toString())).isZero();
        assertThat(Files.getPosixFilePermissions(trace))
                .contains(PosixFilePermission.OWNER_READ)
                .isEqualTo(Files.getPosixFilePermissions(other));
        assertThat(folder).isDirectoryNotContaining("glob:**.part");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void anAnswerThatCannotBeWrittenIsNoCleanRun() throws IOException, InterruptedException {
        ProcessBuilder boards = Forked.command(List.of(), "boards");
        Forked.Outcome outcome =
                Forked.run(folder, boards.redirectOutput(Path.of("/dev/full").toFile()));
        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err()).startsWith("dmakit: standard output: ").hasLineCount(1);
    }
}
