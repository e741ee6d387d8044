package dmakit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * Modules in C and what is found in them: nothing in clean ones, whatever the seed, and in each of
 * the others the mistake that was planted, at its line.
 *
 * <p>A comment says what to expect: {@code !unmap-size} a finding shown at this line, {@code
 * !leak-memory allocated} one whose memory this line allocated, {@code !atomic-imbalance any} one
 * at any line. {@code // run:} at the top has further arguments, {@code // also:} further ids that
 * follow from the mistake.
 */
class CorpusIT {
    private static final Pattern EXPECTED = Pattern.compile("/\\* !([\\w|-]+)(?: (\\w+))? \\*/");
    private static final int SEED_COUNT = 50;

    @BeforeAll
    static void needsACompiler() {
        Corpus.needsACompiler();
    }

    static List<String> clean() {
        return Corpus.sources("clean");
    }

    static List<String> planted() {
        return Corpus.sources("planted");
    }

    @ParameterizedTest
    @MethodSource("clean")
    void aCleanModuleIsCleanWhateverTheSeed(String name) throws IOException {
        Path source = Corpus.source("clean", name);
        for (int seed = 1; seed <= SEED_COUNT; seed++) {
            Corpus.Run run =
                    Corpus.run(source, "--cache", "adversary", "--seed", String.valueOf(seed));
            assertThat(run.status()).as("seed %d: %s", seed, run).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("planted")
    void aPlantedMistakeIsFoundAtItsLine(String name) throws IOException {
        Path source = Corpus.source("planted", name);
        List<String> lines = Files.readAllLines(source);
        Corpus.Run run = Corpus.run(source);
        assertThat(run.status()).as("%s", run).isEqualTo(ExitStatus.FAILED);
        Set<String> expected = also(lines);
        for (int i = 0; i < lines.size(); i++) {
            Matcher wanted = EXPECTED.matcher(lines.get(i));
            if (wanted.find()) {
                List<String> ids = List.of(wanted.group(1).split("\\|"));
                int line = i + 1;
                String role = wanted.group(2);
                expected.addAll(ids);
                assertThat(run.findings())
                        .as("line %d: %s", line, run)
                        .anyMatch(finding ->
                                ids.contains(finding.path("id").asString())
                                        && isAt(finding, role, source, line));
            }
        }
        assertThat(run.findings())
                .as("nothing else: %s", run)
                .allMatch(finding -> expected.contains(finding.path("id").asString()));
    }

    private static boolean isAt(JsonNode finding, String role, Path source, int line) {
        if ("any".equals(role)) {
            return true;
        }
        if (role == null) {
            return isPlace(finding, source, line);
        }
        for (JsonNode site : finding.path("sites")) {
            if (site.path("role").asString().equals(role) && isPlace(site, source, line)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isPlace(JsonNode place, Path source, int line) {
        return place.path("line").asInt() == line
                && place.path("file").asString().equals(source.toString());
    }

    private static Set<String> also(List<String> lines) {
        for (String line : lines) {
            if (line.startsWith("// also:")) {
                return new TreeSet<>(List.of(line.substring(8).strip().split(" ")));
            }
        }
        return new TreeSet<>();
    }
}
