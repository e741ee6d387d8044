package dmakit.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code dmakit lab pio-vs-dma} and {@code lab mapping} as a user meets them. */
class ComparingLabsTest {
    @TempDir private Path folder;
    private String out = "";
    private String err = "";

    private int run(String... args) {
        StringWriter answer = new StringWriter();
        StringWriter complaint = new StringWriter();
        int status = Main.run(new PrintWriter(answer), new PrintWriter(complaint, true), args);
        out = answer.toString();
        err = complaint.toString();
        return status;
    }

    /** One line on standard error, nothing on standard output, status 2. */
    private void isRefused(String complaint, String... args) {
        assertThat(run(args)).as(err).isEqualTo(2);
        assertThat(err).isEqualToNormalizingNewlines("dmakit: " + complaint + "\n");
        assertThat(out).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"pio-vs-dma", "mapping"})
    void theReportSaysWhereEveryTimeWent(String lab) {
        assertThat(run("lab", lab, "--sizes", "64,4K", "--report", "json", "--seed", "9")).isZero();
        JsonNode report = new JsonMapper().readTree(out);
        assertThat(report.get("lab").stringValue()).isEqualTo(lab);
        assertThat(report.get("seed").intValue()).isEqualTo(9);
        assertThat(report.get("success").booleanValue()).isTrue();
        assertThat(report.get("costs").get("registerRead").longValue()).isEqualTo(140_000);
        assertThat(report.get("rows").size()).isGreaterThanOrEqualTo(6);
        for (JsonNode row : report.get("rows")) {
            long parts = 0;
            for (JsonNode part : row.get("reading").get("parts")) {
                parts += part.get("ps").longValue();
            }
            assertThat(parts).isEqualTo(row.get("reading").get("elapsedPs").longValue());
        }
    }

    @Test
    void sizesAreSortedAndEachIsThereOnce() {
        assertThat(run("lab", "pio-vs-dma", "--sizes", "1K, 16,1024,64k", "--report", "json"))
                .isZero();
        JsonNode rows = new JsonMapper().readTree(out).get("rows");
        List<Long> sizes =
                rows.valueStream().map(row -> row.get("sizeBytes").longValue()).distinct().toList();
        assertThat(sizes).containsExactly(16L, 1024L, 65536L);
        assertThat(rows.size()).isEqualTo(9);
    }

    @Test
    void oneSizeIsEnough() {
        assertThat(run("lab", "pio-vs-dma", "--sizes", "64")).isZero();
        assertThat(out).contains("64 B  PIO").doesNotContain("Each byte more");
        assertThat(run("lab", "mapping", "--sizes", "64")).isZero();
        assertThat(out).contains("64 B  direct, coherent").doesNotContain("each byte more");
    }

    @ParameterizedTest
    @ValueSource(strings = {"pio-vs-dma", "mapping"})
    void aPictureIsXmlThatNamesWhatItShows(String lab) throws Exception {
        Path picture = folder.resolve("curves.svg");
        assertThat(run("lab", lab, "--sizes", "64,4K", "--plot", picture.toString())).isZero();
        Document svg =
                DocumentBuilderFactory.newDefaultInstance()
                        .newDocumentBuilder()
                        .parse(
                                new ByteArrayInputStream(
                                        Files.readString(picture)
                                                .getBytes(StandardCharsets.UTF_8)));
        assertThat(svg.getDocumentElement().getTagName()).isEqualTo("svg");
        assertThat(svg.getElementsByTagName("title").getLength()).isEqualTo(1);
        assertThat(svg.getElementsByTagName("desc").item(0).getTextContent()).contains("Seed 1.");
        assertThat(svg.getDocumentElement().getTextContent()).contains("64 B", "4 KiB");
        assertThat(folder).isDirectoryNotContaining("glob:**.part");
    }

    @Test
    void aFolderIsNoPicture() {
        isRefused(
                "--plot " + folder + ": is a folder",
                "lab",
                "pio-vs-dma",
                "--plot",
                folder.toString());
        isRefused("--plot: the name of the file is empty", "lab", "mapping", "--plot", "");
    }

    @Test
    void aPictureGoesIntoAFolderThatIsThere() {
        Path nowhere = folder.resolve("missing/curves.svg");
        isRefused(
                "--plot " + nowhere + ": no such folder",
                "lab",
                "mapping",
                "--plot",
                nowhere.toString());
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aFileThatCannotBeWrittenIsLeftAsItWas() throws IOException {
        Path picture = Files.writeString(folder.resolve("old.svg"), "old");
        assertThat(picture.toFile().setWritable(false)).isTrue();
        assumeFalse(Files.isWritable(picture), "root writes everything");
        isRefused(
                "--plot " + picture + ": permission denied",
                "lab",
                "pio-vs-dma",
                "--plot",
                picture.toString());
        assertThat(picture).hasContent("old");
    }

    @Test
    void aRunThatCannotStartLeavesAnOlderPictureAndNoHalfOne() throws IOException {
        Path picture = Files.writeString(folder.resolve("old.svg"), "old");
        assertThat(run("lab", "pio-vs-dma", "--board", "pc", "--plot", picture.toString()))
                .isEqualTo(2);
        assertThat(picture).hasContent("old");
        assertThat(run("lab", "mapping", "--sizes", "5", "--plot", picture.toString()))
                .isEqualTo(2);
        assertThat(picture).hasContent("old");
        assertThat(folder.toFile().list()).containsExactly("old.svg");
    }

    @ParameterizedTest
    @CsvSource({
        "8, 8",
        "4194320, 4194320",
        "17, 17",
        "5M, 5M",
        "'16,,64', ''",
        "1G, 1G",
        "-16, -16"
    })
    void aSizeThatIsNoneIsNamed(String sizes, String named) {
        isRefused(
                "--sizes: '" + named + "' is no multiple of 16 from 16 to 4M",
                "lab",
                "pio-vs-dma",
                "--sizes=" + sizes);
    }

    @Test
    void sizesAreNotTooMany() {
        StringBuilder sizes = new StringBuilder("16");
        for (int i = 2; i <= 33; i++) {
            sizes.append(',').append(16 * i);
        }
        isRefused("--sizes: 33 sizes, at most 32", "lab", "mapping", "--sizes", sizes.toString());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 101, -1, Integer.MAX_VALUE})
    void aLineOutOfRangeIsRefused(int rate) {
        isRefused(
                "--line %d: wanted 1 to 100".formatted(rate),
                "lab",
                "pio-vs-dma",
                "--line=" + rate);
    }

    @Test
    void boardsThatAreNotOrDoNotFitAreRefused() {
        assertThat(run("lab", "pio-vs-dma", "--board", "rpi9")).isEqualTo(2);
        assertThat(err).startsWith("dmakit: no board 'rpi9'").hasLineCount(1);
        isRefused(
                "lab pio-vs-dma needs a FIFO, or a brcm,bcm2835-dma to wire one to, and board"
                        + " 'pc' has neither; 'dmakit boards' shows what each has",
                "lab",
                "pio-vs-dma",
                "--board",
                "pc");
    }
}
