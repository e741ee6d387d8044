package dmakit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.labs.net.Capture;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class NetCommandTest {
    private static final Path FRAMES =
            Path.of(System.getProperty("dmakit.root")).resolve("docs/guides/network/frames.pcap");

    @TempDir private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... more) {
        String[] words = new String[2 + more.length];
        words[0] = "lab";
        words[1] = "net";
        System.arraycopy(more, 0, words, 2, more.length);
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), words);
    }

    private void isRefused(String why, String... words) {
        assertThat(run(words)).isEqualTo(ExitStatus.COULD_NOT_RUN);
        assertThat(err.toString()).contains(why);
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void theCaptureOfWhatArrivesIsAFileOfItsOwn() throws IOException {
        Path captured = folder.resolve("b.pcap");
        assertThat(run("--in", FRAMES.toString(), "--out", captured.toString()))
                .as(err.toString())
                .isEqualTo(ExitStatus.CLEAN);
        assertThat(out.toString()).contains("every frame arrived as it was sent");
        assertThat(Capture.read(Files.readAllBytes(captured)).frames()).hasSize(101);
        assertThat(folder.toFile().list()).containsExactly("b.pcap");
    }

    @Test
    void theReportHasEveryCount() {
        assertThat(run("--in", FRAMES.toString(), "--report", "json")).isEqualTo(ExitStatus.CLEAN);
        JsonNode json = JsonMapper.shared().readTree(out.toString());
        assertThat(json.get("lab").stringValue()).isEqualTo("net");
        assertThat(json.get("board").stringValue()).isEqualTo("zynqmp");
        assertThat(json.get("framesReceived").intValue()).isEqualTo(101);
        assertThat(json.get("findings").isEmpty()).isTrue();
    }

    @Test
    void aFileThatIsNoCaptureIsRefusedByItsName() throws IOException {
        Path text = Files.writeString(folder.resolve("a.txt"), "no frames here, only words");
        isRefused(
                "--in " + text + ": is no pcap file: it begins with 0x6e6f2066",
                "--in",
                text.toString());
    }

    @Test
    void aCaptureWithoutFramesIsRefused() throws IOException {
        Path empty = folder.resolve("empty.pcap");
        Files.write(empty, new Capture(List.of()).toBytes());
        isRefused("--in " + empty + ": there are no frames in it", "--in", empty.toString());
    }

    @Test
    void aFileThatIsNotThereIsRefused() {
        isRefused("--in nowhere.pcap: no such file", "--in", "nowhere.pcap");
    }

    @Test
    void aFolderIsRefused() {
        isRefused("--in " + folder + ": is a folder", "--in", folder.toString());
    }

    @Test
    void ringsThatNobodyHasAreRefused() {
        for (String ring : List.of("0", "129")) {
            isRefused("--ring " + ring, "--in", FRAMES.toString(), "--ring", ring);
        }
    }

    @Test
    void aBoardWithoutMacsIsRefused() {
        isRefused("board 'rpi3' has 0", "--in", FRAMES.toString(), "--board", "rpi3");
    }

    @Test
    void nothingIsLeftWhereTheFileCannotBeWritten() {
        isRefused(
                "--out",
                "--in",
                FRAMES.toString(),
                "--out",
                folder.resolve("no/such/b.pcap").toString());
    }
}
