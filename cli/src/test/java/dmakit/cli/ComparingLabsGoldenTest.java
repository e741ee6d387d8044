package dmakit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the comparing labs say and draw, to the byte, from the usual sizes and seed 1. */
class ComparingLabsGoldenTest {
    @TempDir private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"pio-vs-dma", "mapping"})
    void aLabSaysAndDrawsWhatItDid(String lab) throws IOException {
        Path picture = folder.resolve("picture.svg");
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status =
                Main.run(
                        new PrintWriter(out),
                        new PrintWriter(err, true),
                        "lab",
                        lab,
                        "--plot",
                        picture.toString());
        assertThat(status).as(err.toString()).isZero();
        equalsAccepted(lab + ".txt", out.toString());
        equalsAccepted(lab + ".svg", Files.readString(picture));
    }

    private static void equalsAccepted(String name, String text) throws IOException {
        Path file =
                Path.of(System.getProperty("dmakit.root"))
                        .resolve("spec/golden/labs")
                        .resolve(name);
        if (Boolean.getBoolean("golden.accept")) {
            Files.writeString(file, text);
        }
        assertThat(text).isEqualTo(Files.readString(file));
    }
}
