package dmakit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the answer goes, in a process of its own. */
class StandardOutputTest {
    @TempDir private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"lab m2m", "topo rpi3 --report json"})
    void aReaderThatHasHadEnoughIsNoFailure(String line) throws IOException, InterruptedException {
        Path err = folder.resolve("err");
        Process process =
                Forked.command(List.of(), line.split(" ")).redirectError(err.toFile()).start();
        // Gone before the first byte.
        process.getInputStream().close();
        assertThat(Forked.statusOf(process)).isZero();
        assertThat(err).isEmptyFile();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void anAnswerThatDoesNotFitIsOneLineAndStatusTwo() throws IOException, InterruptedException {
        Path err = folder.resolve("err");
        Process process =
                Forked.command(List.of(), "boards")
                        .redirectOutput(new File("/dev/full"))
                        .redirectError(err.toFile())
                        .start();
        assertThat(Forked.statusOf(process)).isEqualTo(2);
        assertThat(Files.readString(err))
                .isEqualToNormalizingNewlines("dmakit: standard output: No space left on device\n");
    }
}
