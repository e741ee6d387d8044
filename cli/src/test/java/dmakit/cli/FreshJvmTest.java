package dmakit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The same seed in two JVMs that agree on nothing a run could lean on by mistake: identity hashes,
 * the size of the heap, the language.
 */
class FreshJvmTest {
    private static final List<String> RANDOM_IDENTITY =
            List.of("-XX:+UnlockExperimentalVMOptions", "-XX:hashCode=0", "-Xmx200m");
    private static final List<String> SEQUENTIAL_IDENTITY =
            List.of(
                    "-XX:+UnlockExperimentalVMOptions",
                    "-XX:hashCode=3",
                    "-Xshare:off",
                    "-Duser.language=ar",
                    "-Duser.timezone=Asia/Kolkata");

    @TempDir private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"m2m", "ram2ram", "mmap"})
    void theSameSeedGivesTheSameTraceByteForByte(String lab)
            throws IOException, InterruptedException {
        Path first = folder.resolve("first.jsonl");
        Path second = folder.resolve("second.jsonl");
        Forked.Outcome one = run(RANDOM_IDENTITY, lab, first);
        Forked.Outcome other = run(SEQUENTIAL_IDENTITY, lab, second);
        assertThat(one.status()).as(one.err()).isZero();
        assertThat(other).isEqualTo(one);
        assertThat(first).isNotEmptyFile().hasSameBinaryContentAs(second);
    }

    @ParameterizedTest
    @ValueSource(strings = {"pio-vs-dma", "mapping"})
    void theSameSeedGivesTheSameAnswerAndPictureByteForByte(String lab)
            throws IOException, InterruptedException {
        Path first = folder.resolve("first.svg");
        Path second = folder.resolve("second.svg");
        Forked.Outcome one = draw(RANDOM_IDENTITY, lab, first);
        Forked.Outcome other = draw(SEQUENTIAL_IDENTITY, lab, second);
        assertThat(one.status()).as(one.err()).isZero();
        assertThat(other).isEqualTo(one);
        assertThat(first).isNotEmptyFile().hasSameBinaryContentAs(second);
    }

    private Forked.Outcome draw(List<String> jvmOptions, String lab, Path picture)
            throws IOException, InterruptedException {
        return Forked.run(
                folder,
                Forked.command(
                        jvmOptions,
                        "lab",
                        lab,
                        "--sizes",
                        "16,256,16K",
                        "--cache",
                        "adversary",
                        "--seed",
                        "20",
                        "--plot",
                        picture.toString()));
    }

    private Forked.Outcome run(List<String> jvmOptions, String lab, Path trace)
            throws IOException, InterruptedException {
        return Forked.run(
                folder,
                Forked.command(
                        jvmOptions,
                        "lab",
                        lab,
                        "--cache",
                        "adversary",
                        "--seed",
                        "20",
                        "--trace",
                        trace.toString()));
    }
}
